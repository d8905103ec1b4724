"""What all parts of the evaluator share: its state, its sentences, how values are iterated, tested and resolved."""

from __future__ import annotations

import ast
import contextlib
import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.evaluation.budget import MAX_STEPS, MAX_TOTAL, Budget, place
from core.parsing.evaluation.exceptions import of_python, raised
from core.parsing.evaluation.known import known, with_known
from core.parsing.evaluation.lazy_items import VIEWS
from core.parsing.evaluation.text_classes.building import BuiltObject
from core.parsing.evaluation.text_defaults import text_default
from core.parsing.evaluation.values import MISSING, Scope, Special, StoredValue, Unknown, is_symbol, type_name

_WORDS = """
    num n nb no size dim units channels? filters? features? width depth len length count max in out input output
    hidden layers? classes words tokens vocab latent
"""
_QUANTITY = re.compile("(^|_)({0})_|_({0})$".format("|".join(_WORDS.split())))
FALLBACK = 64  # for a number that nothing is usual for, where one is needed all the same
ITEM = re.compile(r"(\w+)\[(\d)\]")  # of an open name
# what evaluating a text may raise: a sentence of ours, or PyTorch's and Python's word on sizes that do not fit
MISFITS: tuple[type[Exception], ...] = (RuntimeError, ValueError, IndexError, TypeError, AssertionError, KeyError)
MISFITS += (ZeroDivisionError, AttributeError, NotImplementedError)


class DependsOnData(ParseError):
    """Something is done with each of values that depend on data."""

    def __init__(self, value: Unknown):
        super().__init__(str(value.refusal()))
        self.value = value


def _is_quantity(path: str) -> bool:
    """Whether an expression without a value is a number by its words: not a single short word such as `n`.

    >>> [_is_quantity(path) for path in ("wide", "input_words", "WIDTH", "config.wide", "len(names)", "")]
    [False, True, True, True, True, False]
    """
    if not path.isidentifier():
        return path != ""
    return (len(path) > 1 and path.isupper()) or bool(_QUANTITY.search(path))


class Run(threading.local):
    """What belongs to one evaluation at a time: several threads may run copies of one network."""

    def __init__(self) -> None:
        self.budget = Budget()
        self.device: torch.device = torch.device("meta")
        self.last_output: Any = None  # of the layer that ran last
        self.is_lenient = False  # whether what cannot be evaluated becomes an unknown value instead of an error
        self.stopped_at: str | None = None  # what the first thing was that could not be, where that is so
        self.needs_number = False  # whether unknown values are parts of a number that a layer needs
        self.is_reading = False  # whether a text is read now, or else a network of one is called
        self.spent = 0  # steps of budgets before this one
        self.input_shape: tuple[int, ...] | None = None  # of the network that is called now
        self.making: list[Any] = []  # methods that make a state now

    def new_budget(self) -> None:
        """A budget for another attempt at the same text, of what all attempts together may still cost."""
        self.spent += self.budget.spent
        self.budget = Budget(min(MAX_STEPS, MAX_TOTAL - self.spent))

    def forward_budget(self) -> Budget:
        """A budget for one call of a network: while its text is read, of what that may still cost."""
        return Budget(min(MAX_STEPS, MAX_TOTAL - self.spent - self.budget.spent)) if self.is_reading else Budget()


