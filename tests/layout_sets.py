"""Small sets in the layouts that people bring, each with the classes that it is to be read as."""

from __future__ import annotations

import io
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

Files = dict[str, bytes]


@dataclass(frozen=True)
class LayoutSet:
    """Bytes of an archive (or the files of a folder) and the images of each class in it."""

    content: Callable[[], bytes | Files]
    classes: dict[str, int]
    suffix: str = ".zip"

    def write(self, folder: Path, name: str) -> Path:
        """The archive or the folder on disk."""
        content = self.content()
        if isinstance(content, bytes):
            path = folder / f"{name}{self.suffix}"
            path.write_bytes(content)
            return path
        for inside, data in content.items():
            path = folder / name / inside
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder / name


def picture(seed: int) -> bytes:
    """A JPEG of coloured tiles, like no other."""
    tiles = np.random.default_rng(seed).integers(0, 255, (3, 4, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(tiles).resize((20, 15), Image.Resampling.NEAREST).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def pictures(paths: Iterable[str], first: int = 0) -> Files:
    return {path: picture(first + number) for number, path in enumerate(paths)}


def per_class(names: Iterable[str], count: int, form: str, first: int = 0) -> Files:
    """`form` has {c} for the class and {n} for a number from 1."""
    return pictures([form.format(c=name, n=n) for name in names for n in range(1, count + 1)], first)


def zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(files: Files) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def in_code_page(files: Files, encoding: str) -> bytes:
    """A ZIP as Windows writes it where names are not English: in the code page, without saying which."""
    plain = {name: name.encode(encoding) for name in files}
    stand_in = {name: "".join(chr(0x61 + byte % 26) for byte in data) for name, data in plain.items()}
    content = zipped({f"{number:03}{text[3:]}": files[name] for number, (name, text) in enumerate(stand_in.items())})
    for number, (name, text) in enumerate(stand_in.items()):
        content = content.replace(f"{number:03}{text[3:]}".encode(), plain[name])
    return content


CATS_DOGS = ("cat", "dog")
TABLE = "id,breed\n" + "".join(f"{n:06x},{CATS_DOGS[n % 2]}\n" for n in range(1, 9))
BREEDS = [f"breed {number:03}" for number in range(120)]


def _kaggle() -> Files:
    train = pictures([f"train/{c}.{n}.jpg" for c in CATS_DOGS for n in range(4)])
    return train | pictures([f"test1/{n}.jpg" for n in range(1, 4)], 50)


def _nested() -> Files:
    train = pictures([f"{c}.{n}.jpg" for c in CATS_DOGS for n in range(4)])
    return {"train.zip": zipped(train), "test1.zip": zipped(pictures(["1.jpg", "2.jpg"], 50))}


def _masks() -> Files:
    images = per_class(("covid", "normal"), 3, "{c}/images/{c}-{n}.png")
    return images | per_class(("covid", "normal"), 3, "{c}/masks/{c}-{n}.png", 40)


def _twins() -> Files:
    return {
        **per_class(("Cat", "Dog"), 3, "train/{c}/{n}.jpg"),
        **per_class(("cat", "dog"), 2, "val/{c}/{n}.jpg", 30),
    }


def _accents() -> Files:
    name = "Zo\u00eb"
    composed = per_class((name, "dog"), 3, "{c}/{n}.jpg")
    return composed | per_class((unicodedata.normalize("NFD", name),), 2, "{c}/x{n}.jpg", 30)


LAYOUTS = {
    "class folders": LayoutSet(lambda: zipped(per_class(CATS_DOGS, 4, "{c}/{n}.jpg")), {"cat": 4, "dog": 4}),
    "a folder around them": LayoutSet(
        lambda: zipped({**per_class(CATS_DOGS, 4, "my pets/{c}/{n}.jpg"), "my pets/readme.txt": b"x"}),
        {"cat": 4, "dog": 4},
    ),
    "train, val and test": LayoutSet(
        lambda: zipped(
            per_class(CATS_DOGS, 4, "set/train/{c}/{n}.jpg")
            | per_class(CATS_DOGS, 2, "set/val/{c}/v{n}.jpg", 20)
            | per_class(CATS_DOGS, 2, "set/test/{c}/t{n}.jpg", 40)
        ),
        {"cat": 8, "dog": 8},
    ),
    "a flat test beside train": LayoutSet(
        lambda: zipped(
            per_class(CATS_DOGS, 4, "train/{c}/{n}.jpg") | pictures([f"test/{n}.jpg" for n in range(3)], 50)
        ),
        {"cat": 4, "dog": 4},
    ),
    "class in the name": LayoutSet(lambda: zipped(_kaggle()), {"cat": 4, "dog": 4}),
    "a ZIP of ZIPs": LayoutSet(lambda: zipped(_nested()), {"cat": 4, "dog": 4}),
    "a table of labels": LayoutSet(
        lambda: zipped(pictures([f"images/{n:06x}.jpg" for n in range(1, 9)]) | {"labels.csv": TABLE.encode()}),
        {"cat": 4, "dog": 4},
    ),
    "a table, train and test": LayoutSet(
        lambda: zipped(
            pictures([f"train/{n:06x}.jpg" for n in range(1, 9)])
            | pictures([f"test/{n:06x}.jpg" for n in range(20, 23)], 60)
            | {"labels.csv": TABLE.encode()}
        ),
        {"cat": 4, "dog": 4},
    ),
    "numbers in brackets": LayoutSet(
        lambda: zipped(per_class(CATS_DOGS, 4, "pics/{c} ({n}).jpg")), {"cat": 4, "dog": 4}
    ),
    "names of several words": LayoutSet(
        lambda: zipped(per_class(("yorkshire_terrier", "great_dane"), 4, "images/{c}_{n}.jpg")),
        {"great_dane": 4, "yorkshire_terrier": 4},
    ),
    "images and masks": LayoutSet(lambda: zipped(_masks()), {"covid": 3, "normal": 3}),
    "folders in a class": LayoutSet(
        lambda: zipped(
            pictures([f"cats/{part}/{n}.jpg" for part in ("own", "wild") for n in range(2)])
            | pictures([f"dogs/{part}/{n}.jpg" for part in ("own", "show") for n in range(3)], 20)
        ),
        {"cats": 4, "dogs": 6},
    ),
    "mixed depths": LayoutSet(
        lambda: zipped(per_class(("cats", "dogs"), 4, "{c}/{n}.jpg") | per_class(("cats",), 3, "{c}/more/{n}.jpg", 20)),
        {"cats": 7, "dogs": 4},
    ),
    "Cat and cat": LayoutSet(lambda: zipped(_twins()), {"Cat": 5, "Dog": 5}),
    "two spellings of one accent": LayoutSet(lambda: zipped(_accents()), {"Zo\u00eb": 5, "dog": 3}),
    "an empty class": LayoutSet(
        lambda: zipped(per_class(CATS_DOGS, 4, "{c}/{n}.jpg") | {"fox/": b""}), {"cat": 4, "dog": 4}
    ),
    "a folder on disk": LayoutSet(
        lambda: per_class(CATS_DOGS, 4, "{c}/{n}.jpg") | {"cat/Thumbs.db": b"x"}, {"cat": 4, "dog": 4}
    ),
    "a compressed tar": LayoutSet(
        lambda: tarred(per_class(CATS_DOGS, 4, "pets/{c}/{n}.jpg")), {"cat": 4, "dog": 4}, ".tar.gz"
    ),
    "Chinese names without a flag": LayoutSet(
        lambda: in_code_page(per_class(("猫", "狗"), 4, "{c}/{n}.jpg"), "gbk"), {"狗": 4, "猫": 4}
    ),
    "train beside bus": LayoutSet(
        lambda: zipped(per_class(("bus", "train"), 4, "{c}/{n}.jpg")), {"bus": 4, "train": 4}
    ),
    "scraped names": LayoutSet(lambda: zipped(per_class(CATS_DOGS, 4, "{c}/{n}.jpg?w=300")), {"cat": 4, "dog": 4}),
    "120 classes": LayoutSet(lambda: zipped(per_class(BREEDS, 2, "{c}/{n}.jpg")), dict.fromkeys(BREEDS, 2)),
}
