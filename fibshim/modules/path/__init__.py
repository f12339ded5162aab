"""`path`: all of it is JavaScript."""
