"""`events`: all of it is JavaScript."""
