"""Decompressors that never give more than they are allowed at a time, whatever the bytes promise."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from core.datasets.reading.containers.byte_source import PIECE

MEMORY_CAP = 80_000_000  # bytes for the dictionary of an xz stream; `xz -9` takes 68 million
GZIP, RAW_DEFLATE = 31, -15  # as zlib calls them


class Decompressor(Protocol):
    """The interface of `bz2.BZ2Decompressor` and `lzma.LZMADecompressor`."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class Inflater:
    """zlib's decompressor with the interface of the other two."""

    def __init__(self, format: int) -> None:
        self._inner = zlib.decompressobj(format)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.eof and not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max(0, max_length))


def gzip_stream() -> Decompressor:
    return Inflater(GZIP)


def bzip2_stream() -> Decompressor:
    return bz2.BZ2Decompressor()


def xz_stream() -> Decompressor:
    """For .xz and for the older .lzma."""
    return lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=MEMORY_CAP)


def raw_lzma(properties: bytes, unpacked_bytes: int) -> Decompressor:
    """For the five bytes of properties that stand before LZMA data in a ZIP.

    The dictionary need not be longer than what is unpacked, which keeps a promise of gigabytes cheap.
    """
    packed = properties[0]
    dictionary = min(int.from_bytes(properties[1:5], "little"), max(4096, unpacked_bytes))
    lzma1 = {"id": lzma.FILTER_LZMA1, "lc": packed % 9, "lp": packed // 9 % 5, "pb": packed // 45}
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[lzma1 | {"dict_size": max(4096, dictionary)}])


def decompressed(pieces: Iterable[bytes], begin: Callable[[], Decompressor], several: bool = False) -> Iterator[bytes]:
    """What packed pieces unpack to, at most `PIECE` bytes at a time; with `several`, of all streams one after another.

    Raises: EOFError if the packed bytes end too early; what the decompressor raises on damage.
    """
    stream, begun = begin(), False
    for piece in pieces:
        pending = piece if begun or not several else piece.lstrip(b"\0")  # there may be padding between streams
        while pending or not stream.needs_input:
            unpacked = stream.decompress(pending, PIECE)
            begun, pending = begun or bool(pending), b""
            if unpacked:
                yield unpacked
            if stream.eof and not several:
                return
            if stream.eof:
                pending = stream.unused_data.lstrip(b"\0")
                stream, begun = begin(), False
    if begun:
        raise EOFError
