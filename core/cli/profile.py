"""`python -m core profile MODEL`: a network's layers, cost and memory, as a table or as one JSON object."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import PlaygroundError
from core.profiler.size_text import inputs_of, named_shape

if TYPE_CHECKING:
    from torch import nn

    from core.profiler import Profile, Setting
    from core.profiler.fitting import Device
    from core.profiler.subtotals import Subtotal
    from core.profiler.timing.step_time import StepTime

REPORTED = """model input_shape batch_size optimizer total_params trainable_params frozen_params total_macs fixed_macs
output_bytes saved_bytes forward_flops backward_flops parameter_bytes buffer_bytes gradient_bytes optimizer_bytes
input_bytes kept_bytes temporary_bytes training_peak_bytes inference_peak_bytes"""


def add_parser(subparsers: Any) -> None:
    from core.optim import OPTIMIZERS, PRECISIONS
    from core.profiler.fitting import DEVICES
    from core.profiler.table import FORMATS

    parser = subparsers.add_parser("profile", help="what a network costs, layer by layer, before you run it")
    parser.add_argument(
        "model",
        help="a network's name (resnet50), text or a file of text (parsed, never run), or your own code, which is "
        "imported and run: package.module:Net, path/file.py:Net",
    )
    add_inputs(parser)
    parser.add_argument("--batch", type=int, default=1, help="batch size: images per optimizer step (1)")
    parser.add_argument("--optimizer", default="sgd", help=f"{_keys(OPTIMIZERS)} (sgd)")
    parser.add_argument("--precision", default="fp32", help=f"{_keys(PRECISIONS)} (fp32)")
    parser.add_argument(
        "--checkpoint",
        nargs="*",
        default=(),
        metavar="BLOCK",
        help="blocks whose activations are recomputed in the backward pass",
    )
    parser.add_argument("--accumulate", type=int, default=1, help="gradient accumulation steps per optimizer step (1)")
    parser.add_argument("--device", help=f"does it fit? this (machine), or a device: {', '.join(DEVICES)}")
    parser.add_argument("--fit", metavar="8GB", help="does it fit into so much memory, and what would make it fit?")
    parser.add_argument("--time", action="store_true", help="seconds of a training step, on --device or this machine")
    parser.add_argument("--images", type=int, metavar="N", help="with --time: images of an epoch")
    printed = parser.add_mutually_exclusive_group()
    printed.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    printed.add_argument("--format", choices=tuple(FORMATS), help="print the layers alone, as a file of this format")
    parser.add_argument("--depth", type=int, metavar="N", help="modules down to N levels instead of every layer")
    parser.add_argument("--expand", action="store_true", help="with --depth: repeated blocks one by one")
    parser.add_argument(
        "--draw",
        metavar="FILE",
        help="save a drawing of the network, as .svg or .png; with --time, coloured by what layers wait for",
    )
    parser.set_defaults(run=run)


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """The options that say what a network is built and called with."""
    parser.add_argument(
        "--args",
        nargs="*",
        default=(),
        metavar="10",
        help="what Net is called with: 10 width=2 act=relu; for a text, what it leaves open: num_classes=10",
    )
    parser.add_argument(
        "--input",
        type=named_shape,
        action="append",
        default=[],
        metavar="3x224x224",
        help="size of an input, without the batch; once for each that the network takes, by name as ids=128",
    )
    parser.add_argument(
        "--dtype", nargs="+", default=(), metavar="int64", help="type of the inputs: one for all, or each in order"
    )


def _keys(entries: Mapping[str, Any]) -> str:
    return ", ".join(entry.key for entry in entries.values())


def run(arguments: argparse.Namespace) -> int:
    """Profile as the arguments say and print it. Returns the exit status."""
    from core.network_argument import network_and_input
    from core.profiler import Setting, profile_in
    from core.profiler.fitting import device
    from core.profiler.timing import report as timing_report

    _check_epoch(arguments)
    typed = inputs_of(arguments.input, arguments.dtype)
    given = network_and_input(arguments.model, typed, arguments.args)
    model, input_shape = given.network, given.input_shape
    target = device(arguments.device or arguments.fit) if arguments.device or arguments.fit else None
    if target and arguments.fit:
        room = device(arguments.fit)
        title = f"{target.title} limited to {room.title}" if arguments.device else target.title
        target = dataclasses.replace(target, title=title, memory_bytes=room.memory_bytes)
    setting = Setting(
        batch_size=arguments.batch,
        optimizer=arguments.optimizer,
        precision=arguments.precision,
        checkpointed=tuple(arguments.checkpoint),
        accumulate=arguments.accumulate,
        device=target.kernels if target else "cpu",
    )
    result = given.noted(profile_in(model, input_shape, setting))
    report = as_dict(result)
    if target:
        report["fit"] = fit(model, input_shape, setting, result, target)
    step = time_of(model, input_shape, setting, target) if arguments.time else None
    if step:
        report["time"] = timing_report.as_dict(step, arguments.images)
    if arguments.draw:
        save_drawing(result, Path(arguments.draw), step)
    if arguments.json:
        print(json.dumps(report))
    else:
        print(as_printed(model, result, arguments))
        if target and not arguments.format:
            print_fit(report["fit"])
        if step and not arguments.format:
            print("", *timing_report.lines(step, result.rows, arguments.images), sep="\n")
    return 0


def _check_epoch(arguments: argparse.Namespace) -> None:
    if arguments.images is None:
        return
    if not arguments.time:
        raise PlaygroundError("--images are those of an epoch, whose time is wanted: add --time")
    if arguments.images < 1:
        raise PlaygroundError(f"--images is {arguments.images}, but must be at least 1")


def time_of(model: nn.Module, input_shape: Any, setting: Setting, target: Device | None) -> StepTime:
    """The time of a training step on a device, or on this machine where none is named.

    Raises: PlaygroundError where nothing is known of the device's speed.
    """
    from core.calibrations import rates_of
    from core.profiler.fitting import device
    from core.profiler.timing.recording import record
    from core.profiler.timing.step_time import step_time

    target = target or device("this")
    rates = rates_of(target)
    if rates is None:
        here = target.title.startswith("This machine")
        way = "measure it first: python -m core calibrate" if here else "name a device, such as --device rtx3060"
        raise PlaygroundError(f"nothing is known of the speed of {target.title}: {way}")
    return step_time(record(model, input_shape, setting.but(device=target.kernels)), rates)


def modules_of(model: nn.Module, result: Profile, arguments: argparse.Namespace) -> tuple[Subtotal, ...] | None:
    """The modules down to the depth that is wanted; None for every row."""
    from core.profiler.subtotals import kinds_of, lines, subtotals

    if arguments.depth is None:
        return None
    if arguments.depth < 1:
        raise PlaygroundError(f"--depth is {arguments.depth}, but must be at least 1")
    return tuple(lines(subtotals(result.rows, kinds_of(model), not arguments.expand), arguments.depth))


def as_printed(model: nn.Module, result: Profile, arguments: argparse.Namespace) -> str:
    """The table for the terminal, or the layers as a file of the format that is wanted."""
    from core.profiler.formatting import as_text
    from core.profiler.table import FORMATS, Table

    modules = modules_of(model, result, arguments)
    if arguments.format:
        lines = result.rows if modules is None else modules
        return FORMATS[arguments.format](Table(result.rows, lines, result.input_shape, result.setting)).rstrip("\n")
    return str(result) if modules is None else as_text(result.title, result.rows, result.memory_lines, modules)


def save_drawing(result: Profile, path: Path, step: StepTime | None) -> None:
    """An SVG or PNG file, as the name's ending says; with times, coloured by what the layers wait for."""
    from core import network_drawing

    writers: dict[str, Callable[[network_drawing.Drawing], str | bytes]] = {
        ".svg": network_drawing.to_svg,
        ".png": network_drawing.to_png,
    }
    if path.suffix.lower() not in writers:
        raise PlaygroundError(f"{path.name!r} is neither .svg nor .png: end the drawing's name with one of them")
    bounds = [row.bound if row.seconds else None for row in step.rows] if step else ()
    drawing = network_drawing.draw(result.rows, result.input_shape, title=result.title, bounds=bounds)
    content = writers[path.suffix.lower()](drawing)
    try:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise PlaygroundError(f"{path} cannot be written: {error.strerror}") from error


