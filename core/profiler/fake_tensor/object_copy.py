"""A deep copy of what a network holds, that does not stop at locks, loggers, generators or closures.

Unlike `copy.deepcopy` it also copies functions whose closures hold something that is copied: a hook that writes into
its module writes into the module's copy.
"""

from __future__ import annotations

import collections
import copy
import functools
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError

PLAIN = {bool, int, float, complex, str, bytes, type(None), torch.dtype, torch.device, torch.Size, range}
_SHARED = (type, types.ModuleType, types.CodeType, property, classmethod, staticmethod)
_LOCK, _REENTRANT = type(threading.Lock()), type(threading.RLock())
_ONE_PASS = (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)


class NotCopied:
    """Stands where something could not be copied, and says so when the network uses it."""

    def __init__(self, where: str, value: Any) -> None:
        self.__dict__["_sentence"] = (
            f"{where} holds a {type(value).__name__}, which cannot be copied for profiling, and the network uses it: "
            "make it inside forward, or hold a list"
        )

    def _stop(self, *args: Any, **kwargs: Any) -> Any:
        raise PlaygroundError(self.__dict__["_sentence"])

    __call__ = __iter__ = __next__ = __len__ = __enter__ = __getitem__ = __setattr__ = _stop

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._stop()


class Copier:
    """Copies values; each once. `of_tensor` says what becomes of a tensor, `memo` what has been copied, by id."""

    def __init__(self, of_tensor: Callable[[Tensor], Tensor]) -> None:
        self.of_tensor = of_tensor
        self.memo: dict[int, Any] = {}
        self.where = ""  # the attribute that is copied, for messages
        self._kept: list[Any] = []  # so that no id comes twice

    def copy(self, value: Any) -> Any:
        """The copy of a value; what cannot be copied is shared, or stands as `NotCopied`."""
        kind = type(value)
        if kind in PLAIN:
            return value
        if id(value) in self.memo:
            return self.memo[id(value)]
        copied = self._made(kind, value)
        self.memo[id(value)] = copied
        self._kept.append(value)
        return copied

    def _made(self, kind: type, value: Any) -> Any:
        rule = _RULES.get(kind)
        if rule is not None:
            return rule(self, value)
        if isinstance(value, Tensor):
            return self.of_tensor(value)
        if isinstance(value, nn.Module):
            return self._module(value)
        if isinstance(value, _SHARED):
            return value
        return self._object(value)

    def remember(self, value: Any, copied: Any) -> Any:
        self.memo[id(value)] = copied
        self._kept.append(value)
        return copied

    def _module(self, module: nn.Module) -> nn.Module:
        if "_orig_mod" in module._modules:  # what torch.compile wraps
            return self.copy(module._modules["_orig_mod"])
        if hasattr(type(module), "__deepcopy__"):
            return self._by_deepcopy(module)
        copied = self.remember(module, module.__class__.__new__(module.__class__))
        for name, value in module.__dict__.items():
            copied.__dict__[name] = None if name == "_compiled_call_impl" else self.copy(value)
        return copied

    def _by_deepcopy(self, module: nn.Module) -> nn.Module:
        """Modules that copy themselves: torch.fx graphs, TorchScript."""
        if not isinstance(module, torch.jit.ScriptModule):
            for tensor in (*module.parameters(), *module.buffers()):
                self.copy(tensor)
            return copy.deepcopy(module, self.memo)
        copied = copy.deepcopy(module)
        for own, part in zip(module.modules(), copied.modules(), strict=True):
            self.remember(own, part)
            for key, tensor in (*own.named_parameters(recurse=False), *own.named_buffers(recurse=False)):
                part._c.setattr(key, self.copy(tensor))  # type: ignore[operator, union-attr]  # a script module's own
        return copied

    def _function(self, function: types.FunctionType) -> Any:
        """The function itself, or one that holds copies where its closure or its defaults hold what is copied."""
        held = function.__closure__ or ()
        if not held and not function.__defaults__ and not function.__kwdefaults__:
            return function
        cells = tuple(types.CellType() for _ in held)
        twin = types.FunctionType(function.__code__, function.__globals__, function.__name__, None, cells)
        self.remember(function, twin)
        changed = False
        for old, new in zip(held, cells, strict=True):
            try:
                inside = old.cell_contents
            except ValueError:  # not yet filled
                continue
            new.cell_contents = self.copy(inside)
            changed = changed or new.cell_contents is not inside
        twin.__defaults__, twin.__kwdefaults__ = self.copy(function.__defaults__), self.copy(function.__kwdefaults__)
        changed = changed or not _same(twin.__defaults__, function.__defaults__)
        changed = changed or not _same(twin.__kwdefaults__, function.__kwdefaults__)
        if not changed:
            return function
        return functools.update_wrapper(twin, function, updated=("__dict__",))

    def _object(self, value: Any) -> Any:
        """By what it says of itself to copy and pickle, else attribute by attribute, else the thing itself."""
        if isinstance(value, _ONE_PASS):
            return NotCopied(self.where, value)
        try:
            if hasattr(value, "__deepcopy__"):
                return copy.deepcopy(value, dict(self.memo))
            how = value.__reduce_ex__(4)
        except Exception:  # whatever a stranger's class raises
            return self._by_attributes(value)
        if isinstance(how, str):
            return value
        try:
            make, arguments, *rest = how
            twin = self.remember(value, make(*map(self.copy, arguments)))
            self._fill(twin, *rest)
        except Exception:
            self.memo.pop(id(value), None)
            return self._by_attributes(value)
        return twin

    def _fill(self, twin: Any, state: Any = None, items: Any = None, pairs: Any = None, *_rest: Any) -> None:
        if state is not None:
            state = self.copy(state)
            if hasattr(twin, "__setstate__"):
                twin.__setstate__(state)
            else:
                attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
                twin.__dict__.update(attributes or {})
                for name, part in (slots or {}).items():
                    setattr(twin, name, part)
        for item in items or ():
            twin.append(self.copy(item))
        for key, item in pairs or ():
            twin[self.copy(key)] = self.copy(item)

    def _by_attributes(self, value: Any) -> Any:
        """An object that says nothing of how it is copied: a new one of its class, if it has nothing but attributes."""
        try:
            twin = object.__new__(type(value))
            attributes = value.__dict__
        except (TypeError, AttributeError):
            return value
        self.remember(value, twin)
        twin.__dict__.update({name: self.copy(part) for name, part in attributes.items()})
        return twin


