"""Names of `typing`, `numbers`, `types` and `abc`: what `isinstance` compares with, and hints that change nothing."""

from __future__ import annotations

import ast
from typing import Any

from torch import nn

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.library.named_tuples import NAMED_TUPLE
from core.parsing.evaluation.values import (
    MISSING,
    Bound,
    Builtin,
    Class,
    FromPrelude,
    Function,
    Namespace,
    Partial,
    Special,
    Type,
)


class Hint(Special):
    """`Optional[int]`, `Literal["relu", "gelu"]`, a `TypeVar`."""

    def __init__(self, name: str, args: tuple[Any, ...] = ()):
        self.name, self.args = name, args

    def invoke(self, call: Any, *args: Any, **settings: Any) -> Any:
        return args[1] if self.name == "NewType" and len(args) == 2 else Hint(self.name, args)

    def item(self, evaluator: Any, index: Any, node: ast.AST | None) -> Any:
        return Hint(self.name, index if isinstance(index, tuple) else (index,))

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        return {"__args__": self.args, "__name__": self.name}.get(name, MISSING)


def _annotations(call: BuiltinCall, value: Any) -> Any:
    if not isinstance(value, Class):
        raise call.fail("it takes a class of the text.")
    names = [name for one in reversed(value.lineage()) for name in one.annotations]
    return {
        name: value.evaluator.annotation(next(c for c in value.lineage() if name in c.annotations), name)
        for name in names
    }


_ITERABLE = (list, tuple, dict, set, frozenset, range, str, nn.Sequential, nn.ModuleList)
_HINTS = """
    Any Optional Union Literal ClassVar Final Annotated TypeVar Generic Protocol NewType Self NoReturn Concatenate
    ParamSpec Required NotRequired
"""
TYPING = Namespace(
    "typing",
    {
        **{name: Hint(name) for name in _HINTS.split()},
        **{name: Type(name, (list, tuple, range, str)) for name in ("Sequence", "MutableSequence")},
        **{name: Type(name, (dict,)) for name in ("Mapping", "MutableMapping")},
        **{name: Type(name, _ITERABLE) for name in ("Iterable", "Collection")},
        **{kind.__name__.title(): Type(kind.__name__, (kind,)) for kind in (list, tuple, dict, set)},
        "TypedDict": Type("TypedDict", (dict,)),
        "Callable": Type("Callable", (Function, Builtin, Type, Class, Partial, nn.Module)),
        "NamedTuple": NAMED_TUPLE,
        "cast": Builtin("cast", lambda call, kind, value: value, needs_call=True),
        "get_args": Builtin("get_args", lambda hint: getattr(hint, "args", ())),
        "get_type_hints": Builtin("get_type_hints", _annotations, needs_call=True),
        "TYPE_CHECKING": False,
        **{
            name: Builtin(name, lambda made: made)
            for name in ("overload", "final", "runtime_checkable", "no_type_check")
        },
        "Number": Type("Number", (int, float)),
        "Integral": Type("Integral", (int,)),
        "Real": Type("Real", (int, float)),
    },
)
ABSTRACT = Namespace(
    "abc",
    {
        "ABC": Type("object", (object,)),
        "ABCMeta": Type("type", (Class, Type)),
        **{
            name: Builtin(name, lambda made: made)
            for name in ("abstractmethod", "abstractclassmethod", "abstractstaticmethod")
        },
    },
)
TYPES = Namespace(
    "types",
    {
        "SimpleNamespace": FromPrelude("SimpleNamespace"),
        "MethodType": Builtin("MethodType", lambda call, function, owner: Bound(owner, function), needs_call=True),
        "MappingProxyType": Builtin("MappingProxyType", lambda values: values),
        "FunctionType": Type("FunctionType", (Function,)),
        "LambdaType": Type("FunctionType", (Function,)),
        "NoneType": Type("NoneType", (type(None),)),
        "new_class": Builtin(
            "new_class",
            lambda call, name, bases=(), *more: call.evaluator.build_class((name, bases, {}), None, {}, call.node),
            True,
        ),
    },
)
