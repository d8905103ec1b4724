"""`python -m core train`: a run in the terminal, with a progress bar, or as one JSON object for other programs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.data import add_layout_arguments, layout_of
from core.knobs import knobs_of

if TYPE_CHECKING:
    from core.datasets import ImageDataset
    from core.training import TrainConfig
    from core.training.terminal.chosen import ChosenRun
    from core.training.terminal.running import TerminalRun

EPILOG = (
    "Exit status: 0 the run ended as planned; 1 a checkpoint could not be written; 2 refused, with the reason; "
    "3 the loss became NaN or infinite; 130 interrupted."
)


def add_parser(subparsers: Any) -> None:
    from core.datasets import BUILT_IN
    from core.training.recipe.presets import RECIPES

    parser = subparsers.add_parser("train", help="train a network on labelled images", epilog=EPILOG)
    parser.add_argument(
        "--data", default="sketches", help=f"{', '.join(BUILT_IN)}, or a ZIP or folder of class folders (sketches)"
    )
    sizes = ", ".join(f"{recipe.key}: {recipe.size}" for recipe in RECIPES.values() if recipe.size)
    own = "for few images of your own what suits their number"
    parser.add_argument("--size", type=int, help=f"image size in pixels (64; {own}; {sizes})")
    parser.add_argument("--limit", type=int, metavar="N", help="use at most so many images, chosen uniformly")
    add_layout_arguments(parser)
    parser.add_argument("--model", "--network", dest="network", help="a network's name, or nn.Sequential(...) text")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 or mps (cpu)")
    recipes = ", ".join(f"{recipe.key} ({name})" for name, recipe in RECIPES.items())
    keys = [recipe.key for recipe in RECIPES.values()]
    parser.add_argument("--recipe", choices=keys, help=f"start from: {recipes}; without one now, or {own}")
    _add_knobs(parser)
    parser.add_argument("--checkpoint", type=Path, help="file to resume from if it exists, written after each epoch")
    predict = "write what the network predicts for the images without a class (a folder test1/) as id,label"
    parser.add_argument("--predict", type=Path, metavar="OUT.csv", help=predict)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the bar")
    parser.set_defaults(run=run)


def _add_knobs(parser: argparse.ArgumentParser) -> None:
    from core.training.recipe.config import TrainConfig

    for name, knob in knobs_of(TrainConfig).items():
        if name == "network":
            continue
        about = f"{knob.title(name)}. {knob.help}" if knob.help else knob.title(name)
        flag, shown = f"--{name.replace('_', '-')}", f"{about} ({knob.default})".replace("%", "%%")
        if isinstance(knob.default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=shown)
        else:
            parser.add_argument(flag, type=type(knob.default), default=None, help=shown)


def run(arguments: argparse.Namespace) -> int:
    """Train as the arguments say and print the result. Returns the exit status."""
    from core.datasets import load
    from core.errors import PlaygroundError
    from core.training.mechanics.devices import is_out_of_memory, usable_device
    from core.training.mechanics.distributed import worker_group
    from core.training.recipe.expectations import accuracy_sentence
    from core.training.terminal.predictions import check_output
    from core.training.terminal.report import exit_status

    usable_device(arguments.device)
    chosen = _chosen(arguments)
    if arguments.predict:
        check_output(arguments.predict, arguments.data, chosen)
    with worker_group(arguments.device) as (workers, device):
        if workers.is_main:
            _print_plan(chosen)
        data = load(arguments.data, chosen.size, limit=arguments.limit, layout=layout_of(arguments))
        notes = _notes(chosen, data.notes)
        expected = accuracy_sentence(chosen.config, data.size, data.class_counts)
        for line in (*(f"Note: {note}" for note in notes), *filter(None, [expected])) if workers.is_main else ():
            print(line, file=sys.stderr)
        try:
            ran = _train(arguments, chosen.config, data, device, workers)
        except (MemoryError, RuntimeError) as error:
            if is_out_of_memory(error):
                raise PlaygroundError(
                    "There is not enough memory: use a smaller batch size or smaller images."
                ) from error
            raise
    if workers.is_main:
        _print_result(arguments, ran, data, chosen.as_json() | {"notes": notes, "expected_accuracy": expected})
    status = exit_status(ran)
    workers.exit(status)
    return status


def _print_result(arguments: argparse.Namespace, ran: TerminalRun, data: ImageDataset, plan: dict[str, Any]) -> None:
    """The predictions that were asked for into their file; the result of the run on stdout."""
    from core.training.terminal import predictions, report

    if arguments.predict and ran.done and not ran.done.has_diverged:
        count = predictions.write_predictions(ran, arguments.predict, arguments.data, layout_of(arguments))
        print(f"predictions for {count:,} images: {arguments.predict}", file=sys.stderr)
    wrong = predictions.wrong_validation_images(ran, data)
    if arguments.json:
        print(json.dumps(report.as_json(ran, data.refused, wrong) | plan))
    else:
        print("\n".join(report.result_lines(ran, data.refused, wrong)))


def _train(arguments: argparse.Namespace, config: TrainConfig, data: Any, device: str, workers: Any) -> TerminalRun:
    from core.training import Trainer
    from core.training.terminal.running import TerminalRun

    ran = TerminalRun(Trainer(config, data, device, workers), arguments.checkpoint)
    ran.train(quiet=arguments.json or not workers.is_main)
    return ran


def _chosen(arguments: argparse.Namespace) -> ChosenRun:
    """What is to be trained. Raises: PlaygroundError for what would only go wrong after the first epoch, too."""
    from core.training.checkpoints import check_path, read_checkpoint
    from core.training.recipe.config import TrainConfig
    from core.training.terminal.chosen import choose

    checkpoint = arguments.checkpoint
    if checkpoint is not None:
        check_path(checkpoint)
        if checkpoint.exists():
            read_checkpoint(checkpoint)
    given = {name: getattr(arguments, name) for name in knobs_of(TrainConfig)}
    changes = {name: value for name, value in given.items() if value is not None}
    what = arguments.data, layout_of(arguments), arguments.limit
    return choose(*what, arguments.recipe, arguments.size, changes, checkpoint)


def _print_plan(chosen: ChosenRun) -> None:
    """What was understood of the images, and which recipe is taken for them, on stderr."""
    from core.datasets.layout_report import report

    for line in report(chosen.understanding) if chosen.understanding else ():
        print(line, file=sys.stderr)
    if chosen.recommended:
        print(chosen.recommended.line, file=sys.stderr)


def _notes(chosen: ChosenRun, notes: Sequence[str]) -> list[str]:
    """What decoding has shown beyond what was understood before: copies, classes too small, a smaller size."""
    said = chosen.understanding.notes if chosen.understanding else ()
    return [note for note in notes if note not in said]
