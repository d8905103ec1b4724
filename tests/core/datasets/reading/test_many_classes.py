"""A thousand classes are read, split and classified like two; a class that is too small is left out with a sentence."""

import io
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from core.datasets import load, survey
from core.datasets.inspecting.baseline import nearest_mean_accuracy
from core.errors import DataError


def png(seed: int, level: int = 0) -> bytes:
    rng, file = np.random.default_rng(seed), io.BytesIO()
    pixels = rng.integers(0, 200, (8, 8, 3)) // 2 + level
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def thousand() -> bytes:
    return zipped({f"class {k:03}/{n}.png": png(1000 * n + k) for k in range(1_000) for n in range(3)})


def test_a_thousand_classes_are_read_and_split(thousand):
    data = load(thousand, 8)
    assert len(data.classes) == len(survey(thousand)) == 1_000
    assert set(data.class_counts.values()) == {3}
    train, val = data.split(0.2)
    assert torch.equal(torch.bincount(data.labels[val]), torch.ones(1_000, dtype=torch.int64))
    assert len(train) == 2_000


def test_a_limit_takes_turns_and_must_leave_two_of_each(thousand):
    assert set(load(thousand, 8, limit=2_000).class_counts.values()) == {2}
    with pytest.raises(DataError, match="too small for 1,000 classes: allow at least 2,000 images"):
        load(thousand, 8, limit=1_999)


def test_the_baseline_reduces_what_would_fill_the_memory(monkeypatch):
    files = {f"{k}/{n}.png": png(100 * k + n, level=12 * k) for k in range(8) for n in range(10)}
    data = load(zipped(files), 16)
    parts = data.split(0.3)
    whole = nearest_mean_accuracy(data, *parts)
    assert whole > 0.5
    monkeypatch.setattr("core.datasets.inspecting.baseline.MOST_VALUES", 3 * 8 * 5 * 5)
    assert abs(nearest_mean_accuracy(data, *parts) - whole) < 0.2


GOOD = {f"{kind}/{n}.png": png(10 * n + k) for k, kind in enumerate(("cat", "dog")) for n in range(4)}


@pytest.mark.parametrize(
    ("more", "note", "reasons"),
    [
        ({"fox/only.png": png(99)}, "Class 'fox' has 1 usable image and is left out", ["the only image of its class"]),
        ({"fox/1.png": b"", "fox/2.png": b""}, "has 0 usable images, 2 left out: empty file and", ["empty file"] * 2),
        ({"ant/only.png": png(98)}, "Class 'ant' has 1 usable image", ["the only image of its class"]),  # the first
    ],
)
def test_a_class_that_is_too_small_is_left_out_and_the_others_are_used(more, note, reasons):
    data, plain = load(zipped(GOOD | more), 16), load(zipped(GOOD), 16)
    assert data.classes == ("cat", "dog")
    assert torch.equal(data.images, plain.images)
    assert torch.equal(data.labels, plain.labels)
    assert torch.equal(data.originals, plain.originals)
    assert data.paths == plain.paths
    assert any(note in sentence for sentence in data.notes)
    assert [file.reason for file in data.refused] == reasons


def test_without_two_classes_that_are_large_enough_nothing_is_left():
    with pytest.raises(DataError, match="Class 'fox' has 1 usable image: at least 2 are needed"):
        load(zipped({"cat/1.png": png(1), "cat/2.png": png(2), "fox/1.png": png(3)}), 16)
