"""Methods of strings, lists, dictionaries and sets that a text may call, none of which can grow without bounds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from core.errors import ParseError
from core.parsing.evaluation.array_growth import check_growth
from core.parsing.evaluation.arrays import Array
from core.parsing.evaluation.layers_by_name import LayersByName
from core.parsing.evaluation.library.deques import DEQUE, Deque
from core.parsing.evaluation.values import StoredValue, type_name

LONGEST = 100_000  # letters of a string
LONGEST_FORMAT = 2000  # letters: each field may become as long as a string
MOST_PARTS = 50  # of a network that is written out
_SPEC = re.compile(r"[^{}]?[<>=^]?[-+ ]?#?0?\d{0,2}[_,]?(?:\.\d{1,2})?[a-zA-Z%]?")
_PERCENT = re.compile(r"%(?:\(\w+\))?[-+ 0#]?\d{0,2}(?:\.\d{1,2})?[diuoxXeEfFgGrs]")
_FIELD = re.compile(r"\{\{|\}\}|\{(\w*)((?:\[\w+\])*)(?:!([rsa]))?(?::([^{}]*))?\}|[{}]")


def formatted(value: Any, spec: str = "") -> str:
    """A value as text, as an f-string has it; only short formats of numbers and strings.

    >>> formatted(3, "02d"), formatted("a")
    ('03', 'a')
    """
    if not _SPEC.fullmatch(spec):
        raise ValueError(f"the format {spec[:20]!r} is not understood here")
    if isinstance(value, (int, float, str, bool)):
        return format(value, spec)
    if value is None or isinstance(value, (list, tuple, dict, range, slice, torch.dtype, torch.device)):
        return str(value)[:200]
    if isinstance(value, nn.Module) and sum(1 for _ in value.modules()) <= MOST_PARTS:
        return str(value)
    return type_name(value)


def format_text(text: str, *args: Any, **kwargs: Any) -> str:
    """`"layer{}".format(i)` with plain fields: names, numbers and items, no attributes.

    >>> format_text("conv{}_{name}_{sizes[1]}", 1, name="a", sizes=(3, 8))
    'conv1_a_8'
    """
    if len(text) > LONGEST_FORMAT:
        raise ValueError(f"a text with fields has at most {LONGEST_FORMAT} letters here")
    position = iter(range(len(args)))

    def field(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if len(match[0]) == 1:
            raise ValueError("the fields of this text are not understood here")
        name = match[1]
        value = kwargs[name] if name in kwargs else args[int(name) if name else next(position)]
        for key in re.findall(r"\w+", match[2]):
            value = value[int(key) if key.isdigit() else key]
        value = repr(value) if match[3] in ("r", "a") and isinstance(value, str) else value
        return formatted(value, match[4] or "")

    return _FIELD.sub(field, text)


def percent(text: str, values: Any) -> str:
    """`"conv%d" % i`, with short formats of numbers and strings.

    >>> percent("conv%d_%s", (1, "a"))
    'conv1_a'
    """
    given = iter(values if isinstance(values, tuple) else (values,))

    def field(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if not _PERCENT.fullmatch(match[0]):
            raise ValueError(f"the format {match[0][:20]!r} is not understood here")
        name = re.match(r"%\((\w+)\)", match[0])
        if name is not None:
            return match[0] % {name[1]: _writable(values[name[1]])}
        value = next(given)
        return match[0] % (_writable(value),)

    try:
        return re.sub(r"%%|%(?:\(\w{1,40}\))?[^a-zA-Z%]{0,8}[a-zA-Z]", field, text[:LONGEST_FORMAT])
    except StopIteration:
        raise ValueError("there are fewer values than fields") from None


def _writable(value: Any) -> Any:
    return value if isinstance(value, (int, float, str)) else formatted(value)


def _within(letters: int) -> None:
    """Raises ParseError for a string of more letters than are put together here."""
    if letters > LONGEST:
        raise ParseError(f"a string here would have more than {LONGEST:,} letters.")


def _joined(text: str, items: Iterable[Any]) -> str:
    words = [str(one) for one in items]
    _within(sum(map(len, words)) + len(text) * len(words))
    return text.join(words)


def _replaced(text: str, old: str, new: str, count: int = -1) -> str:
    _within(len(text) + len(new) * text.count(old))
    return text.replace(old, new, count)


def _translated(text: str, table: Mapping[int, Any]) -> str:
    longest = max((len(one) for one in table.values() if isinstance(one, str)), default=1)
    _within(len(text) * longest)
    return text.translate(table)


def _padded(pad: Callable[..., str]) -> Callable[..., str]:
    return lambda text, width, *fill: pad(text, min(width, 1000), *fill)


STRING: dict[str, Callable[..., Any]] = {
    **{name: getattr(str, name) for name in ("lower", "upper", "strip", "lstrip", "rstrip", "startswith", "endswith")},
    **{name: getattr(str, name) for name in ("isdigit", "split", "rsplit", "count", "find", "capitalize", "title")},
    **{
        name: getattr(str, name)
        for name in (
            "isascii",
            "isprintable",
            "isalpha",
            "isupper",
            "islower",
            "removeprefix",
            "removesuffix",
            "partition",
            "rpartition",
            "index",
            "isalnum",
            "isdecimal",
            "isidentifier",
            "isnumeric",
            "isspace",
            "istitle",
            "casefold",
            "rfind",
            "rindex",
            "splitlines",
            "swapcase",
        )
    },
    **{name: _padded(getattr(str, name)) for name in ("center", "ljust", "rjust", "zfill")},
    "translate": _translated,
    "expandtabs": lambda text, tabsize=8: text.expandtabs(min(tabsize, 100)),
    "format_map": lambda text, values: format_text(text, **values),
    "format": format_text,
    "join": _joined,
    "replace": _replaced,
}


def _popped(values: dict[Any, Any], last: bool) -> tuple[Any, Any]:
    if last or not values:
        return values.popitem()
    key = next(iter(values))
    return key, values.pop(key)


def _moved(values: dict[Any, Any], key: Any, last: bool) -> None:
    """`ordered.move_to_end(key)`, or to its begin."""
    others = {name: one for name, one in values.items() if name != key}
    moved = {key: values[key]}
    values.clear()
    values.update(others | moved if last else moved | others)


def _update(values: dict[Any, Any], *others: Any, **more: Any) -> None:
    """`values.update(others)`; what a file holds changes nothing that networks are built of."""
    values.update(*(one for one in others if not isinstance(one, StoredValue)), **more)


LIST: dict[str, Callable[..., Any]] = {
    name: getattr(list, name)
    for name in ("append", "insert", "pop", "remove", "reverse", "index", "count", "copy", "clear")
}
LIST["tolist"] = list
LIST["extend"] = lambda values, items: values.extend(list(items))
DICT: dict[str, Callable[..., Any]] = {
    **{name: getattr(dict, name) for name in ("get", "pop", "copy", "clear", "setdefault")},
    "update": _update,
    **{name: getattr(dict, name) for name in ("items", "keys", "values")},
    **{f"iter{name}": getattr(dict, name) for name in ("items", "keys", "values")},  # of Python 2
    "popitem": lambda values, last=True: _popped(values, last),
    "move_to_end": lambda values, key, last=True: _moved(values, key, last),
}
COUNTER: dict[str, Callable[..., Any]] = {
    **DICT,
    **{name: getattr(Counter, name) for name in ("most_common", "elements", "subtract", "update", "total", "copy")},
}
LAYERS_BY_NAME: dict[str, Callable[..., Any]] = {
    **{name: DICT[name] for name in ("get", "copy", "items", "keys", "values")},
    "pop": LayersByName.take_out,
    "update": LayersByName.put_in,
}


def _of_kind(values: Array, kind: Any) -> Array:
    """`array.astype(int)`."""
    is_whole = "int" in (str(kind) if isinstance(kind, (str, torch.dtype)) else type_name(kind))
    return Array(int(one) for one in values) if is_whole else values


_ARRAY_METHODS = """
    prod sum max min mean std var argmax argmin cumsum cumprod any all round clip dot argsort repeat take flatten ravel
    squeeze transpose nonzero ptp searchsorted
