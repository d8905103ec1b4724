"""The program of the training page: what it says it needs, and that it prints the figures of the run."""

import pytest
import torch

from core.datasets import BUILT_IN, REMOTE, load
from core.jobs.job_spec import Source
from core.training import TrainConfig, Trainer
from core.training.events import Epoch
from core.training.export import script
from playground.training.program import needs_sentence
from tests.truth import isolated


@pytest.mark.parametrize("name", [*BUILT_IN, *REMOTE, ""])
def test_the_program_says_what_it_needs(name):
    said = needs_sentence(Source("Mine", name) if name else Source("Mine", path="/somewhere"))
    assert "nothing of this project" in said
    assert (REMOTE[name].url in said) if name in REMOTE else "http" not in said


PROGRAMS = {
    "small": ("sketches", 24, TrainConfig(epochs=2, width=8, batch_size=16)),
    "digits": ("digits", 16, TrainConfig(epochs=1, width=8, batch_size=16, optimizer="AdamW", learning_rate=0.002)),
    "stops early": ("sketches", 16, TrainConfig(epochs=6, width=8, batch_size=16, patience=1, learning_rate=0.3)),
    "diverges": ("sketches", 16, TrainConfig(epochs=3, width=8, norm="None", learning_rate=1e30, schedule="Constant")),
    "frozen": ("sketches", 64, TrainConfig(network="EfficientNet-Lite0, frozen", epochs=2, batch_size=16)),
    "own": (
        "sketches",
        16,
        TrainConfig(
            network="nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), "
            "nn.Linear(8, 2))",
            **{"epochs": 2, "mixup": 0.4, "ema": 0.9, "accumulate": 2, "test_flip": True},
            test_share=0.2,
        ),
    ),
}


def test_the_program_prints_the_figures_of_the_run(tmp_path):
    pairs = [(config, load(name, size, limit=40)) for name, size, config in PROGRAMS.values()]
    programs = [script(config, data, data.name, data.name, threads=1) for config, data in pairs]
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for (config, data), printed in zip(pairs, isolated.outputs(programs, tmp_path), strict=True):
            events = list(Trainer(config, data).run())
            assert printed.splitlines() == [*lines(events)]
    finally:
        torch.set_num_threads(before)


def lines(events):
    """What a program has to print for these events."""
    done = events[-1]
    for event in events:
        if isinstance(event, Epoch):
            losses = f"training loss {event.train_loss:.4f}, validation {event.val_loss:.4f}"
            yield f"epoch {event.epoch}: {losses}, accuracy {event.val_accuracy:.2%}"
    if done.reason == "diverged":
        yield f"the loss became NaN or infinite after {done.step} steps (diverged): stopped"
    yield f"validation accuracy: {done.val_accuracy:.2%}, loss {done.val_loss:.4f}"
