"""Modules of Python's library that a text may use."""

from __future__ import annotations

import json
import math
import re
import string
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from core.parsing.evaluation.builtins import dictionary
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.contexts import CONTEXTLIB
from core.parsing.evaluation.deques import Deque
from core.parsing.evaluation.iterator_tools import ITERTOOLS, OPERATOR
from core.parsing.evaluation.records import FieldSpec, arguments_of_record, field_values, record_fields
from core.parsing.evaluation.regular_expressions import RE
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    FromPrelude,
    Function,
    Instance,
    Namespace,
    Partial,
    Type,
)


def _reduce(call: BuiltinCall, function: Any, values: Any, *start: Any) -> Any:
    items = [*start, *call.iterate(values)]
    total = items[0]
    for item in items[1:]:
        total = call.call(function, total, item)
    return total


class DefaultDict(dict[Any, Any]):
    """`defaultdict(list)`: what is missing is made."""

    def __init__(self, call: BuiltinCall, make: Any, *args: Any, **kwargs: Any):
        super().__init__(dictionary(call, *args, **kwargs))
        self.call, self.make = call, make

    def __missing__(self, key: Any) -> Any:
        if self.make is None:
            raise KeyError(key)
        self.call.evaluator.budget.size(len(self) + 1, self.call.node)
        self[key] = self.call.call(self.make)
        return self[key]


def _shallow(call: BuiltinCall, value: Any) -> Any:
    """`copy.copy(value)`: what it holds is the same; a layer that is copied so keeps its weights."""
    import copy

    if isinstance(value, (list, dict, set, tuple)):
        return copy.copy(value)
    if isinstance(value, Instance):
        return Instance(value.cls, dict(value.names))
    return copy.copy(value) if isinstance(value, nn.Module) else value


def _read_json(call: BuiltinCall, text: Any) -> Any:
    if not isinstance(text, str) or len(text) > MAX_JSON:
        raise call.fail("it takes a short text that is known.")
    try:
        return json.loads(text)
    except RecursionError:
        raise call.fail("it is nested too deeply.") from None


class Counts(dict[Any, int]):
    """`Counter(items)`: what is not there is there no times."""

    def __missing__(self, key: Any) -> int:
        return 0


def _counted(call: BuiltinCall, values: Any = (), **named: int) -> Counts:
    counts = Counts(values if isinstance(values, dict) else {})
    for item in () if isinstance(values, dict) else call.iterate(values):
        counts[item] += 1
    counts.update(named)
    return counts


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
NUMBERS = "sqrt log log2 log10 exp ceil floor sin cos prod"  # of math and of numpy
MATH = f"""
    {NUMBERS} tan pow fabs gcd isclose trunc hypot atan tanh erf isfinite isinf isnan acos asin atan2 cosh sinh log1p
    expm1 degrees radians isqrt copysign fmod lcm
"""


def _math() -> dict[str, Any]:
    functions = {name: Builtin(f"math.{name}", getattr(math, name)) for name in MATH.split()}
    return functions | {name: getattr(math, name) for name in ("pi", "e", "inf", "nan")}


def _chance(value: Callable[..., Any]) -> Callable[..., Any]:
    """A draw, of which one possible outcome is taken."""
    return lambda call, *args, **kwargs: value(*(call.evaluator.resolve(one, call.node) for one in args))


_DRAWS: dict[str, Callable[..., Any]] = {
    "random": lambda: 0.5,
    "uniform": lambda low, high: (low + high) / 2,
    "randint": lambda low, high: low,
    "randrange": lambda *bounds: bounds[0] if len(bounds) > 1 else 0,
    "gauss": lambda mu=0.0, sigma=1.0: mu,
    "choice": lambda values: values[0],
    "sample": lambda values, k: list(values)[:k],
    "seed": lambda *args: None,
    "shuffle": lambda values: None,
}


