"""What a connection may take of memory and time."""

from __future__ import annotations

BACKLOG = 1 << 20
"""Bytes of messages that may wait for their turn; each counts `MESSAGE` more than its length."""
MESSAGE = 4096
SHORT = 131
"""Longest read that may be a single short text."""
RUNNING = 256
"""Handlers of one connection that may be blocked at the same time."""
EARLY = 1 << 16
"""Bytes kept for a socket that has no listener yet."""
HIGH = 1 << 18
"""Bytes that wait to be sent from which on a connection counts as congested."""
LOW = HIGH // 4
GATHERED = 64
"""Frames gathered before they are written."""
LINGER = 2.0
"""Seconds for each step of a connection's end: the peer's Close, its end of stream, the rest of the output."""