class Core:
    """State of an evaluator. Evaluation itself is in the classes that add to this one."""

    def __init__(self, names: Mapping[str, Any], builtins: Mapping[str, Any], values: Mapping[str, Any] | None = None):
        self.run = Run()
        self.builtins = Scope(names=dict(builtins))
        self.globals = Scope(self.builtins, dict(names))
        self.given = dict(values or {})  # values for names that the text leaves open
        self.assumed: dict[str, Any] = {}  # the defaults that were taken for such names
        self.stated: set[str] = set()  # those of them that have this value elsewhere in the text
        self.assumed_paths: dict[str, Any] = {}  # the same by the expressions that they stand for
        self.assumed_sources: dict[ast.AST, dict[str, str]] = {}  # expressions for the arguments of a definition
        self.found_usages: dict[Any, Any] = {}  # of arguments that definitions of the text hand on
        self.tensor_methods: list[Mapping[str, Any]] = []  # of the dialect, looked up in order
        self.recursions: dict[Any, Any] = {}  # results of functions that work out numbers by calling themselves
        self.notes: list[str] = []
        self.built_in_passing: list[tuple[Any, str]] = []  # networks that the text itself builds, and how it says so
        self.followed_loops: dict[ast.AST, int] = {}  # over data, and how often one turn of them was followed
        self.counted_loops: dict[Any, Any] = {}  # what loops that only count came to, by what they were given
        self.built_objects: dict[Any, BuiltObject] = {}  # the last one of each plain class of the text
        self.put_into_unknown: list[tuple[nn.Module, Unknown]] = []  # layers, and what they become parts of
        self.seeded: random.Random | None = None  # what draws after the text's `random.seed`
        self.makes_states = False  # whether some method had to make a state that `forward` goes on with
        self.used_early: dict[str, int] = {}  # names that are called or changed before they have a value -> the line
        self.read_early: dict[str, int] = {}  # names that are read outside of functions without a value -> the line
        self.part_of_shape: Callable[[Any, str], Any] = lambda value, name: MISSING  # what the dialect's shapes have
        self.replaced_members: dict[tuple[Any, str], Any] = {}  # of modules that the text imports: `nn.Conv2d = Own`
        self.star_imports: list[tuple[int, str]] = []  # of files that are not known: they may bring any name
        self.usual_value: Callable[[str], Any] = lambda name: MISSING
        self.freezing = {"requires_grad": False}  # attributes of a weight, and the value that freezes it
        self.weight_as_seen: Callable[[nn.Module, str, Any], Any] = lambda layer, name, value: value
        self.weight_as_stored: Callable[[nn.Module, str, Any], Any] = lambda layer, name, value: value
        self.usual_items: Callable[[str], Any] = lambda name: MISSING

    @cached_property
    def tensor_names(self) -> frozenset[str]:
        """What a text may see of a tensor."""
        return frozenset(name for methods in self.tensor_methods for name in methods)

    def __deepcopy__(self, memo: dict[int, Any]) -> Core:
        return self

    @property
    def budget(self) -> Budget:
        """Of the evaluation that runs now."""
        return self.run.budget

    def fail(self, node: ast.AST | None, sentence: str, kind: type[BaseException] | None = None) -> ParseError:
        """An error that begins with the line of a node; `kind` is what Python raises there, if it would."""
        return ParseError(place(node) + sentence) if kind is None else raised(place(node) + sentence, kind)

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression."""
        raise NotImplementedError

    def call(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None = None) -> Any:
        """The value of a call of anything that can be called."""
        raise NotImplementedError

    def get_attribute(self, value: Any, name: str, node: ast.AST | None = None) -> Any:
        """The value of `value.name`."""
        raise NotImplementedError

    def from_prelude(self, name: str) -> Any:
        """A definition that is kept as text of its own."""
        raise NotImplementedError

    def alias(self, layer: nn.Module, name: str) -> str:
        """The name under which a part of a ready-made network is kept here."""
        return name

    def resolve(self, value: Any, node: ast.AST | None = None) -> Any:
        """The value itself; for an unknown one the value that was given or is usual for its name.

        Raises: ParseError with the reason of an unknown value that no value is usual for.
        """
        if not isinstance(value, Unknown):
            return value
        given = self._given(value)
        if given and not value.is_derived:
            return self.assume(given, value, self.given[given])
        reason: ParseError | None = None
        if value.is_setting and isinstance(self.assumed_paths.get(value.path), str):
            return self.assumed_paths[value.path]
        if value.compute is not None:
            before = dict(self.assumed), dict(self.assumed_paths)
            try:
                return self.resolve(value.compute(), node)
            except ParseError as error:
                reason = error
                self.assumed, self.assumed_paths = before
            is_named = bool(value.name) and type(self.usual_value(value.name)) is int
            if value.is_setting and is_named and not self.run.needs_number:  # worked out of others that can be taken
                with contextlib.suppress(ParseError):
                    return self._computed(value, node)
                self.assumed, self.assumed_paths = before
        if given:
            return self.assume(given, value, self.given[given])
        for name in filter(None, (value.name, value.path) if value.error is None else ()):
            found = self.usual_value(name)
            if found is not MISSING:
                return self.assume(name, value, found)
        if value.error is None and not value.is_misspelt:
            found = self._usual_item(value.path)
            if found is MISSING and self.run.needs_number and _is_quantity(value.path):
                found = self._fallback(value, FALLBACK)
            if found is not MISSING:
                return self.assume(value.path, value, found)
        raise reason or value.refusal()

    def _usual_item(self, path: str) -> Any:
        """A usual value for `filter_sizes[0]`, one of several that have a name of their own."""
        match = ITEM.fullmatch(path)
        items = self.usual_items(match[1]) if match else ()
        return items[int(match[2])] if match and isinstance(items, tuple) and int(match[2]) < len(items) else MISSING

    def _given(self, value: Unknown) -> str:
        """Under which name a value was typed for it, "" if none was; not one for what it is worked out of."""
        names = (value.name,) if value.is_derived else (value.name, value.path)
        return next((name for name in names if value.error is None and name and name in self.given), "")

    def resolve_items(self, value: Unknown, node: ast.AST | None = None) -> Any:
        """The same where several values are needed, as in a loop over them."""
        found = MISSING if value.is_derived else self.assumed_paths.get(value.path, MISSING)
        if isinstance(found, tuple):
            return found
        is_part = "." in value.path or (value.is_setting and "[" in value.path)
        is_open = value.error is None and value.compute is None and is_part
        names = (value.name, f"{value.name}s") if is_open and value.path not in self.given else ()
        found = next((one for one in map(self.usual_items, names) if one is not MISSING), MISSING)
        return self.resolve(value, node) if found is MISSING else self.assume(value.path, value, found)

    def resolve_number(self, value: Any, use: str, node: ast.AST | None = None) -> Any:
        """The same where a number is needed, an argument of a layer called `use`: one is taken for any open name.

        Raises: ParseError for what an unknown function returns, and for a misspelt name.
        """
        try:
            return self.resolve(value, node)
        except ParseError:
            if value.error is None and value.compute is not None and not self.run.needs_number:
                return self._computed(value, node)
            if value.error is not None or value.is_misspelt or not _is_quantity(value.path):
                raise
        usual = self.usual_value(use)
        found = self.assumed.get(value.path, self._fallback(value, FALLBACK if usual is MISSING else usual))
        return self.assume(value.path, value, found)

    def _fallback(self, value: Unknown, usual: Any) -> Any:
        """A number for a name that nothing is usual for: what the text's functions take for it, or a usual one."""
        found = text_default(value.name, self.globals.names.values()) if value.name else MISSING
        return usual if found is MISSING else found

    def _computed(self, value: Unknown, node: ast.AST | None) -> Any:
        """A number that is worked out of others, for each of which one is taken."""
        self.run.needs_number = True
        try:
            return self.resolve(value, node)
        finally:
            self.run.needs_number = False

    def assume(self, name: str, value: Unknown, found: Any) -> Any:
        """The value that is taken for an unknown one from now on."""
        if value.is_data:  # no network has it
            return found
        self.assumed[name] = found
        if value.path:
            self.assumed_paths[value.path] = found
        return found

    def resolve_all(self, value: Any, node: ast.AST | None = None) -> Any:
        """The same for everything in lists and tuples."""
        if isinstance(value, list) and set(map(type, value)) <= {int, float}:
            self.budget.step(node, len(value) // 8)
            return value
        if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
            return type(value)(self.resolve_all(item, node) for item in self.budget.items(value, node))
        return self.resolve(value, node)

    def iterate(self, value: Any, node: ast.AST | None = None) -> Iterator[Any]:
        """The items of anything that has some, each paid for."""
        if isinstance(value, StoredValue) or (isinstance(value, Unknown) and value.is_data):
            raise DependsOnData(value)
        if isinstance(value, Unknown):
            value = self.resolve_items(value, node)
        if isinstance(value, Tensor):
            if value.dim() == 0:
                raise self.fail(node, "a single number has no items.", TypeError)
            self.budget.size(value.shape[0], node)
            value = with_known(Tensor.unbind, [value, 0], {}, value.unbind(0))
        if isinstance(value, (nn.ModuleDict, nn.ParameterDict)):
            value = list(value.keys())
        if isinstance(value, Special):
            value = value.turns() or value
        if isinstance(value, (list, tuple, dict, set, frozenset, range, str, nn.Sequential, nn.ModuleList)) or (
            isinstance(value, (nn.ParameterList, *VIEWS)) or hasattr(value, "__next__")
        ):
            return self.budget.items(value, node)
        raise self.fail(node, f"{type_name(value)} has no items to go through.", of_python(TypeError, value))

    def resolve_or_none(self, value: Unknown) -> Any:
        """The same where only whether it is there is asked for; a setting that nothing is usual for is not."""
        try:
            return self.resolve(value)
        except ParseError:
            if not value.is_setting or value.error is not None or not re.search(r"[.\[]", value.path):
                raise
            return None

    def _resolve_switch(self, value: Unknown, node: ast.AST | None) -> Any:
        try:
            return self.resolve(value, node)
        except ParseError:
            if not value.is_setting or value.error is not None or not re.search(r"[.\[]", value.path):
                raise
            return self.assume(value.path, value, False)

    def is_true(self, value: Any, node: ast.AST | None = None) -> bool:
        """Whether a condition holds."""
        if isinstance(value, Unknown):
            value = self._resolve_switch(value, node)
        copy = known(value)
        if copy is not None and copy.numel() == 1:
            return bool(copy)
        if isinstance(value, Tensor) or is_symbol(value):
            raise self.fail(
                node, "a condition on the values of a tensor cannot be decided: it depends on the input, not on shapes."
            )
        if isinstance(value, (nn.Sequential, nn.ModuleList, nn.ModuleDict)):
            return len(value) > 0
        if isinstance(value, (bool, int, float, str, list, tuple, dict, set, frozenset, range, type(None), *VIEWS)):
            return bool(value)
        return True
