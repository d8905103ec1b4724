"""What an expression of a text can be worth, besides numbers, strings, containers, tensors and layers.

A text is data to the evaluator: none of these is a Python function or class of it. Copies of a network share them.
"""

from __future__ import annotations

import ast
import copy
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torch import nn

from core.errors import ParseError
from core.parsing.evaluation.comparing import Comparable
from core.parsing.evaluation.scopes import MISSING, Scope, Shared


class MissingDefinitionError(ParseError):
    """A text uses a name that it imports from a file of its own, or what only a file holds."""


Axes = tuple[Any, ...]  # see data_shapes
SAME_AXES = ("values", "iloc", "loc", "data")  # attributes of data that have all of its axes
IGNORED_BASES = {"ABC", "Generic", "Protocol", "Enum", "object"}


@dataclass(eq=False)
class Unknown(Shared):
    """A value that the text does not tell: a name from elsewhere, or what an unknown function returns.

    `what` is said in a sentence; `name` is what it is called, so that a value can be assumed; `path` is the expression
    where that is no more than a name, its attributes and items; `compute` gives the value once its names have theirs.
    """

    what: str
    line: int
    name: str = ""
    compute: Callable[[], Any] | None = None
    error: ParseError | None = None
    is_imported: bool = False  # from a file that is not in the text, which `what` names
    module: str = ""  # that it is imported from
    path: str = ""
    is_data: bool = False  # what a network does with data, of which nothing is built
    is_setting: bool = False  # of an argument that is settings: what is not there is not switched on
    is_misspelt: bool = False  # almost a name that has a value
    is_derived: bool = False  # worked out of what `path` is, such as its double
    cls: Class | None = None  # of the text, which inherits from something unknown, for an object of it
    parts: dict[Any, Any] = field(default_factory=dict)  # attributes and items that the text gives it
    is_described: bool = False  # whether its parts are known by what makes it, such as an environment by its name
    axes: Axes = ()  # of data, as the text itself brings them into shape
    owner_axes: Axes = ()  # of what it is an attribute of, such as a method
    owner: Callable[[], Unknown | None] = field(default=lambda: None, compare=False, repr=False)  # that data, weakly
    example: Any = MISSING  # an item, of what a loop over data fills with others like it

    @property
    def sizes(self) -> tuple[int, ...]:
        """Of data, without the batch, where all of them are known."""
        rest = self.axes[1:]
        return rest if all(type(one) is int for one in rest) else ()

    def part(self, step: str, name: str) -> Any:
        """What an attribute or item of it is, unknown as well unless the text says it: `step` is ".name" or "[0]"."""
        if name in self.parts:
            found = self.parts[name]
            is_inner = isinstance(found, dict) and step.startswith(".")
            return replace(self, name=name, compute=None, path="", parts=as_parts([found])) if is_inner else found
        path = f"{self.path}{step}" if self.path else ""
        made = replace(self, name=name, compute=None, path=path, parts={}, is_derived=False, example=MISSING)
        return replace(made, axes=self.axes if name in SAME_AXES else (), owner_axes=self.axes, owner=weakref.ref(self))

    def made_of_it(self) -> Unknown:
        """What its items make, which is as unknown and has no name."""
        return replace(self, name="", compute=None, path="", parts={}, axes=(), owner_axes=(), example=MISSING)

    def is_elsewhere(self) -> bool:
        """Whether somebody may paste its definition: it is of no framework that is known here."""
        return self.is_imported and not self.what.endswith("known here")

    def refusal(self) -> ParseError:
        """Why nothing can be built from it."""
        place = f"Line {self.line}: " if self.line else ""  # the definitions of the prelude have no lines
        kind = MissingDefinitionError if self.is_imported or isinstance(self, StoredValue) else ParseError
        return self.error or kind(f"{place}{self.what}.")


class StoredValue(Unknown):
    """What a file holds, such as trained weights: what only goes through it and looks for names changes no network."""


def as_parts(given: list[Any]) -> dict[Any, Any]:
    """What an object of an unknown class is sure to have: the settings that it is made of, one inside another."""
    return {name: one for values in given if isinstance(values, dict) for name, one in values.items()}


@dataclass(eq=False)
class Namespace(Shared):
    """A module of a framework, such as `torch.nn`: only what is listed exists."""

    name: str
    members: Mapping[str, Any]
    sentence: Callable[[str], str] | None = None  # for names of layers that are not listed, which are refused at once
    function: Builtin | None = None  # of the same name, for a module that once was one
    real: Any = None  # the module itself, which says what no such module has


@dataclass(eq=False)
class FromPrelude(Shared):
    """A definition that is kept as text of its own; it is evaluated when a text first uses it."""

    name: str


@dataclass(eq=False)
class Builtin(Shared):
    """One of our own functions under a name of Python or a framework: called with values, it returns one.

    `pure` ones take (args, kwargs) alone; the others are handed a `BuiltinCall` first.
    """

    name: str
    run: Callable[..., Any]
    needs_call: bool = False
    pays: int = 1


class Decorator(Builtin):
    """A function of Python's library that makes something else of the function or class that stands below it."""


class LayerFunction(Builtin):
    """A function that makes a layer with its weights at each call, as of a graph that is put together."""


