"""A layout that is corrected decodes nothing again, and gives the same dataset as if it were read so at first."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.datasets import LayoutChoice, load
from core.datasets.reading import decoded_cache
from core.jobs.worker.decode import _decode

CORRECTIONS = {
    "another level": LayoutChoice(reading="leaf"),
    "another split": LayoutChoice(split="redraw"),
    "a class dropped": LayoutChoice(dropped=("fox",)),
}


def image(seed: int, bits: int = 8) -> bytes:
    """A PNG of noise; with 16 bits a grey one whose values go to 4,095."""
    rng, buffer = np.random.default_rng(seed), io.BytesIO()
    if bits == 8:
        pixels = rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)
    else:
        pixels = rng.integers(0, 4096, (20, 30), dtype=np.uint16)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def pets(tmp_path, monkeypatch) -> Path:
    """Three classes in two splits, one class of two kinds, grey images of 12 bits, a copy, and an empty file."""
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "pets"
    for number, inner in enumerate(("cat/wild", "cat/tame", "dog", "fox")):
        for split, count in (("train", 4), ("test", 2)):
            where = folder / split / inner
            where.mkdir(parents=True)
            for one in range(count):
                seed = 100 * number + 10 * count + one
                (where / f"{one}.png").write_bytes(image(seed, 16 if inner == "dog" else 8))
    shutil.copy(folder / "train/cat/wild/0.png", folder / "train/cat/wild/9.png")
    (folder / "train/fox/empty.jpg").touch()
    return folder


def decoded_files(monkeypatch) -> list[bytes]:
    """The files that are decoded from now on."""
    from core.datasets.reading import decoding

    seen: list[bytes] = []
    true = decoding.decode_square
    monkeypatch.setattr(decoding, "decode_square", lambda data, side: seen.append(data) or true(data, side))
    return seen


def assert_same(one, other) -> None:
    for name in ("images", "labels", "groups", "originals", "jfif", "true_bits"):
        assert torch.equal(getattr(one, name), getattr(other, name)), name
    names = ("classes", "paths", "stamps", "refused", "notes", "left_out", "ignored", "large_groups")
    assert {name: getattr(one, name) for name in names} == {name: getattr(other, name) for name in names}


@pytest.mark.parametrize("choice", CORRECTIONS.values(), ids=CORRECTIONS)
def test_a_correction_decodes_nothing(pets, choice, monkeypatch):
    fresh = load(pets, 16, layout=choice)
    load(pets, 16, cache=True)
    seen = decoded_files(monkeypatch)
    assert_same(load(pets, 16, cache=True, layout=choice), fresh)
    assert not seen


def test_only_files_that_are_new_or_changed_are_decoded(pets, monkeypatch):
    load(pets, 16, cache=True)
    (pets / "train/dog/7.png").write_bytes(image(7))
    (pets / "test/fox/0.png").write_bytes(image(8))
    (pets / "test/fox/1.png").unlink()
    seen = decoded_files(monkeypatch)
    again = load(pets, 16, cache=True)
    assert sorted(seen) == sorted([image(7), image(8)])
    monkeypatch.undo()
    assert_same(again, load(pets, 16))


def test_another_size_is_decoded(pets, monkeypatch):
    load(pets, 16, cache=True)
    seen = decoded_files(monkeypatch)
    load(pets, 12, cache=True)
    assert len(seen) == len(load(pets, 16, cache=True))


def test_a_set_of_an_earlier_version_opens_and_is_not_taken_for_what_it_does_not_say(pets, monkeypatch):
    load(pets, 16, cache=True)
    (rest,) = (Path(decoded_cache.cache_folder("decoded"))).glob("*/rest.pt")
    values = torch.load(rest, weights_only=True)
    torch.save({name: value for name, value in values.items() if name not in ("stamps", "true_bits")}, rest)
    seen = decoded_files(monkeypatch)
    assert load(pets, 16, cache=True).stamps == ()
    assert not seen
    assert len(load(pets, 16, cache=True, layout=CORRECTIONS["a class dropped"])) == len(seen)


def decode_upload(archive: str, choice: LayoutChoice, name: str) -> Path:
    path = Path(archive).with_name(name)
    _decode(archive, str(choice), 16, path, True, lambda done, total: None)
    return path


def test_an_upload_that_is_corrected_is_not_decoded_again(pets, monkeypatch):
    archive = shutil.make_archive(str(pets.parent / "upload" / "pictures"), "zip", pets)
    decode_upload(archive, LayoutChoice(), "decoded-16.pt")
    seen = decoded_files(monkeypatch)
    assert decode_upload(archive, CORRECTIONS["another level"], "decoded-16-leaf.pt").exists()
    assert not seen
