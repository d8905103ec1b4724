"""What a `with` of a text is about: how its block is entered and left, and which errors end there."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from core.parsing.evaluation.exceptions import kinds_of
from core.parsing.evaluation.values import (
    MISSING,
    Builtin,
    Class,
    Decorator,
    FromPrelude,
    Function,
    Namespace,
    Special,
    Type,
    Unknown,
)

T = TypeVar("T")


class Context(Special):
    """What a `with` of a text enters and leaves."""

    name = "a context manager"

    def enter(self) -> Any:
        """Before its block; what `as` gives a name to."""

    def leave(self, error: Exception | None) -> bool:
        """Behind its block, also where that fails; whether an error goes no further."""
        return False

    def catches(self, error: Exception) -> bool:
        """Whether an error of the block is known to go no further."""
        return False

    def ends(self, error: Exception) -> bool:
        """Leaves a block that failed; whether its error goes no further: a lack of ours is never passed over."""
        return self.leave(error) and bool(kinds_of(error))

    def around(self, body: Callable[[Any], T]) -> T | None:
        """What the block gives, which is handed the value of `as`; None where an error ends it and goes no further."""
        value = self.enter()
        try:
            result = body(value)
        except Exception as error:
            if self.ends(error):
                return None
            raise
        self.leave(None)
        return result


class Plain(Context):
    """A value that needs no entering, as of `contextlib.nullcontext` or of something unknown."""

    def __init__(self, value: Any = None):
        self.value = value

    def enter(self) -> Any:
        return self.value


class Suppress(Context):
    """`contextlib.suppress(KeyError)`: errors of these kinds end the block and no more."""

    def __init__(self, names: set[str]):
        self.names = names

    def leave(self, error: Exception | None) -> bool:
        return error is not None and self.catches(error)

    def catches(self, error: Exception) -> bool:
        return bool(self.names.intersection(kinds_of(error)))


class Stack(Context):
    """`contextlib.ExitStack()`: what is put on it is left in the end, the last first."""

    name = "ExitStack"

    def __init__(self, evaluator: Any):
        self.evaluator, self.entered = evaluator, list[Context]()

    def enter(self) -> Any:
        return self

    def leave(self, error: Exception | None) -> bool:
        left = error
        while self.entered:
            if self.entered.pop().leave(left):
                left = None
        return error is not None and left is None

    def catches(self, error: Exception) -> bool:
        return any(one.catches(error) for one in self.entered)

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        methods: dict[str, Callable[..., Any]] = {
            "enter_context": self._enter,
            "push": self._push,
            "callback": self._call_later,
        }
        if name in methods:
            return Builtin(name, methods[name], needs_call=True)
        if name == "close":
            return Builtin(name, lambda: self.leave(None) and None)
        return Builtin(name, self._moved) if name == "pop_all" else MISSING

    def _enter(self, call: Any, manager: Any) -> Any:
        context = call.evaluator.as_context(manager, call.node)
        value = context.enter()
        self.entered.append(context)
        return value

    def _push(self, call: Any, manager: Any) -> Any:
        self.entered.append(call.evaluator.as_context(manager, call.node))
        return manager

    def _call_later(self, call: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
        self.entered.append(Later(lambda: call.call(function, *args, **kwargs)))
        return function

    def _moved(self) -> Stack:
        other = Stack(self.evaluator)
        other.entered, self.entered = self.entered, []
        return other


class Later(Context):
    """A call that is put off until its block is left."""

    def __init__(self, run: Callable[[], Any]):
        self.run = run

    def leave(self, error: Exception | None) -> bool:
        self.run()
        return False


class Closing(Context):
    """`contextlib.closing(thing)`."""

    def __init__(self, call: Any, value: Any):
        self.call, self.value = call, value

    def enter(self) -> Any:
        return self.value

    def leave(self, error: Exception | None) -> bool:
        self.call.call(self.call.evaluator.get_attribute(self.value, "close", self.call.node))
        return False


class Raised(Special):
    """An error that `__exit__` of a text is told of: that there is one is all that is known."""


class OwnContext(Context):
    """An object of the text with `__enter__` and `__exit__`."""

    def __init__(self, evaluator: Any, value: Any, node: ast.AST):
        self.evaluator, self.value, self.node = evaluator, value, node

    def enter(self) -> Any:
        own = self.evaluator.own_method(self.value, "__enter__")
        return self.value if own is MISSING else self.evaluator.call(own, [], {}, self.node)

    def leave(self, error: Exception | None) -> bool:
        own = self.evaluator.own_method(self.value, "__exit__")
        if own is MISSING:
            return False
        result = self.evaluator.call(own, self._described(error), {}, self.node)
        return error is not None and self.evaluator.is_true(result, self.node)

    def _described(self, error: Exception | None) -> list[Any]:
        """The type, the value and the traceback of an error; nothing thrice where there is none."""
        if error is None:
            return [None, None, None]
        name = next(iter(kinds_of(error)), "")
        kind, known = self.evaluator.globals.find(name), getattr(builtins, name, None)
        is_known = isinstance(kind, Type) and isinstance(known, type) and issubclass(known, Exception)
        value = known() if is_known and known is not None else Raised()
        return [kind if isinstance(kind, (Type, Class)) else Raised(), value, Raised()]


class OfGenerator(Context):
    """A function under `@contextmanager`: the block of the `with` is run while it waits at its `yield`."""

    def __init__(self, generator: Any, name: str):
        self.generator, self.function_name = generator, name

    def enter(self) -> Any:
        try:
            return next(self.generator)
        except StopIteration:
            raise self._fail("never comes to its yield, where a context manager yields once.") from None

    def leave(self, error: Exception | None) -> bool:
        try:
            self.generator.send(None) if error is None else self.generator.throw(error)
        except StopIteration:
            return error is not None
        except Exception as other:
            if other is error:
                return False
            raise
        raise self._fail("yields a second time, where a context manager yields once.")

    def _fail(self, sentence: str) -> Exception:
        generator = self.generator
        return generator.evaluator.fail(generator.node, f"{self.function_name} {sentence}", RuntimeError)


def counts_inside(value: Any) -> bool:
    """Whether a value is a context that makes a difference to what is inside of it."""
    return isinstance(value, Context) and not isinstance(value, Plain)


def _suppress(call: Any, *kinds: Any) -> Suppress:
    """`contextlib.suppress(...)`, by the names of what it catches."""
    for kind in kinds:
        if not isinstance(kind, (Type, Class, Unknown)) or not kind.name:
            raise call.fail("it is given something that is no kind of error.")
    return Suppress({kind.name for kind in kinds})


def as_manager(function: Any) -> Any:
    """What `@contextmanager` makes of a function that yields."""
    return replace(function, is_context=True) if isinstance(function, Function) and function.generates else function


CONTEXT_MANAGER = Decorator("contextmanager", as_manager)
CONTEXTLIB = Namespace(
    "contextlib",
    {
        "contextmanager": CONTEXT_MANAGER,
        "nullcontext": Builtin("nullcontext", lambda call, enter_result=None: Plain(enter_result), needs_call=True),
        "ExitStack": Builtin("ExitStack", lambda call: Stack(call.evaluator), needs_call=True),
        "closing": Builtin("closing", lambda call, value: Closing(call, value), needs_call=True),
        "suppress": Builtin("suppress", _suppress, needs_call=True),
        **{name: FromPrelude(name) for name in ("AbstractContextManager", "ContextDecorator")},
    },
)
