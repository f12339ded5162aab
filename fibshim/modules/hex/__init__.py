"""`hex`: all of it is JavaScript."""
