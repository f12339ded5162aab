"""`encoding`: all of it is JavaScript."""
