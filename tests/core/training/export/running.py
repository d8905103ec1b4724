"""What tests of printed scripts share: a small recipe, running a script apart, and the run that it repeats."""

import re

import torch

from core.training import TrainConfig, Trainer
from tests import prepared_python

IMPORT = re.compile(r"\s*(from|import) \w")
BASE = TrainConfig(epochs=2, batch_size=16, width=8)


def ran(text, folder, *arguments):
    """The weights that a script writes when it is run in `folder`, our package out of reach."""
    (folder / "run.py").write_text(text, encoding="utf-8")
    done = prepared_python.run(["run.py", *map(str, arguments)], folder)
    assert done.returncode == 0, done.stderr
    assert "core" not in {line.split()[1].split(".")[0] for line in text.splitlines() if IMPORT.match(line)}
    return torch.load(folder / "weights.pt", weights_only=True)


def same(weights, model):
    state = model.state_dict()
    return weights.keys() == state.keys() and all(torch.equal(value, state[name]) for name, value in weights.items())


def played(config, data):
    trainer = Trainer(config, data)
    for _ in trainer.run():
        pass
    return trainer.predictor
