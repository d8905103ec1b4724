"""A checkpoint that cannot be used is told from one that can, with what is wrong; a full disk loses nothing."""

import dataclasses
import errno
import os
import pickle

import pytest
import torch

from core.errors import DataError
from core.training import Trainer, load_trained, resume, save
from core.training.checkpoints import check_path, read_checkpoint
from tests.core.squares import SMALL as OF_ONE_SIZE
from tests.core.squares import cut_at, make

ANY_SIZE = "nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2))"
SMALL = dataclasses.replace(OF_ONE_SIZE, network=ANY_SIZE)


@pytest.fixture(scope="module")
def squares():
    return make()


@pytest.fixture
def saved(squares, tmp_path):
    save(Trainer(SMALL, squares), tmp_path / "run.pt")
    return tmp_path / "run.pt"


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


WRONG = {
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "cut": (cut, "cut off"),
    "text": (lambda path: path.write_text("epoch,loss\n1,0.5\n"), "no checkpoint that can be read"),
    "picture": (lambda path: path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(4000)), "no checkpoint that can be read"),
    "pickle that runs code": (lambda path: path.write_bytes(pickle.dumps(os.getcwd)), "no checkpoint that can be read"),
    "state dict": (lambda path: torch.save({"fc.weight": torch.ones(2)}, path), "not written by this program"),
    "tensor": (lambda path: torch.save(torch.ones(2), path), "not written by this program"),
    "folder": (lambda path: (path.unlink(), path.mkdir()), "no checkpoint that can be read"),
    "gone": (lambda path: path.unlink(), "There is no checkpoint"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_file_that_is_no_checkpoint_is_refused(squares, saved, kind):
    spoil, message = WRONG[kind]
    spoil(saved)
    for read in (read_checkpoint, load_trained, lambda path: resume(Trainer(SMALL, squares), path)):
        with pytest.raises(DataError, match=message):
            read(saved)


def padded(data):
    return dataclasses.replace(data, images=torch.nn.functional.pad(data.images, (4, 4, 4, 4)))


def renamed(data):
    return dataclasses.replace(data, classes=("plain", "cross"))


def inverted(data):
    return dataclasses.replace(data, images=255 - data.images)


def relabelled(data):
    return dataclasses.replace(data, labels=data.labels.roll(3))


@pytest.mark.parametrize(
    ("changes", "change", "message"),
    [
        ({"seed": 9}, None, "seed is 0 there and 9 here"),
        ({"seed": 9, "optimizer": "AdamW"}, None, "optimizer is .* there and AdamW here; seed is"),
        ({"epochs": 2}, None, "epochs is 3 there and 2 here"),
        ({}, padded, "image size is 16 there and 24 here"),
        ({}, renamed, "classes is plain, corner there and plain, cross here"),
        ({}, inverted, "trained on other images"),
        ({}, relabelled, "trained on other images"),
    ],
)
def test_a_checkpoint_says_what_differs(squares, saved, changes, change, message):
    data = change(squares) if change else squares
    with pytest.raises(DataError, match=message):
        resume(Trainer(dataclasses.replace(SMALL, **changes), data), saved)


def test_a_longer_run_goes_on(squares, saved):
    longer = Trainer(dataclasses.replace(SMALL, epochs=5), squares)
    resume(longer, saved)
    *_, done = longer.run()
    assert (done.epochs, done.step) == (5, longer.steps)


def test_a_checkpoint_of_before_has_no_fingerprints(squares, saved):
    old = torch.load(saved, weights_only=True)
    del old["about"]["pictures"], old["about"]["split"]
    torch.save(old, saved)
    resume(Trainer(SMALL, squares), saved)


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), cut])
def test_weights_that_are_missing_or_cut_are_named(saved, spoil):
    (beside,) = saved.parent.glob("*.safetensors")
    spoil(beside)
    with pytest.raises(DataError, match=r"The weights of run\.pt"):
        load_trained(saved)


@pytest.mark.parametrize("failing", [1, 2])
def test_a_full_disk_leaves_the_last_checkpoint(squares, saved, monkeypatch, failing):
    trainer = Trainer(SMALL, squares)
    cut_at(trainer, 4)
    before, calls, sync = {path.name for path in saved.parent.iterdir()}, [], os.fsync

    def full(handle):
        calls.append(handle)
        if len(calls) == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save(trainer, saved)
    assert load_trained(saved).step == 0
    assert {path.name for path in saved.parent.iterdir()} == before


def test_a_disk_that_keeps_other_bytes_leaves_the_last_checkpoint(squares, saved, monkeypatch):
    trainer, sync = Trainer(SMALL, squares), os.fsync
    cut_at(trainer, 4)

    def forgets(handle):
        sync(handle)
        os.ftruncate(handle, 100)

    monkeypatch.setattr(os, "fsync", forgets)
    with pytest.raises(OSError, match="does not read as it was written"):
        save(trainer, saved)
    assert load_trained(saved).step == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [("", "names no file"), (".", "names no file"), ("sub", "is a folder"), ("absent/run.pt", "make it first")],
)
def test_where_no_checkpoint_can_be_written_is_known_before(tmp_path, monkeypatch, name, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    with pytest.raises(DataError, match=message):
        check_path(tmp_path.__class__(name))
    check_path(tmp_path / "sub" / "run.pt")
    assert list((tmp_path / "sub").iterdir()) == []