def _same(one: Any, other: Any) -> bool:
    """Whether nothing in a tuple or dict of defaults was copied."""
    if not one:
        return not other
    pairs = zip(one.values(), other.values(), strict=True) if isinstance(one, dict) else zip(one, other, strict=True)
    return all(a is b for a, b in pairs)


def _mapping(copier: Copier, value: Any) -> Any:
    twin = copier.remember(value, type(value)())
    for key, part in value.items():
        twin[key if type(key) in PLAIN else copier.copy(key)] = part if type(part) in PLAIN else copier.copy(part)
    return twin


def _default_dict(copier: Copier, value: Any) -> Any:
    twin = copier.remember(value, collections.defaultdict(copier.copy(value.default_factory)))
    twin.update({copier.copy(key): copier.copy(part) for key, part in value.items()})
    return twin


def _list(copier: Copier, value: list) -> list:
    twin = copier.remember(value, [])
    twin += [part if type(part) in PLAIN else copier.copy(part) for part in value]
    return twin


def _tuple(copier: Copier, value: tuple) -> tuple:
    parts = tuple([part if type(part) in PLAIN else copier.copy(part) for part in value])
    return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts


def _weak(copier: Copier, value: weakref.ref) -> Any:
    referent = value()
    return weakref.ref(copier.copy(referent)) if isinstance(referent, nn.Module) else value


def _bound(copier: Copier, value: Any) -> Any:
    """`features.append` and the like, of the copied list; functions of modules and classes stay."""
    holder = getattr(value, "__self__", None)
    if holder is None or isinstance(holder, (type, types.ModuleType)):
        return value
    copied = copier.copy(holder)
    return value if copied is holder else getattr(copied, value.__name__)


def _partial(copier: Copier, value: functools.partial) -> functools.partial:
    words = {name: copier.copy(part) for name, part in value.keywords.items()}
    return functools.partial(copier.copy(value.func), *map(copier.copy, value.args), **words)


_RULES: dict[type, Callable[[Copier, Any], Any]] = {
    dict: _mapping,
    collections.OrderedDict: _mapping,
    collections.defaultdict: _default_dict,
    list: _list,
    tuple: _tuple,
    set: lambda copier, value: set(map(copier.copy, value)),
    frozenset: lambda copier, value: frozenset(map(copier.copy, value)),
    collections.deque: lambda copier, value: collections.deque(map(copier.copy, value), value.maxlen),
    types.FunctionType: Copier._function,
    types.MethodType: lambda copier, value: types.MethodType(copier.copy(value.__func__), copier.copy(value.__self__)),
    types.BuiltinFunctionType: _bound,
    types.MethodWrapperType: _bound,
    functools.partial: _partial,
    weakref.ref: _weak,
    _LOCK: lambda copier, value: threading.Lock(),
    _REENTRANT: lambda copier, value: threading.RLock(),
    torch.Generator: lambda copier, value: value.clone_state(),
}
