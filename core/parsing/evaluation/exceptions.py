"""What Python would raise where a text asks for what is not there, so that `except` in it can catch that."""

from __future__ import annotations

import ast
import builtins
from typing import Any

from core.errors import ParseError
from core.parsing.evaluation.values import MISSING, Class, Scope, Special, Type, Unknown

ORIGINS = ("__cause__", "__context__")  # of an error: what it is raised from, what was caught meanwhile


class TextError(ParseError):
    """Something that Python itself refuses; `kinds` are the names of what it raises, the nearest first."""

    kinds: tuple[str, ...] = ()
    value: Any = None  # what `except ... as error` calls by a name, where the text says it


class ErrorValue(Special):
    """`ValueError("no")`."""

    def __init__(self, kind: type[BaseException], args: tuple[Any, ...] = ()):
        self.name, self.kinds, self.args = kind.__name__, _names(kind), args
        self.origins: dict[str, Any] = dict.fromkeys(ORIGINS)

    def words(self) -> Any:
        """What `str` makes of it."""
        return self.args[0] if len(self.args) == 1 else str(self.args) if self.args else ""

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        if name == "args":
            return self.args
        if name in self.origins:
            return self.origins[name]
        return evaluator.globals.find(self.name) if name == "__class__" else MISSING


def caught_value(error: Exception, node: ast.ExceptHandler) -> Any:
    """What `except ... as error` gives a name: what the text raised; of an error of Python's no more than its kind."""
    said = getattr(error, "value", None)
    kind = getattr(builtins, next(iter(kinds_of(error)), ""), None)
    unknown = Unknown("an error has no words here", node.lineno, node.name or "")
    if said is not None or not isinstance(kind, type):
        return unknown if said is None else said
    return ErrorValue(kind, (unknown,))


def error_type(kind: type[BaseException]) -> Type:
    """One of Python's errors, to be raised, caught, and inherited from."""
    return Type(kind.__name__, (kind,), lambda call, *args: ErrorValue(kind, args))


class TextRefusesError(TextError):
    """What the text itself raises, for values or an input that it does not take."""


def raised(sentence: str, kind: type[BaseException]) -> TextError:
    """An error of a text, of a kind of Python's."""
    return _of_kinds(sentence, _names(kind))


def raised_by(
    sentence: str, node: ast.Raise, own: Class | None, value: Any = None, kinds: tuple[str, ...] = ()
) -> ParseError:
    """What `raise ValueError(...)` of a text raises, an error of Python's or of a class of the text's `own`."""
    refusal = TextRefusesError(sentence)
    refusal.value = value
    made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    if own is not None:
        refusal.kinds = _of_class(own)
    elif kinds:
        refusal.kinds = kinds
    elif made is not None:
        name = ast.unparse(made).rpartition(".")[2]
        known = getattr(builtins, name, None)
        is_known = isinstance(known, type) and issubclass(known, Exception)
        refusal.kinds = _names(known) if is_known else (name, "Exception")  # type: ignore[arg-type]
    return refusal


def kind_of(error: Exception) -> type[Exception] | None:
    """What `except` of a text may catch of what one of our own functions raises: not what may be a lack of ours."""
    kinds = (ZeroDivisionError, KeyError, IndexError, ValueError)
    return next((kind for kind in kinds if isinstance(error, kind)), None)


def of_python(kind: type[BaseException], value: Any) -> type[BaseException] | None:
    """The kind of error that Python raises for a value; None for one that only stands for something here."""
    return None if isinstance(value, (Special, Unknown)) else kind


def handler_of(error: Exception, node: ast.Try, scope: Scope) -> ast.ExceptHandler | None:
    """The `except` that catches an error; None where it is no error of Python's."""
    kinds = kinds_of(error)
    return next((one for one in node.handlers if set(kinds) & set(caught_names(one, scope))), None)


def catches(node: ast.Try, kind: type[BaseException]) -> bool:
    """Whether an `except` of a text catches what is of a kind.

    >>> catches(ast.parse("try: a\\nexcept (KeyError, NameError): b").body[0], UnboundLocalError)
    True
    """
    return any(set(_names(kind)) & set(caught_names(one)) for one in node.handlers)


def kinds_of(error: Exception) -> tuple[str, ...]:
    """The names of what Python raises there, the nearest first; none where it is no error of Python's.

    >>> kinds_of(KeyError("k"))[:2], kinds_of(ParseError("this cannot be evaluated here"))
    (('KeyError', 'LookupError'), ())
    """
    if isinstance(error, TextError):
        return error.kinds
    return () if isinstance(error, ParseError) else _names(type(error))


def _of_kinds(sentence: str, kinds: tuple[str, ...]) -> TextError:
    error = TextError(sentence)
    error.kinds = kinds
    return error


def _of_class(own: Class) -> tuple[str, ...]:
    """The names of a class of the text and of those above it."""
    lineage = own.lineage()
    above = [one for each in lineage for one in each.bases if isinstance(one, Type)]
    names = [name for one in above for name in _names(one.cls[0])]
    return tuple(dict.fromkeys([*(each.name for each in lineage), *names, "Exception", "BaseException"]))


def _names(kind: type[BaseException]) -> tuple[str, ...]:
    return tuple(one.__name__ for one in kind.__mro__ if issubclass(one, BaseException))


def caught_names(handler: ast.ExceptHandler, scope: Scope | None = None) -> list[str]:
    """The names of what an `except` catches, those in a variable too: `Missing = (KeyError, IndexError)`."""
    if handler.type is None:
        return ["BaseException", "Exception"]
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    held = [scope.find(kind.id) for kind in kinds if isinstance(kind, ast.Name)] if scope is not None else []
    inner = [one for value in held for one in (value if isinstance(value, tuple) else (value,))]
    names = [one.name for one in inner if isinstance(one, (Class, Type))]
    return [*(ast.unparse(kind).rpartition(".")[2] for kind in kinds), *names]
