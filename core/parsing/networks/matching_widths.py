"""Widths that a class leaves open and that have to match, as where `forward` adds what comes in to what comes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.errors import ParseError
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.inputs.fitting_inputs import Trials
from core.parsing.inputs.trial import lazy_layers
from core.parsing.inputs.usual_inputs import candidate_inputs
from core.parsing.networks.offered_networks import Network

CHANNELS = re.compile(r"to have (\d+) channels, but got (\d+) channels instead")
UNEQUAL = re.compile(r"broadcast a dimension of length (\d+) at (-\d+)!.*broadcastable to \[([\d, ]+)\]")
MOST_INPUTS = 3  # tried for each of them
Build = Callable[[dict[str, Any]], list[Network]]


def with_matching_widths(evaluator: Evaluator, build: Build, values: dict[str, Any]) -> list[Network]:
    """What `build` makes of values, one of them changed where two tensors of unequal widths meet in `forward`."""
    networks = build(values)
    sizes = _unequal(networks) if len({one for one in values.values() if type(one) is int}) > 1 else ()
    meant, taken = networks, dict[str, int]()
    for changed in _changes(values, sizes or (), evaluator.given):
        others = build({**values, **changed})
        said = _unequal(others) if others else sizes
        if said is None or (not said and not taken):
            meant, taken = others, changed
        if said is None:  # an input goes through
            break
    evaluator.assumed |= taken
    return meant


def _changes(values: Mapping[str, Any], sizes: tuple[int, ...], given: Mapping[str, Any]) -> Iterator[dict[str, int]]:
    """Each width that is one of two sizes, with the other size in its place: the larger one first."""
    for size, other in (sorted(sizes), sorted(sizes)[::-1]) if sizes else ():
        yield from ({name: other} for name, value in values.items() if value == size and name not in given)


def _unequal(networks: list[Network]) -> tuple[int, ...] | None:
    """Two widths that meet and do not match in the last network, whatever usual input it gets; None where one fits."""
    module = networks[-1].value if networks else None
    if not isinstance(module, EvaluatedModule) or lazy_layers(module):
        return None
    trials = Trials(module)
    found: tuple[int, ...] = ()
    try:
        for shape in candidate_inputs(module)[:MOST_INPUTS]:
            said = trials.said(shape)
            if said == "":
                return None
            found = found or _sizes(said)
    except ParseError:  # the budget
        return ()
    return found


def _sizes(said: str) -> tuple[int, ...]:
    """The two sizes of which PyTorch says on the meta device that they do not match.

    >>> _sizes("to broadcast a dimension of length 64 at -3! ...; should be broadcastable to [2, 3, 8, 8]")
    (64, 3)
    >>> _sizes("expected input[2, 64, 8, 8] to have 3 channels, but got 64 channels instead")
    (3, 64)
    """
    if channels := CHANNELS.search(said):
        return int(channels[1]), int(channels[2])
    match = UNEQUAL.search(said)
    if match is None:
        return ()
    shape = [int(one) for one in match[3].split(",")]
    return (int(match[1]), shape[int(match[2])]) if -int(match[2]) <= len(shape) else ()
