"""The network interfaces of the system, by `getifaddrs` of the C library (loaded only when asked for)."""

from __future__ import annotations

import ctypes
import socket
import sys
from typing import Any

UP, LOOPBACK, RUNNING = 0x1, 0x8, 0x40
LINUX = sys.platform == "linux"
LINK = 17 if LINUX else 18
"""The family of hardware addresses: AF_PACKET or AF_LINK."""


class _Entry(ctypes.Structure):
    pass


_Entry._fields_ = [
    ("next", ctypes.POINTER(_Entry)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.c_void_p),
    ("netmask", ctypes.c_void_p),
]


def _family(address: int) -> int:
    if LINUX:
        return ctypes.c_uint16.from_address(address).value
    return ctypes.c_uint8.from_address(address + 1).value


def _text(address: int, family: int) -> str:
    """An IP address as text."""
    if family == socket.AF_INET:
        return socket.inet_ntop(family, ctypes.string_at(address + 4, 4))
    return socket.inet_ntop(family, ctypes.string_at(address + 8, 16))


def _hardware(address: int) -> str:
    """A hardware address as text: upper case on Linux."""
    if LINUX:
        size = ctypes.c_uint8.from_address(address + 11).value
        return ctypes.string_at(address + 12, size).hex(":").upper()
    skip = ctypes.c_uint8.from_address(address + 5).value
    size = ctypes.c_uint8.from_address(address + 6).value
    return ctypes.string_at(address + 8 + skip, size).hex(":")


def addresses() -> dict[str, list[dict[str, Any]]]:
    """The addresses by interface, in the system's order.

    :raises OSError: if the system does not tell.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    first = ctypes.POINTER(_Entry)()
    if libc.getifaddrs(ctypes.byref(first)) != 0:
        raise OSError(ctypes.get_errno(), "getifaddrs")
    found: dict[str, list[dict[str, Any]]] = {}
    hardware: dict[str, str] = {}
    try:
        at = first
        while at:
            entry = at.contents
            at = entry.next
            if entry.flags & (UP | RUNNING) != UP | RUNNING or not entry.address:
                continue
            name = entry.name.decode("utf-8", "replace")
            family = _family(entry.address)
            if family == LINK:
                hardware[name] = _hardware(entry.address)
            elif family in (socket.AF_INET, socket.AF_INET6):
                found.setdefault(name, []).append(
                    {
                        "address": _text(entry.address, family),
                        "netmask": _text(entry.netmask, family) if entry.netmask else "",
                        "family": "IPv4" if family == socket.AF_INET else "IPv6",
                        "internal": bool(entry.flags & LOOPBACK),
                    }
                )
    finally:
        libc.freeifaddrs(first)
    for name, items in found.items():
        for item in items:
            if hardware.get(name):
                item["mac"] = hardware[name]
    return found