@dataclass(eq=False)
class Type(Shared):
    """A class of Python or a framework: what `isinstance` compares with, and what builds one."""

    name: str
    cls: tuple[type, ...]
    build: Callable[..., Any] | None = None
    needs_call: bool = True
    members: Mapping[str, Any] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Type) or other.cls[:1] != self.cls[:1]:
            return False
        return self.name == other.name or not issubclass(self.cls[0], Special)

    def __hash__(self) -> int:
        return hash(self.cls[:1])


@dataclass(eq=False)
class Function(Shared):
    """A function, method or lambda of the text."""

    name: str
    node: ast.FunctionDef | ast.Lambda
    scope: Scope
    defaults: dict[str, Any]
    owner: Class | None = None
    kind: str = "function"  # or "staticmethod", "classmethod", "property", "cached_property"
    generates: bool = False
    is_context: bool = False  # under `@contextmanager`
    names: dict[str, Any] = field(default_factory=dict)  # attributes that the text gives it

    def runs_at_once(self) -> bool:
        """Whether a call runs its statements, and not later on, when what it yields is asked for."""
        return isinstance(self.node, ast.FunctionDef) and not self.generates

    def label(self) -> str:
        """What it is called in a sentence: a constructor as its class."""
        return self.owner.name if self.owner is not None and self.name == "__init__" else self.name


@dataclass(eq=False)
class Class(Shared):
    """A class of the text. `base` is the class of a framework that it comes from in the end, if any."""

    name: str
    bases: tuple[Any, ...]
    names: dict[str, Any]
    line: int
    base: Type | None = None
    fields: tuple[str, ...] | None = None  # of a dataclass
    module: type | None = None  # made for its instances when the first is built
    metaclass: Class | None = None
    evaluator: Any = None
    children: list[Class] = field(default_factory=list)  # classes that name it as their base
    annotations: dict[str, ast.expr] = field(default_factory=dict)
    specs: dict[str, Any] = field(default_factory=dict)  # what is said of fields of a dataclass
    options: frozenset[str] = frozenset()  # of a dataclass
    combinations: dict[int, Instance] = field(default_factory=dict)  # of flags, by their value

    def lineage(self) -> list[Class]:
        """This class and those of the text that it inherits from, in the order in which names are looked up."""
        order: list[Class] = []
        for base in self.bases:
            for one in base.lineage() if isinstance(base, Class) else []:
                if one in order:
                    order.remove(one)
                order.append(one)
        return [self, *order]

    def unknown_base(self) -> Unknown | None:
        """What it inherits from that is neither in the text nor known here."""
        return next((one for one in self.bases if isinstance(one, Unknown) and one.name not in IGNORED_BASES), None)

    def find(self, name: str, after: Class | None = None) -> Any:
        """A name of the class, `MISSING` if there is none; `after` skips the lineage up to that class."""
        lineage = self.lineage()
        start = lineage.index(after) + 1 if after in lineage else 0
        return next((one.names[name] for one in lineage[start:] if name in one.names), MISSING)


@dataclass(eq=False, repr=False)
class Instance(Comparable):
    """An object of a class that is no network, such as a settings class."""

    cls: Class
    names: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Bound(Shared):
    """A method with the object that it was taken from."""

    receiver: Any
    function: Any

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return Bound(copy.deepcopy(self.receiver, memo), self.function)


@dataclass(eq=False)
class Partial(Shared):
    """`functools.partial`."""

    function: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    is_method: bool = False  # `functools.partialmethod`


class Special(Shared):
    """A value that only one framework has: it says itself what calling it, its attributes and its items are."""

    name = ""
    is_tensor = False  # whether it stands for a tensor of a network that is put together
    is_data = False  # whether it is what networks are trained on, or prepares it

    def invoke(self, call: Any, *args: Any, **kwargs: Any) -> Any:
        """`value(*args, **kwargs)`."""
        raise call.fail("this cannot be called.")

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        """`value.name`, `MISSING` if there is none."""
        return MISSING

    def item(self, evaluator: Any, index: Any, node: ast.AST | None) -> Any:
        """`value[index]`, `MISSING` if there is none."""
        return MISSING

    def own_type(self) -> Type:
        """`type(value)`."""
        return Type(type(self).__name__, (type(self),))

    def is_of(self, kind: Type) -> bool:
        """`isinstance(value, kind)`."""
        return isinstance(self, kind.cls)

    def keep(self, name: str, value: Any) -> bool:
        """Whether `value.name = value` only keeps something there, of which nothing else depends."""
        return False

    def turns(self) -> list[Any] | None:
        """What a loop over it goes through, None if nothing."""
        return None

    def operate(self, name: str, other: Any, is_left: bool) -> Any:
        """`value + other` and its kind, by the name of Python's method; `MISSING` if there is none."""
        return MISSING


def is_symbol(value: Any) -> bool:
    """Whether a value stands for a tensor."""
    return isinstance(value, Special) and value.is_tensor


def is_weight(value: Any) -> bool:
    """Whether a value is a weight of a layer, or one as another framework has its axes."""
    return isinstance(value, nn.Parameter) or isinstance(getattr(value, "_base", None), nn.Parameter)


def type_name(value: Any) -> str:
    """What a value is called in a sentence.

    >>> type_name(3), type_name([1]), type_name(None)
    ('int', 'list', 'None')
    """
    if value is None:
        return "None"
    if isinstance(value, Unknown):
        return value.name or "an unknown value"
    if isinstance(value, Class | Type | Function | Builtin | Namespace | Special):
        return value.name or type(value).__name__
    if isinstance(value, Instance):
        return value.cls.name
    return type(value).__name__
