"""The datasets that can be downloaded. A new one is one entry in `REMOTE`; sizes and checksums are the publishers'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.datasets.remote.repack import cifar_pets, oxford_pets


@dataclass(frozen=True)
class RemoteDataset:
    """A dataset on another server: what it is, the size of its download, and its licence.

    `checksum` is "md5:..." where the publisher states one, else empty, and then the size must be right to the byte.
    `repack(archive, target, check_cancelled)` turns any other archive into a ZIP of class folders; `check_cancelled()`
    may raise to give up.
    """

    title: str
    blurb: str
    url: str
    size_bytes: int
    checksum: str
    licence: str
    source: str
    pictures: int
    classes: tuple[str, ...]
    repack: Callable[[Path, Path, Callable[[], None]], None] | None = None
    repacked_bytes: int = 0


REMOTE = {
    "cats_and_dogs_filtered": RemoteDataset(
        title="Cats and dogs, small",
        blurb="2,000 + 1,000 photos, the dataset of many tutorials.",
        url="https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip",
        size_bytes=68_606_236,
        checksum="",
        licence="none stated; a part of the Microsoft archive below",
        source="https://www.kaggle.com/c/dogs-vs-cats",
        pictures=3_000,
        classes=("cats", "dogs"),
    ),
    "kagglecatsanddogs": RemoteDataset(
        title="Cats and dogs, all",
        blurb="25,000 photos from animal shelters, with everything that is wrong with real data.",
        url=(
            "https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/"
            "kagglecatsanddogs_5340.zip"
        ),
        size_bytes=824_887_076,
        checksum="",
        licence="Microsoft Research licence agreement (MSR-LA), inside the archive",
        source="https://www.microsoft.com/en-us/download/details.aspx?id=54765",
        pictures=25_000,
        classes=("Cat", "Dog"),
    ),
    "cifar10_pets": RemoteDataset(
        title="CIFAR-10, cats and dogs",
        blurb="12,000 images of 32×32 pixels.",
        url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",  # the python archive would have to be unpickled
        size_bytes=170_052_171,
        checksum="md5:c32a1d4ab5d03f1284b67883e8d87530",
        licence="none stated; cite Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        source="https://www.cs.toronto.edu/~kriz/cifar.html",
        pictures=12_000,
        classes=("cat", "dog"),
        repack=cifar_pets,
        repacked_bytes=30_000_000,
    ),
    "oxford_pets": RemoteDataset(
        title="Oxford-IIIT Pet",
        blurb="7,390 photos of 37 breeds, here sorted into cats and dogs.",
        url="https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz",
        size_bytes=791_918_971,
        checksum="md5:5c4f3ee8e5d25df40f4fd59a7f44e54c",
        licence="CC BY-SA 4.0",
        source="https://www.robots.ox.ac.uk/~vgg/data/pets/",
        pictures=7_390,
        classes=("cat", "dog"),
        repack=oxford_pets,
        repacked_bytes=800_000_000,
    ),
}
