"""`bson`: all of it is JavaScript."""
