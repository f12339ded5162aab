"""`iconv`: all of it is JavaScript."""
