"""`base64vlq`: all of it is JavaScript."""
