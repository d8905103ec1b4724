"""A PNG in colour that is too large for memory, read a strip of rows at a time: only its reduced picture is ever whole.

Pillow decodes a PNG as a whole. So the rows are unpacked here, and those of a strip handed to Pillow as a PNG of their
own, behind the row above them, which PNG's filters may refer to. Source: W3C, Portable Network Graphics, third edition.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {2: 3, 4: 2, 6: 4}  # by colour type: colours, grey with alpha, colours with alpha; a byte each
STRIP_BYTES = 2_000_000


@dataclass(frozen=True)
class StripedPng:
    """Where the pixels of a PNG are that can be read in strips: `parts` are begin and end of each piece in `data`."""

    data: bytes
    width: int
    height: int
    colour: int
    parts: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, data: bytes) -> StripedPng | None:
        """None if it is no PNG, or one of another depth, with a palette, interlaced, or with one transparent colour."""
        parts, header, at = [], b"", len(SIGNATURE)
        while data.startswith(SIGNATURE) and at + 8 <= len(data):
            size, kind = struct.unpack(">I4s", data[at : at + 8])
            if kind == b"IHDR":
                header = data[at + 8 : at + 8 + size]
            elif kind == b"tRNS":
                return None
            elif kind == b"IDAT":
                parts.append((at + 8, min(at + 8 + size, len(data))))
            at += 12 + size
        if len(header) != 13:
            return None
        width, height, depth, colour, *_, interlaced = struct.unpack(">IIBBBBB", header)
        if depth != 8 or colour not in CHANNELS or interlaced or not width * height:
            return None
        return cls(data, width, height, colour, tuple(parts))

    def strips(self, multiple: int = 1) -> Iterator[tuple[int, Image.Image]]:
        """From top to bottom, with the row at which each begins, a multiple of `multiple`.

        Raises: EOFError if rows are missing; what zlib and Pillow raise on damage.
        """
        row_bytes = self.width * CHANNELS[self.colour]
        height = max(1, STRIP_BYTES // row_bytes // multiple) * multiple
        rows, above = self._rows(row_bytes + 1, height), b""
        for top in range(0, self.height, height):
            count = min(height, self.height - top)
            strip = self._decoded(above, next(rows, b"")[: count * (row_bytes + 1)], count)
            above = strip.crop((0, count - 1, self.width, count)).tobytes()
            yield top, strip

    def _rows(self, row_bytes: int, height: int) -> Iterator[bytes]:
        """Packed rows as they were before compression, `height` at a time; those at the end may be fewer."""
        inflater, pending = zlib.decompressobj(), b""
        for begin, end in self.parts:
            packed = self.data[begin:end]
            while packed and not inflater.eof:
                pending += inflater.decompress(packed, row_bytes * height - len(pending))
                packed = inflater.unconsumed_tail
                if len(pending) == row_bytes * height:
                    yield pending
                    pending = b""
        while not inflater.eof and (more := inflater.decompress(b"", row_bytes * height - len(pending))):
            pending += more
            if len(pending) == row_bytes * height:
                yield pending
                pending = b""
        yield pending

    def _decoded(self, above: bytes, rows: bytes, count: int) -> Image.Image:
        """Rows, of which the first may refer to the one above."""
        if len(rows) < count * (1 + self.width * CHANNELS[self.colour]):
            raise EOFError("image file is truncated")
        first = bool(above)
        header = struct.pack(">IIBBBBB", self.width, count + first, 8, self.colour, 0, 0, 0)
        pixels = zlib.compress(b"\0" + above + rows if first else rows, 0)
        png = SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            return image.crop((0, int(first), self.width, count + first))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
