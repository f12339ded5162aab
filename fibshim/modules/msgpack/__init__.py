"""`msgpack`: all of it is JavaScript."""
