"""`mq`: messages, handlers, chains and routing.  All of it is JavaScript."""
