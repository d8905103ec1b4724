"""The few lines of Protocol Buffers' encoding that a file of somebody else's format needs.

Source: https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

import struct

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types


def varint(value: int) -> bytes:
    """A whole number of at least 0: seven bits a byte, the lowest first.

    >>> varint(1), varint(150)
    (b'\\x01', b'\\x96\\x01')
    """
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def integer_field(number: int, value: int) -> bytes:
    """
    >>> integer_field(1, 150)
    b'\\x08\\x96\\x01'
    """
    return varint(number << 3 | _VARINT) + varint(value)


def bytes_field(number: int, value: bytes | str) -> bytes:
    """A text, or an inner message that is encoded already.

    >>> bytes_field(2, "testing")
    b'\\x12\\x07testing'
    """
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | _BYTES) + varint(len(content)) + content


def float_field(number: int, value: float) -> bytes:
    return varint(number << 3 | _FIXED32) + struct.pack("<f", value)


def double_field(number: int, value: float) -> bytes:
    return varint(number << 3 | _FIXED64) + struct.pack("<d", value)
