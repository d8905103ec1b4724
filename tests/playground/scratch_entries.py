"""Run by itself: adds an optimizer and a schedule as one entry each, and prints where they arrive."""

import contextlib
import dataclasses
import io
import json

import torch

from core.optim import OPTIMIZERS, SCHEDULES, Schedule


def falls(progress: float) -> float:
    return 1 - progress


def add_entries() -> None:
    """Not on import: doctests import every module, and other tests would find the entries."""
    OPTIMIZERS["NAdam"] = dataclasses.replace(OPTIMIZERS["Adam"], name="NAdam", key="nadam", kind=torch.optim.NAdam)
    SCHEDULES["Linear decay"] = Schedule(
        "Linear decay",
        lambda optimizer, steps: torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps),
        falls,
        r"\eta_t = \eta (1 - t / T)",
        "torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, {steps})",
        "A straight line down to 0.",
        "Scratch",
    )


def on_the_command_line(*words: str) -> dict:
    """What a command prints as JSON."""
    from core.__main__ import main

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert main([*words, "--json"]) == 0
    return json.loads(printed.getvalue())


def main() -> dict:
    """Where the two entries arrive."""
    from core.datasets import load
    from core.training import TrainConfig
    from core.training.export import script
    from playground.training.memory import MemoryQuery, needed
    from tests.pages.helpers import open_page

    lesson = open_page("optimizers", op_one="NAdam", op_s_one="Linear decay")
    training, calculator = open_page("training"), open_page("calculator")
    config = TrainConfig(optimizer="NAdam", schedule="Linear decay", epochs=1)
    chosen = ("--optimizer", "nadam", "--schedule", "linear-decay")
    return {
        "exceptions": [error.value for page in (lesson, training, calculator) for error in page.exception],
        "lesson optimizers": lesson.get_by_key("op_names").options,
        "lesson code": [code.value for code in lesson.code],
        "trainer optimizers": training.selectbox(key="tnow_optimizer").options,
        "trainer schedules": training.selectbox(key="tnow_schedule").options,
        "calculator optimizers": calculator.selectbox(key="ca_opt").options,
        "script": script(config, load("sketches", 16, limit=12), "sketches", "Sketches"),
        "train": on_the_command_line("train", *chosen, "--size", "16", "--epochs", "1", "--width", "8"),
        "profile": on_the_command_line("profile", "lenet5", "--optimizer", "nadam"),
        "needed": [needed(MemoryQuery(TrainConfig(optimizer=name), 2, 16, "cpu")) for name in ("SGD", "Adam", "NAdam")],
    }


if __name__ == "__main__":
    add_entries()
    print(json.dumps(main()))
