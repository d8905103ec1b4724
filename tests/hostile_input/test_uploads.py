"""Pictures, archives, weights and texts that mean harm: each is read, or refused in a sentence, within its folder."""

from __future__ import annotations

import io
import os
import pickle
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import torch

from core.datasets import load
from core.errors import PlaygroundError
from core.images import open_picture, open_square, salvage
from core.model_spec import ModelSpec
from core.model_spec import load as load_network
from core.training import checkpoints
from tests.hostile_input.archives import ESCAPED, hostile_archive
from tests.hostile_input.model_texts import hostile_text
from tests.hostile_input.pictures import hostile_picture

LONGEST_SENTENCE = 2000  # characters of a refusal
SLOWEST_S = 2.0  # of the processor's time, so that a busy machine changes nothing
GROWTH = 60_000_000  # bytes of memory for good, after a fifth of the inputs
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of tags that lie


def read_picture(data: bytes) -> None:
    for read in (open_picture, lambda one: open_square(one, 64), lambda one: salvage(one, 64)):
        refused_or_read(read, data)


def refused_or_read(read: Callable[[object], object], data: object) -> bool:
    """Whether it is read; else it is refused in a sentence. Anything else goes up."""
    sentence = ""
    try:
        read(data)
    except PlaygroundError as error:
        sentence = str(error) or "nothing is said" * LONGEST_SENTENCE
    assert len(sentence) <= LONGEST_SENTENCE
    return not sentence


def throw(count: int, make: Callable[[int], object], read: Callable[[object], object]) -> None:
    """Many inputs: none takes long, and memory does not grow for good."""
    process, after_warm_up = psutil.Process(), 0
    for seed in range(count):
        data, begin = make(seed), time.process_time()
        read(data)
        assert count < 1000 or time.process_time() - begin < SLOWEST_S, (make, seed)
        if seed == count // 5:
            after_warm_up = process.memory_info().rss
    assert count < 1000 or process.memory_info().rss < after_warm_up + GROWTH


@pytest.mark.parametrize("count", [200, pytest.param(6000, marks=pytest.mark.soak)])
def test_pictures(count):
    throw(count, hostile_picture, read_picture)


@pytest.mark.parametrize("count", [60, pytest.param(2500, marks=pytest.mark.soak)])
def test_archives_write_nothing_outside_of_their_folder(count, tmp_path, monkeypatch):
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    inside = tmp_path / "a" / "b" / "c"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    throw(count, hostile_archive, lambda data: refused_or_read(lambda one: load(one, 16), data))
    assert os.listdir(inside) == []
    assert not [path for path in tmp_path.rglob("*") if ESCAPED in path.name]
    assert not Path("/tmp", ESCAPED).exists()


@pytest.mark.parametrize("count", [150, pytest.param(3000, marks=pytest.mark.soak)])
def test_texts_of_networks(count):
    throw(count, hostile_text, lambda text: refused_or_read(lambda one: load_network(ModelSpec(text=one)), text))


class Harmful:
    """Makes a file when it is unpickled."""

    def __reduce__(self):
        return (Path.touch, (Path(ESCAPED),))


def hostile_weights(seed: int) -> bytes:
    """A checkpoint that is a pickle, holds one, is cut, or is something else."""
    dice, buffer = random.Random(seed), io.BytesIO()
    kind = dice.randrange(4)
    if kind == 0:
        return pickle.dumps({"model": Harmful()}, protocol=dice.choice((0, 2, 4)))
    if kind == 1:
        torch.save({"model": Harmful()}, buffer)
    elif kind == 2:
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps(Harmful(), protocol=2))
            archive.writestr("archive/version", "3")
    else:
        torch.save({"model": {"weight": torch.zeros(3)}, "epoch": float("nan")}, buffer)
    data = bytearray(buffer.getvalue())
    for _ in range(dice.choice((0, 1, 9))):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data[: dice.choice((len(data), dice.randrange(len(data))))])


@pytest.mark.parametrize("count", [20, pytest.param(500, marks=pytest.mark.soak)])
def test_weights_run_nothing(count, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def read(data: bytes) -> None:
        path = tmp_path / "weights.pt"
        path.write_bytes(data)
        refused_or_read(checkpoints.read_checkpoint, path)

    throw(count, hostile_weights, read)
    assert os.listdir(tmp_path) == ["weights.pt"]
