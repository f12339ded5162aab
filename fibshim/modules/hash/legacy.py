"""MD2 (RFC 1319) and MD4 (RFC 1320), which hashlib lacks, in hashlib's form."""

from __future__ import annotations

import struct
from collections.abc import Callable

_PI = bytes.fromhex(
    "292e43c9a2d87c013d3654a1ecf0061362a705f3c0c7738c98932bd9bc4c82ca"
    "1e9b573cfdd4e01667426f188a17e512be4ec4d6da9ede49a0fbf58ebb2fee7a"
    "a968799115b2073f94c210890b225f21807f5d9a5a903227353ecce7bff79703"
    "ff1930b348a5b5d1d75e922aac56aac64fb838d296a47db676fc6be29c7404f1"
    "459d705964718720865bcf65e62da8021b6025adaeb0b9f61c46616934407e0f"
    "5547a323dd51af3ac35cf9cebac5ea262c530d6e85288409d3dfcdf441814d52"
    "6adc37c86cc1abfa24e17b080cbdb14a7888958be363e86de9cbd5fe3b001d39"
    "f2efb70e6658d0e4a67772f8eb754b0a314450b48fed1f1adb998d339f118314"
)
"""A permutation made from the digits of pi (RFC 1319)."""


class _Blocks:
    """A digest that takes its input in blocks.

    :ivar rest: what does not fill a block yet.
    """

    name = ""
    block_size = 0
    digest_size = 16

    def __init__(self, data: bytes = b"") -> None:
        self.rest = b""
        self.size = 0
        if data:
            self.update(data)

    def update(self, data: bytes) -> None:
        """Add data."""
        self.size += len(data)
        data = self.rest + data
        whole = len(data) - len(data) % self.block_size
        for at in range(0, whole, self.block_size):
            self._block(data[at : at + self.block_size])
        self.rest = data[whole:]

    def _block(self, block: bytes) -> None:
        raise NotImplementedError

    def digest(self) -> bytes:
        """The digest of what was added; adding may go on."""
        raise NotImplementedError

    def hexdigest(self) -> str:
        """As `digest`, in hex."""
        return self.digest().hex()


class Md2(_Blocks):
    """RFC 1319."""

    name = "md2"
    block_size = 16

    def __init__(self, data: bytes = b"") -> None:
        self.checksum = bytearray(16)
        self.state = bytearray(48)
        super().__init__(data)

    def copy(self) -> Md2:
        """An independent copy."""
        made = Md2()
        made.rest, made.size = self.rest, self.size
        made.checksum, made.state = bytearray(self.checksum), bytearray(self.state)
        return made

    def _block(self, block: bytes) -> None:
        last = self.checksum[15]
        for i in range(16):
            last = self.checksum[i] = self.checksum[i] ^ _PI[block[i] ^ last]
        self._mix(block)

    def _mix(self, block: bytes) -> None:
        state = self.state
        for i in range(16):
            state[16 + i] = block[i]
            state[32 + i] = block[i] ^ state[i]
        last = 0
        for i in range(18):
            for k in range(48):
                last = state[k] = state[k] ^ _PI[last]
            last = (last + i) & 255

    def digest(self) -> bytes:
        """The digest of what was added."""
        made = self.copy()
        padding = 16 - len(made.rest)
        made.update(bytes([padding]) * padding)
        made._mix(bytes(made.checksum))
        return bytes(made.state[:16])


def _rounds() -> list[tuple[Callable[[int, int, int], int], int, list[int], list[int]]]:
    """The three rounds of RFC 1320: function, constant, order of the words, shifts."""
    return [
        (lambda x, y, z: (x & y) | (~x & z), 0, list(range(16)), [3, 7, 11, 19]),
        (
            lambda x, y, z: (x & y) | (x & z) | (y & z),
            0x5A827999,
            [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
            [3, 5, 9, 13],
        ),
        (
            lambda x, y, z: x ^ y ^ z,
            0x6ED9EBA1,
            [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
            [3, 9, 11, 15],
        ),
    ]


class Md4(_Blocks):
    """RFC 1320."""

    name = "md4"
    block_size = 64
    _ROUNDS = _rounds()

    def __init__(self, data: bytes = b"") -> None:
        self.state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
        super().__init__(data)

    def copy(self) -> Md4:
        """An independent copy."""
        made = Md4()
        made.rest, made.size, made.state = self.rest, self.size, list(self.state)
        return made

    def _block(self, block: bytes) -> None:
        words = struct.unpack("<16I", block)
        a, b, c, d = self.state
        for function, constant, order, shifts in self._ROUNDS:
            for i, index in enumerate(order):
                total = (a + function(b, c, d) + words[index] + constant) & 0xFFFFFFFF
                shift = shifts[i & 3]
                a, d, c = d, c, b
                b = ((total << shift) | (total >> (32 - shift))) & 0xFFFFFFFF
        self.state = [(x + y) & 0xFFFFFFFF for x, y in zip(self.state, (a, b, c, d), strict=True)]

    def digest(self) -> bytes:
        """The digest of what was added."""
        made = self.copy()
        bits = self.size * 8
        made.update(
            b"\x80" + bytes((55 - self.size) % 64) + struct.pack("<Q", bits & (1 << 64) - 1)
        )
        return struct.pack("<4I", *made.state)
