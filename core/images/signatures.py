"""What a file is, told by its first bytes and, where those need not be read, by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

AS_JPEG = "save it as JPEG or PNG first"


@dataclass(frozen=True)
class FileKind:
    """A kind of file: how it begins (a pattern), what to call it, and what to do with one that is not read here."""

    pattern: bytes
    name: str
    way_out: str = AS_JPEG
    is_picture: bool = True

    @property
    def reason(self) -> str:
        """The name without what is added after a comma."""
        return self.name.partition(",")[0]


def _box(*brands: str) -> bytes:
    """The beginning of files made of boxes (MP4 and its relatives), by their main brand."""
    return rb"[\0-\xff]{4}ftyp(" + "|".join(brands).encode() + rb")"


# fmt: off
READ = (
    FileKind(rb"\xff\xd8\xff", "a JPEG image"),
    FileKind(rb"\x89PNG\r\n(?!\x1a\n[\0-\xff]{4}CgBI)", "a PNG image"),
    FileKind(rb"GIF8[79]a", "a GIF image"),
    FileKind(rb"BM[\0-\xff]{4}\0\0\0\0", "a BMP image"),
    FileKind(rb"RIFF[\0-\xff]{4}WEBP", "a WebP image"),
    FileKind(rb"(II[*+]\0|MM\0[*+])(?![\0-\xff]{4}CR\x02)", "a TIFF image"),
    FileKind(_box("avif", "avis"), "an AVIF image"),
    FileKind(rb"P([1-6]|[fF]\s)\s", "a PPM image"),
    FileKind(rb"\0\0\0\x0cjP  \r\n|\xff\x4f\xff\x51", "a JPEG 2000 image"),
)
NOT_READ = (
    FileKind(_box("hei[cxmsf]", "hev[cxms]", "mif1", "msf1"), "an HEIC photo, which is not supported",
             "export it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)"),
    FileKind(rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL image"),
    FileKind(rb"II\*\0[\0-\xff]{4}CR\x02|IIR[OS]\x08|MMOR|IIU\0|FUJIFILMCCD-RAW|FOVb|\0MRM|" + _box("crx "),
             "a camera RAW photo", "develop it to JPEG first"),
    FileKind(rb"8BPS", "a Photoshop file"),
    FileKind(rb"gimp xcf", "a GIMP file"),
    FileKind(rb"(?i)\s*(<!doctype html|<html|<head)", "a web page",
             "download the image itself instead of the page that shows it"),
    FileKind(rb"(?i)\s*(<[\0-\xff]*)?<svg", "an SVG drawing, which has no pixels"),
    FileKind(rb"\0\0[\x01\x02]\0[^\0]\0", "an icon (ICO)"),
    FileKind(rb"icns", "an icon (ICNS)"),
    FileKind(rb"[\0-\xff]{128}DICM", "a DICOM image", "export it as PNG first"),
    FileKind(rb"SIMPLE  =", "a FITS image", "export it as PNG first"),
    FileKind(rb"v/1\x01|#\?RADIANCE", "an image of high dynamic range"),
    FileKind(rb"DDS \|", "a DDS texture"),
    FileKind(rb"II\xbc\x01", "a JPEG XR image"),
    FileKind(rb"AT&TFORM", "a DjVu document"),
    FileKind(rb"\x89PNG\r\n\x1a\n[\0-\xff]{4}CgBI", "a PNG as Apple packs it into apps (CgBI)",
             "take the image from before it was packed, or convert it on a Mac"),
    FileKind(rb"\0\0[\x02\x03\x0a\x0b]\0{5}[\0-\xff]{8}[\x08\x0f\x10\x18\x20][\0-\x3f]", "a Targa image (TGA)"),
    FileKind(rb"\x0a[\0\x02-\x05]\x01[\x01\x02\x04\x08]", "a PCX image"),
    FileKind(rb"qoif[\0-\xff]{8}[\x03\x04][\0\x01]", "a QOI image"),
    FileKind(rb"\x01\xda[\0\x01][\x01\x02]\0[\x01-\x03]", "an SGI image"),
    FileKind(rb"BPG\xfb", "a BPG image"),
    FileKind(rb"\xd7\xcd\xc6\x9a|\x01\0{3}[\0-\xff]{36} EMF", "a Windows drawing (WMF or EMF)"),
)
OTHERS = (
    FileKind(rb"%PDF", "a PDF document", is_picture=False),
    FileKind(rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript drawing", is_picture=False),
    FileKind(_box("isom", "iso[2-9]", "mp4[12]", "avc1", "qt  ", "M4[VA] ", "3g[p2].", "dash", "MSNV")
             + rb"|[\0-\xff]{4}(moov|mdat|wide)|\x1aE\xdf\xa3|RIFF[\0-\xff]{4}AVI |FLV\x01|OggS|\0\0\x01[\xba\xb3]",
             "a video", "save some of its frames as JPEG or PNG first", is_picture=False),
    FileKind(rb"PK\x03\x04", "a zip archive", "unpack it first", is_picture=False),
    FileKind(rb"7z\xbc\xaf|Rar!\x1a|\x1f\x8b|BZh[1-9]1AY|\xfd7zXZ", "an archive", "unpack it first", is_picture=False),
    FileKind(rb"version https://git-lfs", "a Git LFS pointer, which only stands for the image",
             "run git lfs pull in the repository that it comes from", is_picture=False),
    FileKind(rb"d(8:announce|10:created by|13:announce-list|7:comment)", "a torrent file",
             "download with it what it stands for", is_picture=False),
    FileKind(rb"\0\x05\x16\x07", "a file of macOS that accompanies an image", "leave it out", is_picture=False),
    FileKind(rb"\x93NUMPY|\x89HDF", "an array", is_picture=False),
    FileKind(rb"\0\0[\x08\x09\x0b-\x0e][\x01-\x04]\0", "an array in the IDX format, as MNIST is published",
             "save each image as a file, in a folder for its class", is_picture=False),
    FileKind(rb"\x80[\x02-\x05][\0-\xff]", "a pickle, as CIFAR is published, which could run anybody's code",
             "save each image as a file, in a folder for its class", is_picture=False),
)
PICTURE_SUFFIXES = {  # of files that are meant as pictures, whether they can be read here or not
    "jpg", "jpeg", "jpe", "jfif", "pjpeg", "png", "apng", "gif", "bmp", "dib", "webp", "tif", "tiff", "avif",
    "ppm", "pgm", "pbm", "pnm", "pfm", "heic", "heif", "jp2", "j2k", "jpx", "jpf", "jxl", "psd", "svg", "ico",
    "cr2", "cr3", "nef", "arw", "dng", "raf", "orf", "rw2", "pef", "srw", "tga", "dcm", "xcf",
}
OTHER_SUFFIXES = {  # of files that are never pictures, so that nobody need look into them
    "txt", "csv", "tsv", "json", "jsonl", "xml", "yaml", "yml", "md", "rst", "html", "htm", "py", "ipynb", "m", "r",
    "sh", "bat", "ini", "cfg", "log", "db", "mat", "npy", "npz", "pkl", "pt", "pth", "h5", "hdf5", "parquet", "xls",
    "xlsx", "doc", "docx", "pdf", "zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "exe", "dll", "lnk", "url",
    "mp4", "mov", "avi", "mkv", "webm", "mp3", "wav",
}
# fmt: on
KINDS = READ + NOT_READ + OTHERS
SYSTEM = re.compile(r"\.|__MACOSX$|(thumbs|ehthumbs)\.db$|desktop\.ini$|\$RECYCLE\.BIN$|@eaDir$", re.IGNORECASE)


def kind_of(head: bytes) -> FileKind | None:
    """The kind of a file that begins with these bytes (some hundred will do), or None if it is none that we know.

    >>> kind_of(b"%PDF-1.7").name, kind_of(b"hello")
    ('a PDF document', None)
    """
    head = head[:1024]
    return next((kind for kind in KINDS if re.match(kind.pattern, head)), None)


def is_system_file(path: str) -> bool:
    """Whether a system made a file for itself: .DS_Store, __MACOSX, Thumbs.db, .ipynb_checkpoints and their like.

    >>> is_system_file("__MACOSX/cat/._1.jpg"), is_system_file("cat/1.jpg")
    (True, False)
    """
    return any(SYSTEM.match(part) for part in path.split("/"))


def could_be_image(path: str, head: bytes | Callable[[], bytes]) -> bool:
    """Whether a file was meant as a picture: by its suffix, else by its first bytes; system files never are.

    Args: `path` with `/` between its parts; `head` the file's first bytes, or how to read them: only called
    where the name leaves it open (`cat.jpg?w=300`, `photo.of.a.cat`, no suffix).

    >>> could_be_image("cat/1.JPG", b""), could_be_image("cat/.DS_Store", b""), could_be_image("notes.txt", b"")
    (True, False, False)
    >>> could_be_image("cat/photo.of.a.cat", lambda: b"GIF89a")
    True
    """
    if is_system_file(path):
        return False
    _, dot, suffix = path.rpartition("/")[2].lower().rpartition(".")
    if dot and (suffix in PICTURE_SUFFIXES or suffix in OTHER_SUFFIXES):
        return suffix in PICTURE_SUFFIXES
    kind = kind_of(head if isinstance(head, bytes) else head())
    return kind is not None and kind.is_picture and kind.name != "a web page"
