"""`python -m core compare FIRST SECOND`: two networks side by side, as a table or as one JSON object."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.profiler import Profile
    from core.profiler.comparison import Change, Pair


def add_parser(subparsers: Any) -> None:
    from core.cli.profile import add_inputs

    parser = subparsers.add_parser("compare", help="two networks side by side: totals, stages, layers that differ")
    parser.add_argument("first", help="a network as `profile` takes it")
    parser.add_argument("second", help="the one to compare it with")
    add_inputs(parser)
    parser.add_argument("--batch", type=int, default=1, help="batch size: images per optimizer step (1)")
    parser.add_argument("--optimizer", default="sgd", help="as for `profile` (sgd)")
    parser.add_argument("--precision", default="fp32", help="as for `profile` (fp32)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the tables")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Profile both and print what differs. Returns the exit status."""
    from core.profiler.comparison import changes, stages, totals

    first, second = (_profiled(text, arguments) for text in (arguments.first, arguments.second))
    pairs, by_size = totals(first, second), stages(first.rows, second.rows)
    steps = changes(first.rows, second.rows)
    if arguments.json:
        whole = {
            "totals": [dataclasses.asdict(pair) for pair in pairs],
            "stages": [dataclasses.asdict(stage) for stage in by_size],
            "changes": [dataclasses.asdict(step) for step in steps],
            "notes": [first.notes, second.notes],
        }
        print(json.dumps(whole))
        return 0
    print("\n".join(_table("", pairs, arguments)))
    print("\nMACs per image by size of the feature map")
    print("\n".join(_table("map", [dataclasses.replace(stage.macs, name=stage.size) for stage in by_size], arguments)))
    print("\nLayers")
    print("\n".join(line for step in steps for line in _change(step, first, second)))
    for text, notes in ((arguments.first, first.notes), (arguments.second, second.notes)):
        print("".join(f"\n{_short(text)}: {note}" for note in notes), end="\n" * bool(notes))
    return 0


def _profiled(text: str, arguments: argparse.Namespace) -> Profile:
    from core.network_argument import network_and_input, takes_arguments
    from core.profiler import Setting, profile_in
    from core.profiler.size_text import inputs_of

    typed = inputs_of(arguments.input, arguments.dtype)
    nobody = not any(map(takes_arguments, (arguments.first, arguments.second)))
    given = network_and_input(text, typed, arguments.args if nobody or takes_arguments(text) else ())
    setting = Setting(batch_size=arguments.batch, optimizer=arguments.optimizer, precision=arguments.precision)
    return given.noted(profile_in(given.network, given.input_shape, setting))


def _table(heading: str, pairs: Any, arguments: argparse.Namespace) -> Iterator[str]:
    cells = [(heading, _short(arguments.first), _short(arguments.second), "difference", "ratio"), *map(_cells, pairs)]
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    for name, *figures in cells:
        right = [figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)]
        yield "  ".join([name.ljust(widths[0]), *right]).rstrip()


def _cells(pair: Pair) -> tuple[str, ...]:
    ratio = "" if pair.ratio is None else f"{pair.ratio:.2f}x"
    return pair.name, f"{pair.first:,}", f"{pair.second:,}", f"{pair.difference:+,}", ratio


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"


def _change(step: Change, first: Profile, second: Profile) -> Iterator[str]:
    """A line for a stretch that is alike, else one for each layer, marked as in a diff."""
    from core.profiler.size_text import shape_text

    if step.kind == "alike":
        ends = dict.fromkeys((first.rows[step.first[0]].label, first.rows[step.first[-1]].label))
        yield f"  {step.count} alike: {' … '.join(ends)}"
    elif step.kind == "changed":
        row, other = first.rows[step.first[0]], second.rows[step.second[0]]
        yield f"~ {row.kind} {row.label} → {other.label}: {', '.join(step.differences)}"
    for mark, rows, indices in (("-", first.rows, step.first), ("+", second.rows, step.second)):
        if step.kind in ("only first", "only second"):
            for index in indices:
                shape = shape_text(rows[index].output_shape[1:])
                yield f"{mark} {rows[index].kind} {rows[index].label}: {shape}, {rows[index].params:,} parameters"
