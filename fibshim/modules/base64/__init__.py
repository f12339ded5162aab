"""`base64`: all of it is JavaScript."""
