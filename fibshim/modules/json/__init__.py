"""`json`: all of it is JavaScript."""
