"""`test`: all of it is JavaScript."""
