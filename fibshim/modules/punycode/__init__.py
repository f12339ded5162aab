"""`punycode`: all of it is JavaScript."""
