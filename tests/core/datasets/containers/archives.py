"""Archives as the tools of this world write them, with small images inside."""

import io
import struct
import tarfile
import zipfile
import zlib

import numpy as np
from PIL import Image

from core.datasets.reading.containers import open_archive


def png(seed: int = 0) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (9, 12, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


FILES = {f"{kind}/{n}.png": png(10 * label + n) for label, kind in enumerate(("cat", "dog")) for n in range(3)}


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w", **options) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, **options) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def raw_zip(files: dict[bytes, bytes], method: int = 0, flags: int = 0, extra: bytes = b"", mode: int = 0) -> bytes:
    """A ZIP whose names are these bytes, written as it is: stored content, labelled as compressed by `method`."""
    body, table = b"", b""
    for name, data in files.items():
        numbers = (20, flags, method, 0, 0, zlib.crc32(data), len(data), len(data), len(name), len(extra))
        head = struct.pack("<HHHHHIIIHH", *numbers)
        table += b"PK\x01\x02\x14\x03" + head + struct.pack("<HHHII", 0, 0, 0, mode << 16, len(body)) + name + extra
        body += b"PK\x03\x04" + head + name + extra + data
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(table), len(body), 0)
    return body + table + b"PK\x05\x06" + end


def contents(archive: bytes) -> dict[str, bytes]:
    """What is read from an archive, by path."""
    return {path: file.read() for path, file in open_archive(io.BytesIO(archive)).files.items()}