def fit(model: nn.Module, input_shape: Any, setting: Any, result: Profile, target: Any) -> dict[str, Any]:
    """Whether it fits, the largest batch, and, where it does not fit, what would make it fit."""
    from core.profiler.fitting import budget_bytes, largest_batch, suggest, verdict

    judged = verdict(result.training_peak_bytes, target)
    budget = budget_bytes(target)
    report: dict[str, Any] = {
        "device": target.title,
        "memory_bytes": target.memory_bytes,
        "verdict": judged.word,
        "sentence": judged.sentence,
        "least_bytes": judged.least_bytes,
        "most_bytes": judged.most_bytes,
        "largest_batch": largest_batch(model, input_shape, budget, setting).batch_size,
        "remedies": [],
    }
    if judged.word != "fits":
        report["remedies"] = [_suggestion(suggestion) for suggestion in suggest(model, input_shape, setting, budget)]
    return report


def _suggestion(suggestion: Any) -> dict[str, Any]:
    names = ("kind", "title", "cost", "peak_bytes", "saves_bytes", "fits", "macs_factor", "input_shape")
    return {name: getattr(suggestion, name) for name in names} | {"edits": [edit.sentence for edit in suggestion.edits]}


def print_fit(report: dict[str, Any]) -> None:
    """The verdict, the largest batch and the suggestions as lines."""
    from core.profiler.formatting import readable

    print(f"\n{report['sentence']}")
    print(f"largest batch size that fits: {report['largest_batch']}")
    for suggestion in report["remedies"]:
        mark = "fits" if suggestion["fits"] else "    "
        print(f"  {mark}  {readable(suggestion['peak_bytes']):>9}  {suggestion['title']} ({suggestion['cost']})")


def _known(result: Profile, name: str) -> Any:
    """A figure of a profile; None where training or prediction stop, so that nobody knows it."""
    try:
        return getattr(result, name)
    except PlaygroundError:
        return None


def as_dict(result: Profile) -> dict[str, Any]:
    """What `--json` prints: totals, memory, the timeline, and a dict per layer."""
    from core.profiler.memory.categories import CATEGORIES

    return {name: _known(result, name) for name in REPORTED.split()} | {
        "notes": result.notes,
        "precision": result.setting.precision,
        "categories": CATEGORIES,
        "timeline": [dataclasses.asdict(span) for span in _known(result, "timeline") or ()],
        "layers": [{**dataclasses.asdict(row), "attributes": dict(row.attributes)} for row in result.rows],
    }
