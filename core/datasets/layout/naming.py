"""Names of files and classes: their order, when two mean the same, and what of them can be shown."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata

DIGITS = re.compile(r"([0-9]+)")
LONGEST = 200  # letters of a class name


@functools.lru_cache(100_000)
def printable(class_name: str) -> str:
    r"""A folder's name, fit to be shown: composed letters, single spaces, bytes that are no UTF-8 read as Latin-1.

    Names of more than 200 letters are cut, and end in a few letters by which two of them still differ.

    >>> printable(" Zoe\u0308  the\x07 cat "), printable("caf\udce9")
    ('Zoë the cat', 'café')
    """
    whole = re.sub("[\udc80-\udcff]", lambda match: chr(ord(match.group()) - 0xDC00), class_name)
    shown = "".join(
        letter for letter in unicodedata.normalize("NFC", whole) if letter.isprintable() or letter in "\t\n\r"
    )
    shown = " ".join(shown.split())
    if len(shown) > LONGEST:
        shown = f"{shown[: LONGEST - 9]}…{hashlib.blake2b(shown.encode(errors='replace'), digest_size=4).hexdigest()}"
    return shown or "unnamed"


@functools.lru_cache(100_000)
def same_class(class_name: str) -> str:
    """A key that is equal for names that mean one class: `Cat`, `cat` and `cat `. Single letters keep their case.

    >>> same_class("Cat ") == same_class("cat"), same_class("A") == same_class("a")
    (True, False)
    """
    name = printable(class_name)
    return name if len(name) == 1 else name.casefold()


@functools.lru_cache(200_000)
def natural(text: str) -> list[tuple[int, int, str]]:
    """A sort key by which 2.jpg comes before 10.jpg.

    >>> sorted(["10.jpg", "2.jpg"], key=natural)
    ['2.jpg', '10.jpg']
    """
    parts = [part for part in DIGITS.split(text) if part]
    key = [(0, len(part.lstrip("0")), part.lstrip("0")) if part.isdecimal() else (1, 0, part) for part in parts]
    return [*key, (-1, 0, text)]  # 01 and 1 have an order, too


@functools.lru_cache(200_000)
def stem(file_name: str) -> str:
    """A file's name without its suffix.

    >>> stem("cat.0.jpg"), stem("cat"), stem("cat.jpg?w=300")
    ('cat.0', 'cat', 'cat')
    """
    scraped = re.sub(r"(\.[A-Za-z]\w{2,3})(\?.*|\.\d{1,3})$", r"\1", file_name)
    return re.sub(r"(?<=.)\.[A-Za-z][A-Za-z0-9]{1,4}$", "", scraped)


def without_zeros(number: str) -> str:
    """A number without zeros in front: a table may say 7 where the file or the folder is 00007.

    >>> without_zeros("007"), without_zeros("000")
    ('7', '0')
    """
    return number.lstrip("0") or "0"


def words_of(name: str) -> list[str]:
    """The words of a name in small letters, without digits.

    >>> words_of("trainingSet_02 (old)"), words_of("JPEGImages")
    (['training', 'set', 'old'], ['jpeg', 'images'])
    """
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", unicodedata.normalize("NFC", name))
    return [word.lower() for word in re.findall(r"[^\W\d_]+", parts)]


def quoted_list(names: list[str], limit: int = 4) -> str:
    """
    >>> quoted_list(["a", "b"]), quoted_list(["a", "b", "c"], limit=1)
    ("'a' and 'b'", "'a' and 2 more")
    """
    shown = [repr(name) for name in names[:limit]]
    if len(names) > limit:
        return f"{', '.join(shown)} and {len(names) - limit:,} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def counted(count: int, noun: str) -> str:
    """
    >>> counted(1, "image"), counted(1200, "image"), counted(2, "class")
    ('1 image', '1,200 images', '2 classes')
    """
    plural = noun + ("es" if noun.endswith(("s", "x")) else "s")
    return f"{count:,} {noun if count == 1 else plural}"
