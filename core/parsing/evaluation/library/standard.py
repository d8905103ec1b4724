"""Modules of Python's library that a text may use."""

from __future__ import annotations

import json
import math
import re
import string
import sys
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.evaluation.budget import bounded
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.contexts import CONTEXTLIB
from core.parsing.evaluation.library.collection_types import COLLECTIONS
from core.parsing.evaluation.library.dataclass_functions import DATACLASSES
from core.parsing.evaluation.library.enums import ENUM
from core.parsing.evaluation.library.file_names import OS
from core.parsing.evaluation.library.function_tools import FUNCTOOLS
from core.parsing.evaluation.library.inspecting import INSPECT
from core.parsing.evaluation.library.iterator_tools import ITERTOOLS
from core.parsing.evaluation.library.operator_functions import OPERATOR
from core.parsing.evaluation.library.random_draws import RANDOM
from core.parsing.evaluation.library.regular_expressions import RE
from core.parsing.evaluation.library.searching import SEARCHING
from core.parsing.evaluation.library.typing_names import ABSTRACT, TYPES, TYPING
from core.parsing.evaluation.number_functions import of_numbers
from core.parsing.evaluation.scope_functions import IMPORTLIB
from core.parsing.evaluation.values import Builtin, FromPrelude, Instance, Namespace, StoredValue, Unknown


def _shallow(call: BuiltinCall, value: Any) -> Any:
    """`copy.copy(value)`: what it holds is the same; a layer that is copied so keeps its weights."""
    import copy

    if isinstance(value, (list, dict, set, tuple)):
        return copy.copy(value)
    if isinstance(value, Instance):
        return Instance(value.cls, dict(value.names))
    return copy.copy(value) if isinstance(value, nn.Module) else value


def _read_json(call: BuiltinCall, text: Any) -> Any:
    if isinstance(text, Unknown):
        return StoredValue(
            f"what {call.name} reads is in a file, and not in this text", getattr(call.node, "lineno", 1)
        )
    if not isinstance(text, str) or len(text) > MAX_JSON:
        raise call.fail("it takes a short text that is known.")
    try:
        return json.loads(text)
    except RecursionError:
        raise call.fail("it is nested too deeply.") from None


def _written_json(call: BuiltinCall, value: Any, **settings: Any) -> str:
    if not _is_plain(value):
        raise call.fail("only numbers, words and containers of them are written here.")
    how = {name: one for name, one in settings.items() if name in ("indent", "sort_keys")}
    if type(how.get("indent")) is int:
        how["indent"] = min(how["indent"], MAX_INDENT)
    return json.dumps(value, **how)


def _is_plain(value: Any, depth: int = 20) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) for key in value) and _is_plain(list(value.values()), depth)
    if isinstance(value, (list, tuple)):
        return depth > 0 and all(_is_plain(one, depth - 1) for one in value)
    return isinstance(value, (int, float, str, type(None)))


def _copied(call: BuiltinCall, value: Any) -> Any:
    import copy

    if isinstance(value, nn.Module):
        call.evaluator.budget.layer(call.node, sum(1 for _ in value.modules()))
    return copy.deepcopy(value, {id(tensor): tensor.detach() for tensor in _computed(value)})


def _computed(value: Any) -> list[Tensor]:
    """Tensors with a history, which PyTorch does not copy: such as the output that a network keeps of its last call."""
    if isinstance(value, nn.Module):
        kept = [
            one for part in value.modules() for one in {**part.__dict__, **part.__dict__.get("values", {})}.values()
        ]
    else:
        kept = list(value) if isinstance(value, (list, tuple)) else [value]
    return [one for one in kept if isinstance(one, Tensor) and one.requires_grad and not one.is_leaf]


MAX_JSON = 20_000  # letters
MAX_INDENT = 16
NUMBERS = "sqrt log log2 log10 exp ceil floor sin cos prod"  # of math and of numpy
MATH = f"""
    {NUMBERS} tan pow fabs gcd isclose trunc hypot atan tanh erf isfinite isinf isnan acos asin atan2 cosh sinh log1p
    expm1 degrees radians isqrt copysign fmod lcm modf frexp remainder asinh acosh atanh cbrt exp2 gamma lgamma erfc
    fsum dist nextafter ulp
"""
_GROWING = "factorial comb perm ldexp"  # numbers of any length of numbers that are short
MAX_ARGUMENT = 1000


def _math() -> dict[str, Any]:
    functions = {name: of_numbers(f"math.{name}", getattr(math, name)) for name in MATH.split()}
    functions |= {name: of_numbers(f"math.{name}", _bounded_growth(name)) for name in _GROWING.split()}
    return functions | {name: getattr(math, name) for name in ("pi", "e", "tau", "inf", "nan")}


def _bounded_growth(name: str) -> Callable[..., Any]:
    function = getattr(math, name)

    def run(*args: Any) -> Any:
        if any(abs(one) > MAX_ARGUMENT for one in args[name == "ldexp" :]):
            raise ParseError("this number is too large; write it itself.")
        return bounded(function(*args))

    return run


def _version(call: BuiltinCall, text: Any = "") -> tuple[int, ...]:
    """`version.parse("1.10")`: numbers that can be compared."""
    return tuple(int(part) for part in re.findall(r"\d+", str(text)[:40])[:3])


_VERSION_NAMES = ("parse", "Version", "LooseVersion", "StrictVersion")
_VERSIONS = Namespace("version", {name: Builtin(name, _version, needs_call=True) for name in _VERSION_NAMES})
STANDARD: dict[str, Namespace] = {
    "math": Namespace("math", _math()),
    "fractions": Namespace("fractions", {"gcd": _math()["gcd"]}),
    "os": OS,
    "sys": Namespace("sys", {"version_info": sys.version_info, "maxsize": 2**63 - 1, "platform": "linux"}),
    "json": Namespace(
        "json",
        {
            **{name: Builtin(f"json.{name}", _read_json, needs_call=True) for name in ("load", "loads")},
            "dumps": Builtin("json.dumps", _written_json, needs_call=True),
        },
    ),
    "random": RANDOM,
    **{root: Namespace(root, {"version": _VERSIONS, **_VERSIONS.members}) for root in ("packaging", "distutils")},
    "abc": ABSTRACT,
    "collections": COLLECTIONS,
    "contextlib": CONTEXTLIB,
    "dataclasses": DATACLASSES,
    "enum": ENUM,
    "functools": FUNCTOOLS,
    "importlib": IMPORTLIB,
    "inspect": INSPECT,
    "itertools": ITERTOOLS,
    "numbers": TYPING,
    "operator": OPERATOR,
    "re": RE,
    "typing": TYPING,
    "typing_extensions": TYPING,
    **SEARCHING,
    "types": TYPES,
    "copy": Namespace(
        "copy",
        {name: Builtin(name, run, needs_call=True) for name, run in (("deepcopy", _copied), ("copy", _shallow))},
    ),
}


_CHARACTERS = """
    ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits punctuation printable whitespace
"""
STANDARD["string"] = Namespace("string", {name: getattr(string, name) for name in _CHARACTERS.split()})
STANDARD["argparse"] = Namespace(
    "argparse", {"ArgumentParser": FromPrelude("ArgumentParser"), "Namespace": FromPrelude("SimpleNamespace")}
)
