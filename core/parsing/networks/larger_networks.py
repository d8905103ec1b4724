"""Classes that a text defines, does not build, and makes of what it builds: a page that shows a block alone goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.parsing.definitions import mentioned
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import Class, Function
from core.parsing.network_values import ENDING
from core.parsing.networks.offered_networks import Network

MOST_TRIED = 3  # classes


def larger_networks(
    evaluator: Evaluator, networks: Sequence[Network], build: Callable[[Class], list[Network]]
) -> tuple[list[Network], list[Network]]:
    """Networks of classes which are made of that of the last network: those above the line that builds it, and below.

    A page goes on to those below; those above are only offered.
    """
    last, known = networks[-1], [getattr(one.value, "definition", None) for one in networks]
    block = known[-1]
    if not isinstance(block, Class) or last.is_taken_out:
        return [], []
    values = evaluator.globals.names.values()
    definitions = [one for one in values if isinstance(one, (Class, Function)) and one is not block]
    used = {name for one in definitions for name in mentioned(one) - {one.name}}
    classes = [one for one in definitions if isinstance(one, Class) and evaluator.is_network(one)]
    unbuilt = [one for one in classes if one.name not in used and one not in known]
    larger = [one for one in unbuilt if block.name in _mentioned_by(one, classes)]
    made = [network for cls in larger[-MOST_TRIED:] for network in build(cls)]
    return [one for one in made if one.line < last.line], [one for one in made if one.line >= last.line]


def unbuilt_classes(evaluator: Evaluator) -> list[Class]:
    """The last classes of networks that a text defines and uses nowhere."""
    definitions = [one for one in evaluator.globals.names.values() if isinstance(one, (Class, Function))]
    used = {name for one in definitions for name in mentioned(one) - {one.name}}
    classes = [one for one in definitions if isinstance(one, Class) and evaluator.is_network(one) and one.line]
    unused = [one for one in classes if one.name not in used and not one.name.endswith(ENDING)]
    return [one for one in unused if isinstance(one.find("__init__"), Function)][-MOST_TRIED:]


def _mentioned_by(cls: Class, classes: list[Class]) -> set[str]:
    """Names that a class uses, and those that classes of the text use which it is made of."""
    by_name = {one.name: one for one in classes}
    known: set[str] = set()
    waiting = [cls]
    while waiting:
        names = mentioned(waiting.pop()) - known
        known |= names
        waiting += [by_name[name] for name in names if name in by_name]
    return known
