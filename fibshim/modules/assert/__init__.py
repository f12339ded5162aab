"""`assert`: all of it is JavaScript."""
