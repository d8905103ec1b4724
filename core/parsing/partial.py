"""A network as far as its text can be evaluated: the layers before the first one that cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.errors import MissingShapeError, ParseError
from core.parsing.clean import read_tree
from core.parsing.reading import Parsed, ReadingOptions, Shape, evaluate


@dataclass(frozen=True)
class UnparsedLayer:
    """The layer at which reading stops: its name as written ("Dense"), "" if it has none, and why."""

    kind: str
    sentence: str


@dataclass(frozen=True)
class PartialParse:
    """What was read, and the text of it; `unparsed` is None where it is all of the text."""

    parsed: Parsed
    text: str
    unparsed: UnparsedLayer | None = None


def parse_partial(
    text: str, input_shape: Shape | None = None, values: Mapping[str, Any] | None = None, network: str = ""
) -> PartialParse:
    """The network without what comes after the first layer that cannot be evaluated.

    A `forward` is followed up to the statement that cannot be; a list of layers up to its first unknown one.

    Args: as of `core.parsing.parse`.
    Raises: ParseError where there is no layer before it.

    >>> parse_partial("nn.Sequential(nn.ReLU(), nn.Linear(9, wide), nn.Tanh())").text
    'nn.Sequential(\\n    nn.ReLU(),\\n)'
    """
    request = ReadingOptions("meta", input_shape, values or {}, network)
    source = read_tree(text)
    try:
        return PartialParse(evaluate(source, request), text)
    except MissingShapeError:
        raise
    except ParseError as error:
        reason = error
    try:
        parsed = evaluate(source, replace(request, is_lenient=True))
    except ParseError:
        raise reason from None
    return PartialParse(parsed, parsed.lines, UnparsedLayer(parsed.stopped_at, str(reason)))