def _record(call: BuiltinCall, name: Any, fields: Any, **more: Any) -> Class:
    """`namedtuple("Settings", "width depth")`: a class whose objects have these names, in this order."""
    names = fields.replace(",", " ").split() if isinstance(fields, str) else call.iterate(fields)
    if not all(isinstance(one, str) for one in names):
        raise call.fail("its fields are names.")
    defaults = list(more.get("defaults") or ())
    values = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
    made = Class(str(name), (_KINDS["NamedTuple"],), values, getattr(call.node, "lineno", 1), fields=tuple(names))
    made.evaluator = call.evaluator
    return made


def _field(
    call: BuiltinCall, default: Any = MISSING, default_factory: Any = None, init: bool = True, **more: Any
) -> Any:
    """What is said of a dataclass's field."""
    spec = FieldSpec(default, default_factory, init is not False)
    spec.by_name = more.get("kw_only") is True
    return spec


def _as_dict(call: BuiltinCall, value: Any) -> Any:
    """`asdict(settings)`, with what it holds."""
    if not isinstance(value, Instance):
        raise call.fail("it takes an object of a dataclass.")
    return {
        name: _plain(call, call.evaluator.get_attribute(value, name, call.node)) for name in record_fields(value.cls)
    }


def _plain(call: BuiltinCall, value: Any) -> Any:
    if isinstance(value, Instance):
        return _as_dict(call, value) if value.cls.fields is not None else value
    if type(value) in (list, tuple):
        return type(value)(_plain(call, one) for one in value)
    return {key: _plain(call, one) for key, one in value.items()} if type(value) is dict else value


def _as_values(call: BuiltinCall, value: Any) -> tuple[Any, ...]:
    """`astuple(settings)`."""
    if not isinstance(value, Instance):
        raise call.fail("it takes an object of a dataclass.")
    return field_values(value)


def _fields(call: BuiltinCall, value: Any) -> tuple[Instance, ...]:
    """`fields(settings)`: objects with a name."""
    cls = value if isinstance(value, Class) else getattr(value, "cls", None)
    if not isinstance(cls, Class):
        raise call.fail("it takes a dataclass.")
    return tuple(Instance(_FIELD, {"name": name, "default": cls.find(name)}) for name in record_fields(cls))


_FIELD = Class("Field", (), {}, 0)


def _replaced(call: BuiltinCall, value: Any, **changes: Any) -> Any:
    """`replace(settings, width=3)`."""
    taken = arguments_of_record(value.cls)[1]
    kept = {name: call.evaluator.get_attribute(value, name, call.node) for name in record_fields(value.cls)}
    return call.evaluator.instantiate(
        value.cls, [], {name: one for name, one in kept.items() if name in taken} | changes, call.node
    )


_ITERABLE = (list, tuple, dict, set, frozenset, range, str, nn.Sequential, nn.ModuleList)
_KINDS = {
    **{name: Type(name, (list, tuple, range, str)) for name in ("Sequence", "MutableSequence")},
    **{name: Type(name, (dict,)) for name in ("Mapping", "MutableMapping")},
    **{name: Type(name, _ITERABLE) for name in ("Iterable", "Collection")},
    "Callable": Type("Callable", (Function, Builtin, Type, Class, Partial, nn.Module)),
    "NamedTuple": Type("NamedTuple", (tuple,)),
    "cast": Builtin("cast", lambda call, kind, value: value, needs_call=True),
    "Number": Type("Number", (int, float)),
    "Integral": Type("Integral", (int,)),
    "Real": Type("Real", (int, float)),
}
ORDERED = Type("OrderedDict", (dict,), dictionary)
PARTIAL = Type("partial", (Partial,), lambda call, function, *args, **kwargs: Partial(function, args, kwargs))


def _version(call: BuiltinCall, text: Any = "") -> tuple[int, ...]:
    """`version.parse("1.10")`: numbers that can be compared."""
    return tuple(int(part) for part in re.findall(r"\d+", str(text)[:40])[:3])


