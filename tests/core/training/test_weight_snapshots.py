"""Weights that a run keeps of its epochs: few, evenly spread, small, and read back as they were."""

import dataclasses

import pytest
import torch

from core.errors import DataError
from core.training import Epoch, Trainer, load_trained, save
from core.training.weight_snapshots import (
    MOST_BYTES,
    MOST_KEPT,
    keep_snapshot,
    kept_epochs,
    load_snapshot,
    weight_snapshots,
)
from tests.core.squares import SMALL, make

EPOCHS = 4


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run, and the weights and figures after each of its epochs."""
    folder = tmp_path_factory.mktemp("run")
    trainer, after = Trainer(dataclasses.replace(SMALL, epochs=EPOCHS), make()), {}
    for event in trainer.run():
        if isinstance(event, Epoch):
            keep_snapshot(folder / "kept", trainer.predictor, event, EPOCHS)
            after[event.epoch] = event, {name: value.clone() for name, value in trainer.predictor.state_dict().items()}
    save(trainer, folder / "run.pt")
    return folder, after


def test_few_epochs_are_kept_evenly_and_never_the_last():
    for epochs in range(1, 60):
        kept = kept_epochs(epochs, 1000)
        assert len(kept) == min(MOST_KEPT, epochs - 1) == len(set(kept))
        gaps = [later - earlier for earlier, later in zip((0, *kept), (*kept, epochs), strict=True)]
        assert min(gaps) >= 1
        assert max(gaps) - min(gaps) <= 1


@pytest.mark.parametrize("size_bytes", [0, 1, 9_600_000, 20_000_000, MOST_BYTES, MOST_BYTES + 1])
def test_all_together_stay_within_their_limit(size_bytes):
    assert len(kept_epochs(100, size_bytes)) * size_bytes <= MOST_BYTES


def test_a_snapshot_is_the_network_of_its_epoch_and_says_how_good_it_was(run):
    folder, after = run
    snapshots = weight_snapshots(folder / "kept")
    assert [one.epoch for one in snapshots] == [1, 2, 3]
    trained = load_trained(folder / "run.pt")
    for snapshot in snapshots:
        event, weights = after[snapshot.epoch]
        assert (snapshot.step, snapshot.correct / snapshot.count) == (event.step, pytest.approx(event.val_accuracy))
        model = load_snapshot(snapshot, trained)
        assert not model.training
        for name, value in model.state_dict().items():
            torch.testing.assert_close(value, weights[name], rtol=1e-3, atol=1e-6)
            assert value.dtype == weights[name].dtype


def test_what_does_not_fit_half_precision_stays_as_it_is(run, tmp_path):
    _, after = run
    model = torch.nn.BatchNorm2d(2)
    model.running_var[0] = 1e6
    kept = keep_snapshot(tmp_path, model, after[1][0], EPOCHS)
    from safetensors.torch import load_file

    weights = load_file(kept.path)
    assert weights["running_var"].tolist() == [1e6, 1.0]
    assert weights["weight"].dtype == torch.float16


def test_a_damaged_snapshot_is_left_out_and_one_that_vanished_is_refused(run, tmp_path):
    folder, _ = run
    assert weight_snapshots(tmp_path / "none") == ()
    for path in (folder / "kept").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    first, second, third = weight_snapshots(tmp_path)
    first.path.write_bytes(b"cut off")
    second.path.write_bytes(second.path.read_bytes()[:-8])
    assert weight_snapshots(tmp_path) == (third,)
    with pytest.raises(DataError, match="after epoch 1 are gone or damaged"):
        load_snapshot(first, load_trained(folder / "run.pt"))
