"""PyTorch's shape rules on plain numbers without `sympy`, which takes 34 MB and half a second.

PyTorch imports `torch.fx.experimental.symbolic_shapes` and with it `sympy` at the first check of a shape rule: whether
a condition holds, which may be a symbol where something is traced or compiled. Here a module of that name stands in
for it until somebody needs more of it than checks of plain numbers. The rule for types of elementwise operations also
imports `sympy`, to see whether a number is one of its expressions; none is before somebody else has imported it.
Source: `_check_with` in torch/__init__.py; torch/fx/experimental/symbolic_shapes.py; `elementwise_dtypes` in
torch/_prims_common/__init__.py.
"""

from __future__ import annotations

import importlib
import inspect
import operator
import sys
import threading
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import torch.fx.experimental as package
from torch import _prims_common

NAME = f"{package.__name__}.symbolic_shapes"
IMPORT, LOOK = "    import sympy\n", "    sympy = _loaded_sympy()\n"
_loading = threading.RLock()


def _same(value: Any) -> Any:
    return value


PLAIN: dict[str, tuple[type, Callable[..., Any]]] = {  # what is done where all values are of that type
    "expect_true": (bool, _same),
    "guard_bool": (bool, _same),
    "guard_or_false": (bool, _same),
    "guard_or_true": (bool, _same),
    "guard_size_oblivious": (bool, _same),
    "statically_known_true": (bool, _same),
    "statically_known_false": (bool, operator.not_),
    "sym_and": (bool, lambda *values: all(values)),
    "sym_or": (bool, lambda *values: any(values)),
    "guard_int": (int, _same),
    "sym_eq": (int, operator.eq),
    "is_nested_int": (int, lambda value: False),
    "guarding_hint_or_throw": (int, _same),
    "has_guarding_hint": (int, lambda value: True),
}


class _PlainShapes(ModuleType):
    """Stands in for the module. It is taken away as soon as anything else of it is asked for."""

    def __init__(self) -> None:
        super().__init__(NAME, __doc__)
        self.__spec__ = ModuleSpec(NAME, None)
        for name in PLAIN:
            setattr(self, name, _check(name))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # whoever looks at all modules
            raise AttributeError(name)
        return getattr(_whole(), name)


class _NoSympy:
    """Nothing is one of its expressions."""

    Basic = ()


def spare_symbolic_shapes() -> None:
    """For all of this process, unless the module has been imported already. Where a version of PyTorch does otherwise,
    nothing changes."""
    _look_for_sympy(_prims_common.elementwise_dtypes)
    if NAME not in sys.modules:
        sys.modules[NAME] = package.symbolic_shapes = _PlainShapes()


def admit_symbolic_shapes() -> None:
    """Whoever imports the module from now on gets the whole of it, as what compiles should."""
    with _loading:
        if isinstance(sys.modules.get(NAME), _PlainShapes):
            del sys.modules[NAME]


def _look_for_sympy(function: Any) -> None:
    """Have a function of PyTorch use `sympy` where it is imported, instead of importing it."""
    if function.__code__.co_filename == __file__:
        return  # it does already
    source = inspect.getsource(function)
    if source.count(IMPORT) == 1 and source.startswith("def "):
        made: dict[str, Any] = {}
        source = "from __future__ import annotations\n" + source.replace(IMPORT, LOOK)
        exec(compile(source, __file__, "exec"), function.__globals__, made)
        function.__globals__["_loaded_sympy"] = lambda: sys.modules.get("sympy", _NoSympy)
        function.__code__ = made[function.__name__].__code__


def _check(name: str) -> Callable[..., Any]:
    kind, function = PLAIN[name]

    def check(*values: Any, **named: Any) -> Any:
        if not named and _are_plain(values, kind):
            return function(*values)
        return getattr(_whole(), name)(*values, **named)

    return check


def _are_plain(values: tuple[Any, ...], kind: type) -> bool:
    """Whether all are of that type; or all are tuples of it, which are compared as a whole."""
    if kind is int and all(isinstance(value, tuple) for value in values):
        return all(type(part) is int for value in values for part in value)
    return all(type(value) is kind for value in values)


def _whole() -> ModuleType:
    """PyTorch's own module, from now on for everybody."""
    with _loading:
        admit_symbolic_shapes()
        return importlib.import_module(NAME)