"""


def _array_method(name: str) -> Callable[..., Any]:
    """A method of numpy, of an array with one axis; no result has more."""

    def run(values: Array, *args: Any, **how: Any) -> Any:
        if name == "repeat":
            check_growth(name, [values, *args], how)
        made = getattr(np.asarray(values), name)(*args, **how)
        return tuple(Array(one.tolist()) for one in made) if isinstance(made, tuple) else _plain_array(made)

    return run


def _plain_array(made: Any) -> Any:
    return Array(made.tolist()) if isinstance(made, np.ndarray) and made.ndim == 1 else made.item()


ARRAY: dict[str, Callable[..., Any]] = {
    **{name: LIST[name] for name in ("tolist", "copy")},
    **{name: _array_method(name) for name in _ARRAY_METHODS.split()},
    "item": lambda values, index=0: values[index],
    "astype": lambda values, kind: _of_kind(values, kind),
}
TUPLE: dict[str, Callable[..., Any]] = {"index": tuple.index, "count": tuple.count}
_SET_METHODS = """
    add discard remove clear copy pop update union intersection difference symmetric_difference issubset issuperset
    isdisjoint difference_update intersection_update symmetric_difference_update
"""
SET: dict[str, Callable[..., Any]] = {
    name: lambda values, *others, name=name: getattr(values, name)(*others) for name in _SET_METHODS.split()
}
SCALAR: dict[str, Callable[..., Any]] = {  # a number may stand for an array or tensor without axes
    **{name: lambda value: value for name in ("item", "tolist", "numpy")},
    "astype": lambda value, kind: _of_kind(Array([value]), kind)[0],
}
_INT_METHODS = "bit_length bit_count conjugate as_integer_ratio"
_FLOAT_METHODS = "is_integer conjugate as_integer_ratio hex"
METHODS: tuple[tuple[type | tuple[type, ...], dict[str, Callable[..., Any]]], ...] = (
    (str, STRING),
    (Array, ARRAY),
    (Deque, DEQUE),
    (list, LIST),
    (LayersByName, LAYERS_BY_NAME),
    (Counter, COUNTER),
    (dict, DICT),
    (tuple, TUPLE),
    ((set, frozenset), SET),
    (int, {name: getattr(int, name) for name in _INT_METHODS.split()} | SCALAR),
    (float, {name: getattr(float, name) for name in _FLOAT_METHODS.split()} | SCALAR),
)
