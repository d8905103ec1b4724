"""What a file is, told by its first bytes and, where those need not be read, by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

# fmt: off
PICTURES = {  # suffixes of files that are meant as pictures, whether they can be read here or not
    "jpg", "jpeg", "jpe", "jfif", "pjpeg", "png", "apng", "gif", "bmp", "dib", "webp", "tif", "tiff", "avif",
    "ppm", "pgm", "pbm", "pnm", "pfm", "heic", "heif", "jp2", "j2k", "jpx", "jpf", "jxl", "psd", "svg", "ico",
    "cr2", "cr3", "nef", "arw", "dng", "raf", "orf", "rw2", "pef", "srw", "raw",
}
OTHERS = {  # suffixes of files that are never pictures, so that nobody need look into them
    "txt", "csv", "tsv", "json", "jsonl", "xml", "yaml", "yml", "md", "rst", "html", "htm", "py", "ipynb", "m", "r",
    "sh", "bat", "ini", "cfg", "log", "db", "mat", "npy", "npz", "pkl", "pt", "pth", "h5", "hdf5", "parquet", "xls",
    "xlsx", "doc", "docx", "zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "exe", "dll", "lnk", "url",
}
# fmt: on
SYSTEM = re.compile(r"\.|__MACOSX$|(thumbs|ehthumbs)\.db$|desktop\.ini$", re.IGNORECASE)
SIGNATURE = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r|GIF8[79]a|BM.{4}\0\0\0\0|RIFF....WEBP|II\*\0|MM\0\*|II\+\0|MM\0\+|P[1-6fF]\s"
    rb"|....ftyp(avi[fs]|hei[cxms]|hev[cx]|mif1|msf1|jp2 )|\0\0\0\x0cjP  |\xff\x4f\xff\x51|\xff\x0a|\0\0\0\x0cJXL ",
    re.DOTALL,
)


def could_be_image(path: str, head: bytes | Callable[[], bytes]) -> bool:
    """Whether a file was meant as a picture: by its suffix, else by its first bytes; system files never are.

    Args: `path` with `/` between its parts; `head` the file's first bytes, or how to read them: only called
    where the name leaves it open (`cat.jpg?w=300`, `photo.of.a.cat`, no suffix).

    >>> could_be_image("cat/1.JPG", b""), could_be_image("cat/.DS_Store", b""), could_be_image("notes.txt", b"")
    (True, False, False)
    >>> could_be_image("cat/photo.of.a.cat", lambda: b"GIF89a")
    True
    """
    parts = PurePosixPath(path).parts
    if any(SYSTEM.match(part) for part in parts):
        return False
    suffix = parts[-1].rpartition(".")[2].lower() if parts and "." in parts[-1] else ""
    if suffix in PICTURES or suffix in OTHERS:
        return suffix in PICTURES
    return SIGNATURE.match(head if isinstance(head, bytes) else head()) is not None
