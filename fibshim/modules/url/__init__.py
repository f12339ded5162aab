"""`url`: all of it is JavaScript."""
