"""Sentences on what was left out of a text, chosen or assumed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.parsing.dialects.keras.graph import inputs_besides
from core.parsing.evaluation.conditions import is_condition
from core.parsing.evaluation.forward_inputs import ADJACENCY, EDGES, needed_inputs, parts_read
from core.parsing.evaluation.hidden_state import has_state, takes_zeros
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.open_masks import is_open_mask
from core.parsing.evaluation.values import Function
from core.parsing.evaluation.worded_inputs import words_of_inputs
from core.parsing.inputs.input_sizes import SIZE_OF
from core.parsing.networks.offered_networks import Network

MOST_LISTED = 12
MOST_QUOTED = 120  # letters of an expression


def choice_notes(names: Sequence[str], chosen: str) -> list[str]:
    """Which of several networks was taken.

    >>> choice_notes(["encoder", "decoder"], "decoder")
    ['The text has 2 networks; decoder was used.']
    """
    others = [name for name in names if name and name != chosen]
    return [f"The text has {len(others) + 1} networks; {chosen} was used."] if others and chosen else []


def skipped_note(numbers: Iterable[int]) -> str:
    """Which lines were passed over.

    >>> skipped_note([4, 2, 4])
    'Lines 2, 4 were skipped: nothing there adds a layer, and nothing is executed.'
    """
    listed = sorted(set(numbers))
    lines = ", ".join(map(str, listed[:MOST_LISTED])) + (" and more" if len(listed) > MOST_LISTED else "")
    many = len(listed) > 1
    verb = "were" if many else "was"
    return f"Line{'s' * many} {lines} {verb} skipped: nothing there adds a layer, and nothing is executed."


def undecided_notes(lines: Iterable[int]) -> list[str]:
    """That lines of a `try` were taken not to fail.

    >>> undecided_notes([4])
    ['Line 4 may fail where the code is run; what its try does then is not read here.']
    """
    return [f"Line {line} may fail where the code is run; what its try does then is not read here." for line in lines]


def owner_notes(network: Network) -> list[str]:
    """Which object keeps the network, where the text builds that without giving it a name."""
    if network.owner is None or not network.owner.text:
        return []
    return [f"{network.name} is that of {network.owner.text[:MOST_QUOTED]}, which line {network.owner.line} builds."]


def assumed_notes(assumed: Mapping[str, Any], given: Mapping[str, Any], stated: Container[str] = ()) -> list[str]:
    """Which values were taken for names that the text leaves open, `stated` those that it has a value for elsewhere.

    >>> print(*assumed_notes({"width": 64, "classes": 10}, {}, {"width"}), sep="\\n")
    width gets no value here; 64 is assumed, which it is elsewhere in the text.
    classes has no value in the text; 10 is assumed.
    """
    open_ones = [name for name in assumed if name not in given and not name.startswith(SIZE_OF)]
    return [_assumed_note(name, assumed[name], name in stated) for name in open_ones if assumed[name] != name]


def _assumed_note(name: str, value: Any, is_stated: bool) -> str:
    if is_stated:
        return f"{name} gets no value here; {value} is assumed, which it is elsewhere in the text."
    return f"{name} has no value in the text; {value} is assumed."


def statistics_notes(module: nn.Module, dialect: str) -> list[str]:
    """That Paddle's own table of a network shows more parameters.

    >>> statistics_notes(nn.BatchNorm2d(8), "paddle")
    ["Paddle's summary counts the running means and variances of batch norm too, which makes 16 more."]
    >>> statistics_notes(nn.BatchNorm2d(8), "pytorch")
    []
    """
    norms = [one for one in module.modules() if isinstance(one, _BatchNorm) and one.running_mean is not None]
    count = 2 * sum(one.num_features for one in norms)
    counted = f"Paddle's summary counts the running means and variances of batch norm too, which makes {count:,} more."
    return [counted] if count and dialect == "paddle" else []


def input_notes(module: nn.Module) -> list[str]:
    """What a network of several inputs gets for those besides the first."""
    if also := inputs_besides(module):
        others = [f"{name} ({'x'.join(map(str, sides)) or 'a number'})" for name, sides in also.items()]
        return [f"Besides its first input the network takes {' and '.join(others)}: zeros stand for that here."]
    if not isinstance(module, EvaluatedModule):
        return []
    entry, kind = module.entry, module.definition.name
    method = module.definition.find(entry)
    notes = [f"{kind} has no forward(); {entry}() is run instead."] if entry != "forward" else []
    if not isinstance(method, Function):
        return notes
    needed = needed_inputs(method)
    inputs = [name for name in needed if name == needed[0] or not has_state(module, name)]
    masks = [name for name in inputs[1:] if is_open_mask(module, method, name)]
    words = {name: word for name, word in words_of_inputs(method.node).items() if name in inputs[1:]}
    inputs = [name for name in inputs if name not in masks and name not in words]
    states = [name for name in inputs[1:] if takes_zeros(module, name, needed)]
    conditions = [name for name in inputs[1:] if name not in states and is_condition(module, method, name, needed)]
    inputs = [name for name in inputs if name not in states and name not in conditions]
    edges = [name for name in inputs[1:] if EDGES.fullmatch(name.lower()) or ADJACENCY.fullmatch(name.lower())]
    inputs = [name for name in inputs if name not in edges]
    notes += [f"{entry}() takes {' and '.join(states)}: zeros stand for the first state here."] if states else []
    notes += [f"{entry}() takes {' and '.join(masks)}: nothing is masked here."] if masks else []
    notes += [f"{entry}() takes {name}: {word!r} is taken here." for name, word in words.items()]
    notes += [f"{entry}() takes {name}: a zero for each item of the batch stands for it here." for name in conditions]
    notes += [f"{entry}() takes {name}: zeros stand for the edges of the graph here." for name in edges]
    for name in inputs:
        parts = parts_read(module, method, name).names
        if parts:
            known = {part: module.part_sizes[part][0] for part in parts if part in module.part_sizes}
            sizes = [f"{part} is {'x'.join(map(str, shape)) or 'a number'}" for part, shape in known.items()]
            given = " and ".join(sizes) or "the input stands for each"
            notes.append(f"{entry}() reads {', '.join(parts)} of {name}: {given} here.")
    besides = {name: one for name, one in module.named_inputs.items() if name in inputs}
    inputs = [name for name in inputs if name not in besides]
    for name, (shape, _) in besides.items():
        notes.append(f"{entry}() takes {name} besides: {'x'.join(map(str, shape)) or 'a number'} for each item here.")
    if len(inputs) > 1:
        notes.append(f"{entry}() takes {len(inputs)} inputs, {', '.join(inputs)}: each is given the same one here.")
    return notes
