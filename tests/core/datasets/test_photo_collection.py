"""Photographs of one's own: any names that folders can have, 2 to 20 classes, small on disk, and gone afterwards."""

import gc
import io

import numpy as np
import pytest
from PIL import Image

from core.datasets import load, photo_collection
from core.datasets.photo_collection import NAME_CAP, PhotoCollection
from core.errors import DataError, PictureError


def photograph(seed: int = 0, size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize(size).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def collection() -> PhotoCollection:
    """Two classes of three pictures."""
    made = PhotoCollection()
    for label, name in enumerate(("mug", "naïve 猫 🐈")):
        assert made.add_class(f"  {name} ") == name
        for seed in range(3):
            made.add(name, photograph(10 * label + seed))
    return made


def test_what_was_brought_is_a_set_that_loads(collection, tmp_path):
    with (tmp_path / "own.zip").open("wb") as file:
        size = collection.write_zip(file)
    assert (tmp_path / "own.zip").stat().st_size == size
    pictures = load(tmp_path / "own.zip", 32)
    assert pictures.class_counts == collection.counts == {"mug": 3, "naïve 猫 🐈": 3}
    assert not pictures.refused
    shown = collection.newest("mug", 2, 32)
    assert [
        np.abs(one.astype(int) - pictures.images[place].permute(1, 2, 0).numpy()).mean() < 6
        for one, place in zip(shown, (2, 1), strict=True)
    ] == [True, True]


def test_a_large_photograph_is_kept_small(collection):
    collection.add("mug", photograph(size=(3000, 2000)))
    assert max(max(picture.shape[:2]) for picture in collection.newest("mug", 1, 512)) == 512


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "needs a name"),
        ("   ", "needs a name"),
        ("a/b", "the character '/'"),
        ("..\\up", r"the character '\\\\'"),
        ("..", "its beginning"),
        (".hidden", "its beginning"),
        ("C:", "the character ':'"),
        ("a\x07b", r"the character '\\x07'"),
        ("__MACOSX", "its beginning"),
        ("x" * (NAME_CAP + 1), "shorten it"),
        ("MUG", "already"),
    ],
)
def test_a_name_that_no_folder_can_have_is_refused_in_one_sentence(collection, name, sentence):
    with pytest.raises(DataError, match=sentence):
        collection.add_class(name)
    assert len(collection.counts) == 2


def test_twenty_classes_are_the_limit():
    collection = PhotoCollection()
    for number in range(20):
        collection.add_class(f"class {number}")
    with pytest.raises(DataError, match="20 classes are the limit"):
        collection.add_class("one more")
    collection.remove_class("class 3")
    assert collection.add_class("one more") == "one more"


def test_what_is_lacking_is_said(tmp_path):
    collection = PhotoCollection()
    assert "add 2 more" in collection.missing
    collection.add_class("mug")
    assert "add 1 more" in collection.missing
    collection.add_class("cup")
    collection.add("mug", photograph(1))
    collection.add("mug", photograph(2))
    assert collection.missing == "Each class needs at least 2 images; too few: cup."
    with pytest.raises(DataError, match="too few: cup"):
        collection.write_zip(io.BytesIO())
    collection.add("cup", photograph(3))
    collection.add("cup", photograph(4))
    assert collection.missing == ""
    collection.remove_last("cup")
    assert collection.missing


def test_what_is_no_picture_leaves_the_class_as_it_was(collection):
    for junk in (b"", b"<html>", photograph()[:60]):
        with pytest.raises(PictureError):
            collection.add("mug", junk)
    with pytest.raises(DataError, match="no class 'cup'"):
        collection.add("cup", photograph())
    assert collection.counts["mug"] == 3


def test_there_is_a_most(collection, monkeypatch):
    monkeypatch.setattr(photo_collection, "PHOTOS_CAP", 6)
    with pytest.raises(DataError, match="6 photos are the limit"):
        collection.add("mug", photograph())


def test_its_files_go_with_it(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    collection = PhotoCollection()
    collection.add_class("mug")
    collection.add("mug", photograph())
    collection.add("mug", photograph(1))
    assert len(list(tmp_path.rglob("*.jpg"))) == 2
    collection.remove_last("mug")
    assert len(list(tmp_path.rglob("*.jpg"))) == 1
    del collection
    gc.collect()
    assert not list(tmp_path.iterdir())