_VERSION_NAMES = ("parse", "Version", "LooseVersion", "StrictVersion")
_VERSIONS = Namespace("version", {name: Builtin(name, _version, needs_call=True) for name in _VERSION_NAMES})
STANDARD: dict[str, Namespace] = {
    "math": Namespace("math", _math()),
    "collections": Namespace(
        "collections",
        {
            "OrderedDict": ORDERED,
            "namedtuple": Builtin("namedtuple", _record, needs_call=True),
            "defaultdict": Builtin(
                "defaultdict",
                lambda call, make=None, *args, **kwargs: DefaultDict(call, make, *args, **kwargs),
                needs_call=True,
            ),
            "Counter": Type("Counter", (Counts,), _counted),
            "deque": Type(
                "deque", (Deque,), lambda call, values=(), *size, **most: Deque(call.iterate(values), *size, **most)
            ),
            "ChainMap": Builtin(
                "ChainMap", lambda *maps: {key: one for each in maps[::-1] for key, one in each.items()}
            ),
        },
    ),
    "os": Namespace(
        "os", {"environ": {}, "getenv": Builtin("getenv", lambda name, default=None: default)}
    ),  # of which nothing is set
    "sys": Namespace("sys", {"version_info": (3, 11, 0), "maxsize": 2**63 - 1, "platform": "linux"}),
    "json": Namespace("json", {"loads": Builtin("json.loads", _read_json, needs_call=True)}),
    "random": Namespace("random", {name: Builtin(name, _chance(one), needs_call=True) for name, one in _DRAWS.items()}),
    "dataclasses": Namespace(
        "dataclasses",
        {
            "field": Builtin("field", _field, needs_call=True),
            "asdict": Builtin("asdict", _as_dict, needs_call=True),
            "astuple": Builtin("astuple", _as_values, needs_call=True),
            "fields": Builtin("fields", _fields, needs_call=True),
            "replace": Builtin("replace", _replaced, needs_call=True),
            "dataclass": Builtin("dataclass", lambda call, *args, **kwargs: args[0] if args else None, needs_call=True),
        },
    ),
    **{root: Namespace(root, {"version": _VERSIONS, **_VERSIONS.members}) for root in ("packaging", "distutils")},
    "types": Namespace(
        "types",
        {
            "SimpleNamespace": FromPrelude("SimpleNamespace"),
            "MethodType": Builtin("MethodType", lambda call, function, owner: Bound(owner, function), needs_call=True),
        },
    ),
    "functools": Namespace("functools", {"partial": PARTIAL, "reduce": Builtin("reduce", _reduce, needs_call=True)}),
    "itertools": ITERTOOLS,
    "operator": OPERATOR,
    "copy": Namespace(
        "copy",
        {name: Builtin(name, run, needs_call=True) for name, run in (("deepcopy", _copied), ("copy", _shallow))},
    ),
}


STANDARD["re"] = RE
STANDARD["contextlib"] = CONTEXTLIB
STANDARD["inspect"] = Namespace(
    "inspect",
    {
        "isfunction": Builtin("isfunction", lambda value: isinstance(value, (Function, Builtin))),
        "isclass": Builtin("isclass", lambda value: isinstance(value, (Class, Type))),
        "ismethod": Builtin("ismethod", lambda value: isinstance(value, Bound)),
    },
)
_CHARACTERS = """
    ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits punctuation printable whitespace
"""
STANDARD["string"] = Namespace("string", {name: getattr(string, name) for name in _CHARACTERS.split()})
STANDARD["typing"] = Namespace("typing", _KINDS)
STANDARD["numbers"] = Namespace("numbers", _KINDS)
STANDARD["collections"].members = {**STANDARD["collections"].members, "abc": STANDARD["typing"]}
STANDARD["argparse"] = Namespace("argparse", {"ArgumentParser": FromPrelude("ArgumentParser")})
