"""Two processes train as one does: the same losses to rounding, and checkpoints that either goes on from."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.datasets import load
from core.training import TrainConfig, Trainer, resume, save
from core.training.mechanics.distributed import WorkerGroup
from tests.core.squares import cut_at

ROOT = Path(__file__).parents[3]
TEXT = "nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.GroupNorm(2, 8), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 49, 10))"
SETTING = {"batch_size": 61, "mixup": 0.3, "ema": 0.9, "optimizer": "AdamW", "learning_rate": 0.002}
SETTING |= {"epochs": 1, "accumulate": 2}
CONFIG = TrainConfig(network=TEXT, **SETTING)
WORDS = [f"--{name.replace('_', '-')}={value}" for name, value in SETTING.items()]


@pytest.mark.parametrize(("count", "size", "passes"), [(10, 2, 1), (7, 3, 2), (2, 2, 2), (1, 2, 1), (64, 4, 3)])
def test_the_shares_of_all_are_the_batch(count, size, passes):
    parts = [part for rank in range(size) for part in WorkerGroup(rank, size).batch_slices(count, passes)]
    assert [place for part in parts for place in range(count)[part]] == list(range(count))
    lengths = [part.stop - part.start for part in parts]
    assert max(lengths) - min(lengths) <= 1
    assert len(parts) == size * passes


def torchrun(*words):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "core", "train", "--data", "digits", "--size", "16", "--model", TEXT, *WORDS, "--json", *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (line,) = done.stdout.splitlines()
    return json.loads(line)


def test_two_processes_train_as_one(tmp_path):
    """One process begins, two go on, and one takes over again; batches of 61 in two passes, so that shares differ."""
    data = load("digits", 16)
    alone = Trainer(CONFIG, data)
    *_, done = alone.run()

    begun = Trainer(CONFIG, data)
    cut_at(begun, 2)
    save(begun, tmp_path / "run.pt")
    together = torchrun(f"--checkpoint={tmp_path / 'run.pt'}")
    assert (together["processes"], together["epochs"], together["ended"]) == (2, 1, "finished")
    assert together["val_loss"] == pytest.approx(done.val_loss, rel=1e-4)
    assert together["val_accuracy"] == pytest.approx(done.val_accuracy, abs=1.5 / 357)

    again = Trainer(CONFIG, data)
    resume(again, tmp_path / "run.pt")
    assert again.step == again.steps
    assert again.validate()[0] == pytest.approx(together["val_loss"], rel=1e-5)
    for name, value in alone.predictor.state_dict().items():
        torch.testing.assert_close(again.predictor.state_dict()[name], value, rtol=1e-3, atol=1e-4)
