"""Networks that a page makes one after the other under the same name, each offered by itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from torch import nn

from core.errors import ParseError
from core.parsing.dialects.pytorch.presets import size_of
from core.parsing.networks.offered_networks import Network

_LABEL = re.compile(r"(.*) \(line (\d+)\)")


def labelled(networks: Sequence[Network]) -> list[str]:
    """The names under which networks are offered: one whose name a later one takes has its line behind it.

    One that is made anew as it was is offered once.
    """
    last = _holders(networks)
    return [
        one.name if one is last.get(one.name) else f"{one.name} (line {one.line})"
        for one in networks
        if one is last.get(one.name) or one.name not in last or not _are_alike(one, last[one.name])
    ]


def _holders(networks: Sequence[Network]) -> dict[str, Network]:
    """Which network has each name in the end."""
    return {one.name: one for one in networks if not one.renamed_at}


def _are_alike(one: Network, other: Network) -> bool:
    both = isinstance(one.value, nn.Module) and isinstance(other.value, nn.Module)
    return both and size_of(one.value) == size_of(other.value)


def has_line(label: str) -> bool:
    """Whether a network is asked for that is not the last one of its name."""
    return _LABEL.fullmatch(label) is not None


def earlier_version(networks: Sequence[Network], tree: ast.Module, label: str) -> tuple[ast.Module, str]:
    """The statements above those that make the next network of the same name, and that name.

    Raises: ParseError if no network has such a label.
    """
    match = _LABEL.fullmatch(label)
    if match is None or label not in labelled(networks):
        raise ParseError(f"The text has no network {label[:60]}: choose one of {', '.join(labelled(networks))[:200]}.")
    name, line = match[1], int(match[2])
    later = [one.line for one in networks if one.name == name and one.line > line]
    ends = [one.renamed_at for one in networks if one.name == name and one.line == line and one.renamed_at]
    end = min(later + ends)
    return ast.Module([node for node in tree.body if (node.end_lineno or node.lineno) < end], []), name
