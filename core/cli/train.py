"""`python -m core train`: a run in the terminal, with a progress bar, or as one JSON object for other programs."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from core.knobs import knobs_of


def add_parser(subparsers: Any) -> None:
    from core.datasets import BUILT_IN
    from core.training.recipe.config import TrainConfig
    from core.training.recipe.presets import RECIPES

    parser = subparsers.add_parser("train", help="train a network on labelled images")
    parser.add_argument(
        "--data", default="sketches", help=f"{', '.join(BUILT_IN)}, or a ZIP or folder of class folders (sketches)"
    )
    sizes = ", ".join(f"{recipe.key}: {recipe.size}" for recipe in RECIPES.values() if recipe.size)
    parser.add_argument("--size", type=int, default=64, help=f"image size in pixels (64; {sizes})")
    parser.add_argument("--model", "--network", dest="network", help="a network's name, or nn.Sequential(...) text")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 or mps (cpu)")
    recipes = ", ".join(f"{recipe.key} ({name})" for name, recipe in RECIPES.items())
    parser.add_argument("--recipe", choices=[recipe.key for recipe in RECIPES.values()], help=f"start from: {recipes}")
    for name, knob in knobs_of(TrainConfig).items():
        if name == "network":
            continue
        about = f"{knob.title(name)}. {knob.help}" if knob.help else knob.title(name)
        flag, shown = f"--{name.replace('_', '-')}", f"{about} ({knob.default})"
        if isinstance(knob.default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=shown)
        else:
            parser.add_argument(flag, type=type(knob.default), default=None, help=shown)
    parser.add_argument("--checkpoint", type=Path, help="file to resume from if it exists, written after each epoch")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the bar")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train as the arguments say and print the result. Returns the exit status."""
    from core.datasets import load
    from core.training.mechanics.distributed import worker_group
    from core.training.recipe.config import TrainConfig
    from core.training.recipe.presets import RECIPES

    base = next((recipe.config() for recipe in RECIPES.values() if recipe.key == arguments.recipe), TrainConfig())
    overrides = {name: getattr(arguments, name) for name in knobs_of(TrainConfig)}
    config = dataclasses.replace(base, **{name: value for name, value in overrides.items() if value is not None})
    data = load(arguments.data, arguments.size)
    with worker_group(arguments.device) as (workers, device):
        result = _train(config, data, device, workers, arguments.checkpoint, quiet=arguments.json)
    result["processes"] = workers.size
    result["refused"] = [_refusal(refusal) for refusal in data.refused]
    if workers.is_main:
        print(json.dumps(result)) if arguments.json else _print_result(result)
    workers.exit()
    return 0


def _refusal(refusal: Any) -> dict[str, str]:
    return {"path": str(refusal.path), "reason": str(refusal.reason)}


def _train(config: Any, data: Any, device: str, workers: Any, checkpoint: Path | None, quiet: bool) -> dict[str, Any]:
    """Run to the end behind a progress bar, which only the leading process shows. Returns the figures."""
    from tqdm import tqdm

    from core.training import Trainer, resume, save
    from core.training.events import Began, Done, Epoch, TrainingStep

    trainer, quiet = Trainer(config, data, device, workers), quiet or not workers.is_main
    result: dict[str, Any] = {}
    if checkpoint and checkpoint.exists():
        resume(trainer, checkpoint)
    with tqdm(unit="step", disable=quiet, file=sys.stderr) as bar:
        for event in trainer.run():
            if checkpoint and workers.is_main and isinstance(event, Epoch | Done):
                save(trainer, checkpoint)
            if isinstance(event, Began):
                bar.reset(event.steps)
                bar.update(event.step)
                result = {"train_images": event.train_images, "val_images": event.val_images}
                result["parameters"] = event.parameters
            elif isinstance(event, TrainingStep):
                bar.update()
                bar.set_postfix(epoch=event.epoch, loss=f"{event.loss:.3f}", refresh=False)
            elif isinstance(event, Epoch) and not quiet:
                bar.write(_epoch_line(event), file=sys.stderr)
            elif isinstance(event, Done):
                result |= {"epochs": event.epochs, "val_accuracy": event.val_accuracy, "val_loss": event.val_loss}
                result |= {"images_per_second": event.images_per_second, "ended": event.reason}
    return result


def _epoch_line(epoch: Any) -> str:
    return (
        f"epoch {epoch.epoch}: training loss {epoch.train_loss:.3f}, accuracy {epoch.train_accuracy:.1%};"
        f" validation loss {epoch.val_loss:.3f}, accuracy {epoch.val_accuracy:.1%}"
    )


def _print_result(result: dict[str, Any]) -> None:
    for refusal in result["refused"]:
        print(f"left out {refusal['path']}: {refusal['reason']}")
    epochs = f"{result['epochs']} epoch{'s' * (result['epochs'] != 1)}"
    print(
        f"validation accuracy {100 * result['val_accuracy']:.1f} % ({result['val_images']} images) after "
        f"{epochs} of {result['train_images']} images "
        f"({result['images_per_second']:.0f} images per second)"
    )
