"""`python -m core profile MODEL`: a network's layers, cost and memory, as a table or as one JSON object."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ParseError, PlaygroundError

if TYPE_CHECKING:
    from torch import nn

    from core.profiler import Profile


def add_parser(subparsers: Any) -> None:
    """Add `profile` to the program's commands."""
    parser = subparsers.add_parser("profile", help="what a network costs, layer by layer, before it runs")
    parser.add_argument("model", help="a network's name (resnet50), nn.Sequential(...) text, or a file holding it")
    parser.add_argument("--input", type=shape, metavar="3x224x224", help="size of one input, without the batch")
    parser.add_argument("--batch", type=int, default=1, help="pictures at a time (1)")
    parser.add_argument("--optimizer", default="sgd", help="sgd, momentum, nesterov, rmsprop, adam or adamw (sgd)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    parser.set_defaults(run=run)


def shape(text: str) -> tuple[int, ...]:
    """A size as it is written on the command line.

    >>> shape("3x224x224"), shape("3, 32, 32")
    ((3, 224, 224), (3, 32, 32))
    """
    try:
        return tuple(int(side) for side in text.lower().replace("×", "x").replace(",", "x").split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: write it like 3x224x224") from None


def run(arguments: argparse.Namespace) -> int:
    """Profile as the arguments say and print it. Returns the exit status."""
    from core.profiler import profile

    model, usual_input = find_model(arguments.model)
    input_shape = arguments.input or usual_input
    if input_shape is None:
        raise PlaygroundError("the size of the input is missing: add --input 3x224x224, or what your network takes")
    result = profile(model, input_shape, arguments.batch, arguments.optimizer)
    print(json.dumps(as_dict(result)) if arguments.json else result)
    return 0


def find_model(text: str) -> tuple[nn.Module, tuple[int, ...] | None]:
    """The network that a preset's name, a file's name or text means, and the input it is usually given."""
    from core.parsing import parse_model

    if _is_file(text):
        return parse_model(Path(text).read_text(encoding="utf-8", errors="replace")), None
    if "(" in text:
        return parse_model(text), None

    import torch

    from core.models import MODELS

    if text not in MODELS:
        raise ParseError(f"there is no network and no file {text!r}: write a name out of {', '.join(MODELS)}")
    with torch.device("meta"):
        return MODELS[text].build(), MODELS[text].input_shape


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # a long text is no legal file name
        return False


def as_dict(result: Profile) -> dict[str, Any]:
    """What `--json` prints: the totals, and a dict per layer."""
    return {
        "model": result.model,
        "input_shape": result.input_shape,
        "batch_size": result.batch_size,
        "optimizer": result.optimizer,
        "total_params": result.total_params,
        "total_macs": result.total_macs,
        "output_bytes": result.output_bytes,
        "saved_bytes": result.saved_bytes,
        "layers": [{**dataclasses.asdict(row), "attributes": dict(row.attributes)} for row in result.rows],
    }
