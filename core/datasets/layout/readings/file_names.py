"""Classes in file names, such as cat.0.jpg, dog (1).jpg, yorkshire_terrier_12.jpg and 0012_frog.png."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from core.datasets.layout.folders.roles import SPLIT_OF
from core.datasets.layout.naming import same_class, stem, words_of
from core.datasets.layout.readings.split_names import are_splits_of_one

EDGES = " ._-()[]#!"
NUMBER = r"[(\[]?\d+(?:T\d+)?[)\]]?"
COPY = re.compile(r"[\s._-]+(?:copy|kopie|copie)(?: ?\(\d+\))?$", re.IGNORECASE)  # what a file manager appends
PATTERNS = (  # the class is group 1; the first that gives two classes is taken
    re.compile(rf"(?:\d+[\s._-]+)*(\D*?[^\W\d_].*?)(?:(?:[\s._\-#]+{NUMBER})+|{NUMBER})"),  # cat_001_2, cat (1), cat1
    re.compile(rf"(.*?[^\W\d_].*)[\s._\-#]+{NUMBER}"),  # class_1_002: class_1
    re.compile(r"(?:[^\W\d_]*[\s._-]*)?\d+[\s._-]+(\D*[^\W\d_]\D*)"),  # 0012_frog
    re.compile(
        r"(\D*?[^\W\d_]\D*?)[\s._-]+(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{6,}(?:-[0-9a-z]{4,})*", re.IGNORECASE
    ),  # cat-3f2a1b
)
EXPORTED = re.compile(r"[_-](?:jpe?g|png|bmp|webp|gif|tiff?)\.rf\.\w{16,}$", re.IGNORECASE)  # what Roboflow appends
HASH = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f_-]+")  # 0cdf5b5d0ce1: an identity, no class
LONGEST = 200  # letters of a name that is looked at
NUMBERS = re.compile(r"(\d+(?:_\d+)+)(?:\.\D.*)?")
CAMERAS = {  # what cameras, phones, browsers and scripts call a file: no class
    *("img", "imgs", "image", "images", "imag", "dsc", "dscn", "dscf", "photos", "pictures", "pic", "pics", "pict"),
    *("p", "pxl", "screenshot", "frame", "frames", "file", "download", "unnamed", "untitled", "snapshot", "capture"),
    *("mvimg", "vid", "gopr", "sam", "cimg", "dcim", "foto", "bild", "imagen", "wa", "whatsapp", "burst", "index"),
    *("received", "fb", "telegram", *SPLIT_OF),
}
OFTEN = {"photo", "picture", "screen", "scan", "page", "slide", "sample", "video", "item", "thumb", "crop", "signal"}
GLUE = {
    "whats",
    "app",
    "at",
    "from",
    "ios",
    "of",
    "new",
    "edit",
    "edited",
    "copy",
    "kopie",
    "final",
    "cropped",
    "small",
}
MOST_NUMBERS = 100  # different values of a number in the names that could still be classes
CAT_BREEDS = {
    *("abyssinian", "bengal", "birman", "bombay", "british_shorthair", "egyptian_mau", "maine_coon", "persian"),
    *("ragdoll", "russian_blue", "siamese", "sphynx"),
}


def classes_in_names(name_of: Mapping[str, str]) -> dict[str, str]:
    """Path -> class, by the words before or after the number in each file's name; empty if that gives no two classes.

    A class has at least two files. One name in fifty, or a single one, may be of another form: it is not among
    those returned.
    """
    for pattern in PATTERNS:
        words = _words(name_of, pattern)
        if _are_classes(words, len(name_of)):
            return words
    return {}


def first_words(class_of: Mapping[str, str]) -> dict[str, str]:
    """Path -> first word of its class, such as cat of cat_black; empty if that gives no two, or no other classes."""
    firsts = {path: re.split(r"[\W_]+", name)[0] for path, name in class_of.items()}
    kinds = set(map(same_class, firsts.values()))
    return firsts if 1 < len(kinds) < len(set(map(same_class, class_of.values()))) else {}


def capital_classes(class_of: Mapping[str, str]) -> dict[str, str]:
    """Path -> class by whether the name begins with a capital letter: cats in the Oxford-IIIT Pet dataset."""
    names = set(class_of.values())
    capital = {name for name in names if name[0].isupper()}
    small = {name for name in names if name[0].islower()}
    if (
        not capital
        or not small
        or capital | small != names
        or set(map(same_class, capital)) & set(map(same_class, small))
    ):
        return {}
    is_pets = {name.lower() for name in capital} & CAT_BREEDS
    labels = ("cat", "dog") if is_pets else ("capital letter", "small letter")
    return {path: labels[name in small] for path, name in class_of.items()}


def number_classes(name_of: Mapping[str, str]) -> dict[int, dict[str, str]]:
    """Place of a number in names such as 39_1_20.jpg -> path -> its value, where values repeat; only to be offered."""
    stems = {path: stem(name) for path, name in name_of.items()}
    matches = {path: match.group(1) for path, text in stems.items() if (match := NUMBERS.fullmatch(text))}
    numbers = {path: text.split("_") for path, text in matches.items()}
    if len(numbers) < 0.9 * len(name_of) or not numbers:
        return {}
    length = min(map(len, numbers.values()))
    fields = {place: {path: found[place] for path, found in numbers.items()} for place in range(length)}
    return {
        place: values
        for place, values in fields.items()
        if 2 <= len(set(values.values())) <= min(MOST_NUMBERS, len(values) / 2)
    }


def _words(name_of: Mapping[str, str], pattern: re.Pattern[str]) -> dict[str, str]:
    stems = {path: COPY.sub("", EXPORTED.sub("", stem(name))) for path, name in name_of.items() if len(name) <= LONGEST}
    matches = {
        path: _closed(match.group(1).strip(EDGES)) for path, text in stems.items() if (match := pattern.fullmatch(text))
    }
    usable = {word for word in set(matches.values()) if _is_class(word)}
    words = {path: word for path, word in matches.items() if word in usable}
    known = set(map(same_class, words.values()))
    bare = {path: text for path, text in stems.items() if path not in words and same_class(text) in known}
    counts = Counter(map(same_class, [*words.values(), *bare.values()]))
    return {path: word for path, word in (words | bare).items() if counts[same_class(word)] > 1}


def _closed(name: str) -> str:
    """A name without a bracket that is not closed in it: photo (cat.

    >>> _closed("photo (cat"), _closed("cat (old)")
    ('photo cat', 'cat (old)')
    """
    return re.sub(r"\s*[(\[]\s*", " ", name).strip() if re.search(r"[(\[][^)\]]*$", name) else name


def _is_class(name: str) -> bool:
    """Whether a name can be a class: it is more than what a camera writes."""
    words = set(words_of(name))
    return bool(words) and not (words <= CAMERAS | OFTEN | GLUE and words & CAMERAS)


def _are_classes(words: Mapping[str, str], count: int) -> bool:
    """Whether there are two names, one of which is not often a camera's, for nearly all files."""
    keys = set(map(same_class, words.values()))
    is_said = any(not set(words_of(key)) <= OFTEN | GLUE for key in keys)
    hashes = sum(HASH.fullmatch(key) is not None for key in keys)
    if 2 * hashes > len(keys) or are_splits_of_one(keys):
        return False
    return len(keys) > 1 and is_said and count - len(words) <= max(1, count // 50)
