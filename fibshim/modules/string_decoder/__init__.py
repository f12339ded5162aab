"""`string_decoder`: all of it is JavaScript."""
