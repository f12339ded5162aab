"""`base58`, of later versions: Bitcoin's alphabet, with or without version byte and checksum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fibshim.core.errors import FibError
from fibshim.core.ops import op

if TYPE_CHECKING:
    from fibshim.core.runtime import Runtime

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _checksum(data: bytes) -> bytes:
    from hashlib import sha256

    return sha256(sha256(data).digest()).digest()[:4]


@op()
def encode(rt: Runtime, data: bytes, version: int) -> str:
    """Bytes as base58.

    :param version: put this byte in front and a checksum behind; negative: neither.
    """
    if version >= 0:
        data = bytes([version & 255]) + data
        data += _checksum(data)
    number = int.from_bytes(data, "big")
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(ALPHABET[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(digits))


@op()
def decode(rt: Runtime, text: str, version: int) -> bytes:
    """The inverse of `encode`.

    :raises FibError: 100011 for a wrong character, version or checksum.
    """
    number = 0
    for letter in text:
        digit = ALPHABET.find(letter)
        if digit < 0:
            raise FibError(100011)
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    data = b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if version < 0:
        return data
    body = data[:-4]
    if len(data) < 5 or body[0] != version & 255 or _checksum(body) != data[-4:]:
        raise FibError(100011)
    return body[1:]
