"""Calls that print a table or the cost of a network: they change nothing, but state the size of its input."""

from __future__ import annotations

from typing import Any

from core.errors import ParseError
from core.parsing.evaluation.calls import BuiltinCall, flat
from core.parsing.evaluation.values import Builtin, Namespace, Unknown


def note_size(call: BuiltinCall, network: Any, sizes: Any, with_batch: bool) -> None:
    """Remembers (C, H, W) of a network, where the text states it."""
    try:
        value = call.evaluator.resolve_all(sizes, call.node)
    except ParseError:
        return
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], (list, tuple)):
        value = value[0]
    shape = tuple(value)[1 if with_batch else 0 :] if isinstance(value, (list, tuple)) else ()
    if shape and all(type(n) is int and n > 0 for n in shape):
        call.evaluator.sizes.append((network, shape))


def _summary(with_batch: bool | None, name: str = "summary") -> Builtin:
    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
        module = args[0] if args else kwargs.get("model")
        size = args[1] if len(args) > 1 else next((kwargs[key] for key in SIZES if key in kwargs), None)
        is_batched = len(size) == 4 if with_batch is None and isinstance(size, tuple) else bool(with_batch)
        note_size(call, module, size, is_batched)

    return Builtin(name, run, needs_call=True)


def _counter(name: str) -> Builtin:
    """A function that counts what a network costs: it changes nothing, and its result is not known here."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Unknown:
        call.evaluator.note_input(flat([*args, *kwargs.values()]))
        return Unknown(f"{name} counts, which is not evaluated here", getattr(call.node, "lineno", 1))

    return Builtin(name, run, needs_call=True)


def _counters(package: str, names: str) -> Namespace:
    return Namespace(package, {name: _counter(name) for name in names.split()})


SIZES = ("input_size", "input_shape", "input_res")  # what packages call the argument
FVCORE = "FlopCountAnalysis ActivationCountAnalysis flop_count flop_count_table flop_count_str parameter_count"
FVCORE += " parameter_count_table activation_count"
SUMMARY = _summary(None)  # as it stands without an import
ROOTS: dict[str, Any] = {
    "torchsummary": Namespace("torchsummary", {"summary": _summary(False)}),
    "torchinfo": Namespace("torchinfo", {"summary": _summary(True)}),
    "ptflops": Namespace("ptflops", {"get_model_complexity_info": _summary(False, "get_model_complexity_info")}),
    "calflops": Namespace("calflops", {"calculate_flops": _summary(True, "calculate_flops")}),
    "fvcore": Namespace("fvcore", {"nn": _counters("fvcore.nn", FVCORE)}),
    "thop": _counters("thop", "profile clever_format"),
    "torchstat": Namespace("torchstat", {"stat": _summary(False, "stat")}),
}
