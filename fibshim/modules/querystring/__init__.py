"""`querystring`: all of it is JavaScript."""
