"""Bars of progress around what a loop goes through: `tqdm(loader)` is the loader."""

from __future__ import annotations

from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace, Unknown


def _through(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
    """`tqdm(loader, desc="train")`; without a loader it is a bar that is moved by hand."""
    given = next((kwargs[name] for name in ITEMS if name in kwargs), None)
    if not args and given is None:
        return Unknown("a bar of progress has no items", getattr(call.node, "lineno", 1))
    return args[0] if args else given


def _range(call: BuiltinCall, *bounds: Any, **kwargs: Any) -> range:
    """`trange(9)`."""
    return range(*call.evaluator.resolve_all(list(bounds), call.node))


ITEMS = ("iterable", "gen", "sequence")
BAR = Builtin("tqdm", _through, needs_call=True)
_MEMBERS = {"tqdm": BAR, "tqdm_notebook": BAR, "trange": Builtin("trange", _range, needs_call=True)}
_KINDS = ("auto", "notebook", "autonotebook", "std", "rich", "asyncio")
_SPACES = {kind: Namespace(f"tqdm.{kind}", _MEMBERS, function=BAR) for kind in _KINDS}
ROOTS: dict[str, Any] = {
    "tqdm": Namespace(
        "tqdm",
        {**_MEMBERS, **{kind: Namespace(f"tqdm.{kind}", _MEMBERS, function=BAR) for kind in _KINDS}},
        function=BAR,
    ),
    "fastprogress": Namespace("fastprogress", {"progress_bar": BAR, "master_bar": BAR}),
}
