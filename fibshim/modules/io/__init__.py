"""`io`: all of it is JavaScript."""
