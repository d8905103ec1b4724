"""The typed input where the text leaves the sizes of its own open: `build(width, height, depth)` gets those typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.errors import ParseError
from core.parsing.parsed import Parsed, ReadingOptions

MOST_READINGS = 8  # one for each name and axis that may belong together


def by_axes(
    first: Parsed, request: ReadingOptions, read: Callable[[ReadingOptions], Parsed], affordable: int
) -> tuple[Parsed, ReadingOptions] | None:
    """The network for the typed input and its request, where names of the text are found that its sizes come from.

    An axis belongs to the name whose other value changes that axis and no other. None where some axes stay apart from
    what is typed: the text says otherwise.
    """
    typed, current = request.input_shape or (), first
    if first.input_shape is None or len(first.input_shape) != len(typed):
        return None
    asked, left = request, min(MOST_READINGS, affordable)
    for axis, size in enumerate(typed):
        for name in _names_of(current, axis, size, request):
            left -= 1
            trial = replace(asked, values={**asked.values, name: size})
            made = _or_none(read, trial) if left >= 0 else None
            if made is not None and made.input_shape == _with_size(current, axis, size):
                asked, current = trial, made
                break
    return (current, asked) if current.input_shape == typed else None


def _names_of(parsed: Parsed, axis: int, size: int, request: ReadingOptions) -> list[str]:
    """Open names that have the size of that axis, if another one is typed for it."""
    shape = parsed.input_shape
    if shape is None or shape[axis] == size:
        return []
    open_names = [name for name in parsed.assumed if name not in request.values and name not in parsed.stated]
    return [name for name in open_names if type(parsed.assumed[name]) is int and parsed.assumed[name] == shape[axis]]


def _with_size(parsed: Parsed, axis: int, size: int) -> tuple[int, ...]:
    shape = parsed.input_shape or ()
    return (*shape[:axis], size, *shape[axis + 1 :])


def _or_none(read: Callable[[ReadingOptions], Parsed], request: ReadingOptions) -> Parsed | None:
    try:
        return read(request)
    except ParseError:
        return None
