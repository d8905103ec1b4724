"""What is on disk: a run goes on with the bits of one that was never interrupted, and a reader never finds half."""

import dataclasses
import json
import os
import random

import pytest
import torch
from safetensors import safe_open

from core.errors import PlaygroundError
from core.training import Epoch, Trainer, load_trained, resume, save
from tests.core.squares import DEVICES, SMALL, TEXT, cut_at, make, played, same, weights

CASES = {
    "plain": {},
    "batch norm, growing": {"network": "Small ResNet", "width": 8, "rotation": 20, "first_size": 0.5},
    "average, scaler, mixed labels": {"ema": 0.9, "precision": "fp16", "mixup": 0.4, "clip": 1.0, "accumulate": 2},
    "best epoch, dropout, bf16": {
        "network": "Small ResNet", "width": 8, "patience": 2, "dropout": "DropConnect", "optimizer": "AdamW",
        "learning_rate": 0.003, "ema": 0.9, "precision": "bf16",
    },
    "features": {"network": "EfficientNet-Lite0, frozen", "optimizer": "AdamW", "learning_rate": 0.01},
}  # fmt: skip


@pytest.fixture(scope="module")
def squares():
    return make()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", CASES)
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(squares, tmp_path, name, device):
    config = dataclasses.replace(SMALL, epochs=3, **CASES[name])
    events, whole = played(config, squares, device)
    dice = random.Random(name)
    for cut in sorted(dice.sample(range(1, 15), 2)):
        first = Trainer(config, squares, device)
        cut_at(first, cut)
        save(first, tmp_path / "run.pt")
        second = Trainer(config, squares, device)
        resume(second, tmp_path / "run.pt")
        rest = list(second.run())
        assert rest[0].step == cut
        assert same(weights(second), whole)
        assert rest[-1].val_loss == events[-1].val_loss
        assert [e.epoch for e in rest if isinstance(e, Epoch)] == [e for e in (1, 2, 3) if 5 * e > cut]


def test_a_run_that_ended_early_stays_ended(squares, tmp_path):
    config = dataclasses.replace(SMALL, learning_rate=0.0, patience=1)
    trainer = Trainer(config, squares)
    done = list(trainer.run())[-1]
    save(trainer, tmp_path / "run.pt")
    again = Trainer(config, squares)
    resume(again, tmp_path / "run.pt")
    assert (done.reason, done.step) == ("early", 10)
    assert list(again.run())[1:] == [dataclasses.replace(done, seconds=again.seconds)]


def test_a_checkpoint_of_another_run_is_refused(squares, tmp_path):
    save(Trainer(SMALL, squares), tmp_path / "run.pt")
    with pytest.raises(PlaygroundError, match="another run"):
        resume(Trainer(dataclasses.replace(SMALL, seed=9), squares), tmp_path / "run.pt")


@pytest.mark.parametrize("changes", [{}, {"ema": 0.9, "test_flip": True}])
def test_the_loaded_network_predicts_what_the_trainer_does(squares, tmp_path, changes):
    trainer = Trainer(dataclasses.replace(SMALL, **changes), squares)
    list(trainer.run())
    save(trainer, tmp_path / "run.pt")
    trained = load_trained(tmp_path / "run.pt")
    assert (trained.classes, trained.step) == (squares.classes, 15)
    expected = trainer.probabilities(squares.images[:7])
    torch.testing.assert_close(trained.probabilities(squares.images[:7]), expected)


def test_other_programs_read_the_weights(squares, tmp_path):
    trainer = Trainer(dataclasses.replace(SMALL, ema=0.9, epochs=1), squares)
    list(trainer.run())
    save(trainer, tmp_path / "run.pt")
    (path,) = tmp_path.glob("run-*.safetensors")
    with safe_open(path, "pt") as file:
        found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        about = {name: json.loads(value) for name, value in file.metadata().items()}
    assert same(found, trainer.predictor.state_dict())
    assert not same(found, trainer.model.state_dict())
    assert (about["classes"], about["size"], about["config"]["ema"]) == (["plain", "corner"], 16, 0.9)


@pytest.mark.parametrize("broken", ["safetensors", ".pt"])
def test_a_writer_that_dies_leaves_the_old_checkpoint(squares, tmp_path, monkeypatch, broken):
    trainer = Trainer(SMALL, squares)
    save(trainer, tmp_path / "run.pt")
    before = load_trained(tmp_path / "run.pt")
    cut_at(trainer, 4)
    replace = os.replace

    def dies(source, target):
        if str(target).endswith(broken):
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        save(trainer, tmp_path / "run.pt")
    found = load_trained(tmp_path / "run.pt")
    assert found.step == 0
    assert same(found.model.state_dict(), before.model.state_dict())
    monkeypatch.undo()
    save(trainer, tmp_path / "run.pt")
    assert load_trained(tmp_path / "run.pt").step == 4
    assert len(list(tmp_path.iterdir())) == 2


def test_a_reader_that_comes_between_two_checkpoints_reads_again(squares, tmp_path, monkeypatch):
    trainer = Trainer(SMALL, squares)
    save(trainer, tmp_path / "run.pt")
    cut_at(trainer, 2)
    read = torch.load

    def overtaken(*args, **kwargs):
        found = read(*args, **kwargs)
        if found["about"]["step"] == 0:
            save(trainer, tmp_path / "run.pt")
        return found

    monkeypatch.setattr(torch, "load", overtaken)
    assert load_trained(tmp_path / "run.pt").step == 2


def test_the_network_of_a_text_is_read_back(squares, tmp_path):
    save(Trainer(SMALL, squares), tmp_path / "run.pt")
    assert load_trained(tmp_path / "run.pt").config.network == TEXT
