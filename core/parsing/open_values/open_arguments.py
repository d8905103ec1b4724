"""Values for the arguments that a text leaves open: of a class that it defines and does not build, of a function."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from core.errors import ParseError
from core.parsing.definitions import annotation_of, receiver
from core.parsing.evaluation.core import FALLBACK
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.text_classes.records import record_fields
from core.parsing.evaluation.values import MISSING, Class, Function, Unknown
from core.parsing.open_values.annotated_values import annotated_value
from core.parsing.open_values.argument_checks import fitting, is_asked_for, refused_without
from core.parsing.open_values.argument_usage import ArgumentUsage, usage
from core.parsing.open_values.assumptions import (
    COUNTS,
    IMAGE,
    SIDE,
    WIDTHS,
    OpenSettings,
    Usual,
    is_image_side,
    of_image,
    usual_inside,
    usual_number,
    usual_sequence,
    usual_value,
    with_side,
)
from core.parsing.open_values.constants_of_calls import constants_of_calls
from core.parsing.open_values.item_counts import long_enough
from core.parsing.open_values.listed_numbers import is_number_for
from core.parsing.open_values.listed_rows import rows_of
from core.parsing.open_values.open_networks import OpenNetworks, TextDefinitions, evaluated
from core.parsing.open_values.open_shapes import open_shapes
from core.parsing.open_values.record_constructors import record_constructor
from core.parsing.open_values.settings_keywords import keywords_needed, passed_on

SCOPES = ("name_scope", "scope_name", "scope")  # what a layer's weights are named by
NOT_ASSUMED = ("str", "Module", "Callable", "Tensor", "Path")  # kinds of which no value is usual
LARGER_SIDES = (64, 128, 224, 256, 240)
MOST_CHOICES = 4  # of numbers that an argument may be, which are tried
PAIRS = ((32, 64), (64, 128), (128, 256))  # what goes in and comes out, stage by stage
MAX_INSIDE = 4  # networks that are arguments of each other


class OpenArguments:
    """The arguments that a function of the text has no default for.

    Args: `others` are the other methods where it is a constructor, and `receiver` its first argument there; `depth`
    counts the networks that this one is an argument of.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        owner: str,
        function: Function,
        others: Sequence[ast.AST] = (),
        receiver: str = "",
        depth: int = 0,
    ):
        self.evaluator, self.owner, self.function, self.depth = evaluator, owner, function, depth
        spec = function.node.args
        parameters = [p for p in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs) if p.arg != receiver]
        known = self.known = TextDefinitions(evaluator, (function.node, *others))
        given = [p.arg for p in parameters if function.defaults.get(p.arg, MISSING) is None]
        # None, of which something is read
        missing = [name for name in given if not is_asked_for(name, function.node, others)]
        names = [p.arg for p in parameters if p.arg not in function.defaults or p.arg in missing]
        self.usage = {name: usage(name, function.node, others, known) for name in names}
        for name in missing:
            use = self.usage[name]
            if use.kind not in ("settings", "list", "sequence", "object") or "asked" in use.kinds:
                del self.usage[name]
        self.open = {p.arg: annotation_of(p) for p in parameters if p.arg in self.usage}
        self._add_keywords(others, known)
        self.constants = constants_of_calls(evaluator, owner, [p.arg for p in parameters])
        self.networks = OpenNetworks(evaluator, owner.partition(".")[0], function, self._construction)
        self.sources: dict[str, str] = {}  # expressions for arguments that are no numbers
        self.loose: dict[str, Any] = {}  # settings and objects in them, of which only what is used has a value
        self.fallbacks: list[str] = []  # names that nothing is usual for
        self.stages: int | None = None  # how many values a sequence has, where it is not left as it is usual
        self.choice = 0  # which of the numbers that an argument may be
        self.takes_settings, self.has_settings = True, False  # of the text, for arguments that are settings
        self.fills_settings = False  # whether what they leave open, 0 or None, gets a usual number
        self.is_flat = False  # whether a size of an image is its height and width, without channels

    def attempts(self) -> Iterator[dict[str, Any]]:
        """Values to try, the likeliest first.

        Raises: ParseError where nothing is usual for one of them.
        """
        first = self._values(usual_value)
        yield first
        second = self._values(usual_inside)
        if any(type(value) is int and value != first[name] for name, value in second.items()):
            yield second
        lengths = {len(value) for value in first.values() if type(value) is tuple}
        if len(lengths) > 1:  # a list for each stage: they may have to be equally long
            self.stages = min(lengths)
            yield self._values(usual_value)
            self.stages = None
        if self.has_settings:  # the text's own may hold what it leaves open, or lack what is used of them
            self.fills_settings = True
            yield self._values(usual_value)
            self.fills_settings = False
            self.takes_settings = False
            yield self._values(usual_value)
        if any(type(value) is tuple and value == IMAGE for value in first.values()):
            self.is_flat = True
            yield self._values(usual_value)
            self.is_flat = False
        yield from self._other_sizes(first)
        yield from self._numbers_for([name for name, value in first.items() if type(value) is tuple])
        refused = refused_without(self.function.defaults, self.open, self.function.node)[:MAX_INSIDE]
        for names in [[name] for name in refused] + [refused] * (len(refused) > 1):
            self.open |= dict.fromkeys(names, "")
            self.usage |= {name: ArgumentUsage() for name in names}
            yield self._values(usual_value)
            for name in names:
                del self.open[name], self.usage[name]

    def _other_sizes(self, first: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The next of the numbers that an argument may be; larger images, for what a small one does not go through."""
        most = max((len(use.numbers) for use in self.usage.values()), default=0)
        for self.choice in range(1, min(most, MOST_CHOICES)):
            yield self._values(usual_value)
        self.choice = 0
        if any(type(value) is int and value == SIDE and is_image_side(name) for name, value in first.items()):
            for side in LARGER_SIDES:
                yield self._values(partial(with_side, side))

    def _numbers_for(self, sequences: list[str]) -> Iterator[dict[str, Any]]:
        """A number for each sequence, of which the text makes a list as long as another argument says."""
        named = [name for name in sequences if not is_image_side(name) and name not in self.evaluator.given]
        numbers = {name: value for name in named if type(value := usual_value(name)) is int}
        if numbers:
            values = self._values(usual_value) | numbers
            self.evaluator.assumed |= numbers
            yield values

    def _add_keywords(self, others: Sequence[ast.AST], known: TextDefinitions) -> None:
        """What is read of `**settings` without a default is an argument like any other."""
        rest = self.function.node.args.kwarg
        if rest is None:
            return
        for key in keywords_needed(self.evaluator, rest.arg, self.function.node, others):
            if key.isidentifier() and key not in self.open and key not in self.function.defaults:
                self.open[key] = ""
                self.usage[key] = usage(f"{rest.arg}[{key!r}]", self.function.node, others, known)

    def add_passed_on(self, cls: Class, others: Sequence[ast.AST]) -> None:
        """What `super().__init__(*args, **kwargs)` must hand on to the class above."""
        rest = self.function.node.args.kwarg
        above = next((one for one in cls.lineage()[1:] if "__init__" in one.names), None)
        init = above.names["__init__"] if above is not None else None
        taken = passed_on(rest.arg, self.function.node) if rest is not None else None
        if rest is None or taken is None or not isinstance(init, Function) or init is self.function:
            return
        count, set_here = taken
        known = TextDefinitions(self.evaluator, (init.node, *others))
        spec = init.node.args
        for parameter in [*[*spec.posonlyargs, *spec.args][1 + count :], *spec.kwonlyargs]:
            name = parameter.arg
            if name not in init.defaults and name not in set_here and name not in self.open:
                self.open[name], self.usage[name] = annotation_of(parameter), usage(name, init.node, others, known)

    def refusal(self, name: str) -> ParseError:
        """That a value is needed."""
        line = getattr(self.function.node, "lineno", 1)
        return ParseError(
            f"Line {line}: {self.owner} needs a value for {name}: write the line that builds it, for example "
            f"net = {self.owner}({', '.join(f'{one}=...' for one in list(self.open)[:3])})."
        )

    def _values(self, usual: Usual) -> dict[str, Any]:
        self.fallbacks, self.sources = [], {}
        if {"width", "height"} <= set(self.open):  # of an image, whose depth is its channels
            usual = of_image(usual)
        values = {name: self._value(name, usual) for name in self.open}
        values = self._fitting(values | long_enough(values, self.function.node, self.evaluator.given))
        self.evaluator.assumed_sources[self.function.node] = {name: self.written(name) for name in self.sources}
        return values

    def _fitting(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values, those changed that the function itself refuses at its beginning."""
        fixed = {
            **self.function.defaults,
            **{name: one for name, one in self.evaluator.given.items() if name in values},
        }
        changed = fitting(self.evaluator, self.function.node, values, fixed)
        self.evaluator.assumed |= {name: one for name, one in changed.items() if one is not values[name]}
        return changed

    def written(self, name: str) -> str:
        """The expression for an argument, without what the text reads settings for."""
        loose = "|".join(self.loose)
        return re.sub(rf"=({loose})(?=[,)])", "=None", self.sources[name]) if loose else self.sources[name]

    def _value(self, name: str, usual: Usual) -> Any:
        if name in self.constants or is_number_for(self.evaluator.globals.names.get(name), self.usage[name].kind):
            self.evaluator.stated.add(name)
        given = self.evaluator.given.get(name, MISSING)
        value = self._assumed(name, usual) if given is MISSING else given
        if self.usage[name].kind == "list" and isinstance(value, (list, tuple)):  # another list is added to it
            self.evaluator.assumed[name] = tuple(value)
            self.sources[name] = repr(list(value))
            return list(value)
        if type(value) in (int, float, bool, tuple):
            self.evaluator.assumed[name] = value
        elif type(value) is str:
            self.sources[name] = repr(value)
        return value

    def _assumed(self, name: str, usual: Usual) -> Any:
        use, annotation = self.usage[name], self.open[name]
        kind = use.kind
        if self.takes_settings and (same := self.networks.same_name(name)):
            self.sources[name], self.has_settings = same, True
            return evaluated(self.evaluator, same, {})
        if kind == "tensor" and self.evaluator.open_tensor is not None:
            return self.evaluator.open_tensor()
        if kind == "settings":
            return OpenSettings(name)
        if (shapes := open_shapes(self.evaluator, name, kind, self.constants.get(name))) is not MISSING:
            self.sources |= {name: repr(shapes)} if isinstance(shapes, list) else {}
            return shapes
        if self.networks.proposes(name):
            line = getattr(self.function.node, "lineno", 1)
            raise ParseError(
                f"Line {line}: {name} proposes other sizes at each call, which is not known here: write the sizes that "
                "you want, for example Dense(64)."
            )
        if source := self.networks.source(name, use, annotation):
            self.sources[name] = source
            return evaluated(self.evaluator, source, self.loose)
        if is_number_for(self.evaluator.globals.names.get(name), kind):
            return self.evaluator.globals.names[name]
        if name in self.constants:
            return self.constants[name]
        if (annotated := annotated_value(name, annotation, usual)) is not MISSING:
            return annotated
        if use.numbers:
            value = usual(name)
            is_usual = value in use.numbers and not self.choice
            return value if is_usual else use.numbers[min(self.choice, len(use.numbers) - 1)]
        if annotation in ("int", "float") and kind in ("list", "sequence"):  # or else a list, which is left alone
            return self._number(name, usual, annotation)
        if kind == "sequence" and (rows := rows_of(name, self.function.node, self.known)):
            self.sources[name] = rows
            return evaluated(self.evaluator, rows, {})
        if "pairs" in use.kinds and kind == "sequence":
            return PAIRS
        if "row" in use.kinds and kind == "sequence":
            return (FALLBACK,)
        is_number = kind == "number" and usual_value(name) is not MISSING  # such as how many values come out
        if kind in ("list", "sequence") or ("shape" in name.lower() and not is_number):
            found = WIDTHS if "widths" in use.kinds and usual_sequence(name) == COUNTS else usual_sequence(name)
            return found[1:] if self.is_flat and found == IMAGE else found[: self.stages]
        if "object" in use.kinds and not use.kinds & {"function", "table"}:
            line = getattr(self.function.node, "lineno", 1)
            return Unknown(f"{self.owner} needs a value for {name}", line, name, path=name, is_setting=True)
        return self._number(name, usual, annotation.rpartition(".")[2])

    def _number(self, name: str, usual: Usual, annotation: str) -> Any:
        if name in SCOPES:
            return "net"
        value = False if annotation == "bool" else usual(name)
        if name.lower() == "input_dim" and "vocabulary" not in self.usage[name].kinds:  # of words only where embedded
            value = FALLBACK
        if value is MISSING and self.usage[name].kind == "flag":
            return False
        if self.usage[name].kinds & {"function", "table"} or (value is MISSING and annotation in NOT_ASSUMED):
            raise self.refusal(name)
        if value is not MISSING or name.lower().endswith("activation"):
            return "relu" if value is MISSING else value
        self.fallbacks.append(name)
        return FALLBACK

    def _construction(self, cls: Class) -> str:
        """How a class of the text is built, with usual values for the arguments that it leaves open in its turn."""
        open_ones = of_class(self.evaluator, cls, self.depth + 1)
        if open_ones is None:
            fields = [one for one in record_fields(cls) if self._leaves_open(cls.find(one), one)]
            return f"{cls.name}({', '.join(f'{one}={usual_number(one)!r}' for one in fields)})"
        if self.depth >= MAX_INSIDE:
            raise open_ones.refusal(next(iter(open_ones.open), "its arguments"))
        values = next(open_ones.attempts())
        loose = {name: one for name, one in values.items() if isinstance(one, (Unknown, OpenSettings))}
        self.loose |= loose | open_ones.loose
        texts = {name: name if name in loose else repr(value) for name, value in values.items()} | open_ones.sources
        return f"{cls.name}({', '.join(f'{name}={text}' for name, text in texts.items())})"

    def _leaves_open(self, value: Any, name: str) -> bool:
        """Whether a field of settings has no value, or none that a layer can be made with."""
        if value is MISSING or not self.fills_settings:
            return value is MISSING
        usual = usual_value(name)
        return (value is None or (type(value) is int and value == 0)) and type(usual) is int and usual != 0


def of_class(evaluator: Evaluator, cls: Class, depth: int = 0) -> OpenArguments | None:
    """The arguments of a class's constructor; None where it has none of its own."""
    init = cls.find("__init__") if cls.find("__init__") is not MISSING else record_constructor(evaluator, cls)
    if not isinstance(init, Function):
        return None
    every = [one for each in cls.lineage() for one in each.names.values() if isinstance(one, Function)]
    others = [one.node for one in every if one is not init]
    made = OpenArguments(evaluator, cls.name, init, others, receiver(init), depth)
    made.add_passed_on(cls, others)
    return made
