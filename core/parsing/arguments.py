"""What each argument of a layer may be. PyTorch checks little while it builds, so a slip would surface much later."""

from __future__ import annotations

import difflib
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn

from core.errors import ParseError
from core.parsing.evaluation.exceptions import raised
from core.parsing.plan import write_value

MAX_FEATURES = 10_000_000  # channels, features, classes
MAX_WINDOW = 4096  # kernel, stride, padding, dilation


@dataclass(frozen=True)
class Rule:
    """What a value must be, as a test and in words."""

    holds: Callable[[Any], bool]
    words: str


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda v: type(v) is int and low <= v <= high


def _real(low: float, high: float) -> Callable[[Any], bool]:
    return lambda v: type(v) in (int, float) and low <= v <= high


def _each(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda v: all(map(test, v)) and len(v) > 0 if isinstance(v, tuple) else test(v)


def _or_none(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda v: v is None or test(v)


FEATURES = Rule(_whole(1, MAX_FEATURES), f"an integer from 1 to {MAX_FEATURES:,}")
WINDOW = Rule(_each(_whole(1, MAX_WINDOW)), f"an integer from 1 to {MAX_WINDOW}, or one per side")
WINDOW_OR_NONE = Rule(_or_none(WINDOW.holds), WINDOW.words)
PADDING = Rule(_each(_whole(0, MAX_WINDOW)), f"an integer from 0 to {MAX_WINDOW}, or one per side")
WORDED_PADDING = Rule(
    lambda v: v in ("same", "valid") if isinstance(v, str) else _each(_whole(0, MAX_WINDOW))(v),
    f'an integer from 0 to {MAX_WINDOW}, one per side, "same" or "valid"',
)
BORDER = Rule(_each(_whole(-MAX_WINDOW, MAX_WINDOW)), f"an integer of at most {MAX_WINDOW}, or one per border")
OUTPUT = Rule(_each(_or_none(_whole(1, MAX_WINDOW))), f"an integer from 1 to {MAX_WINDOW}, or one per side")
SHAPE = Rule(_each(_whole(1, MAX_FEATURES)), f"integers from 1 to {MAX_FEATURES:,}")
UNFLATTENED = Rule(_each(_whole(-1, MAX_FEATURES)), "the sizes to unflatten to, for example (128, 7, 7)")
SCALE = Rule(_or_none(_each(_real(1 / 64, 64))), "a factor from 1/64 to 64")
AXIS = Rule(_or_none(_whole(-8, 8)), "the index of a dimension")
SHARE = Rule(lambda v: type(v) is bool or _real(0, 1)(v), "a probability from 0 to 1")
SWITCH = Rule(lambda v: type(v) is bool or v in (0, 1, None), "True or False")
FACTOR = Rule(_whole(1, 64), "an integer from 1 to 64")
MODE = Rule(lambda v: isinstance(v, str) and len(v) < 40, "a string")
NUMBER = Rule(
    lambda v: v is None or type(v) is bool or (type(v) in (int, float) and not (type(v) is float and math.isnan(v))),
    "a number",
)

RULES: dict[str, Rule] = {
    **dict.fromkeys(("in_channels", "out_channels", "in_features", "out_features", "num_features", "groups"), FEATURES),
    **dict.fromkeys(("num_channels", "num_groups", "num_parameters"), FEATURES),
    **dict.fromkeys(("kernel_size", "dilation"), WINDOW),
    **dict.fromkeys(("inplace", "bias", "affine", "elementwise_affine", "track_running_stats"), SWITCH),
    **dict.fromkeys(("ceil_mode", "count_include_pad"), SWITCH),
    **dict.fromkeys(("start_dim", "end_dim", "dim"), AXIS),
    **dict.fromkeys(("padding_mode", "mode", "approximate"), MODE),
    "stride": WINDOW_OR_NONE,
    "padding": PADDING,
    "output_padding": PADDING,
    "output_size": OUTPUT,
    "size": Rule(_or_none(OUTPUT.holds), OUTPUT.words),
    "scale_factor": SCALE,
    "upscale_factor": FACTOR,
    "downscale_factor": FACTOR,
    "normalized_shape": SHAPE,
    "unflattened_size": UNFLATTENED,
    "dims": Rule(
        lambda v: set(v) == set(range(len(v))) and v[0] == 0, "the dimensions in their new order, batch first"
    ),
    "features": FEATURES,
    "return_indices": SWITCH,
    **dict.fromkeys(("input_size", "hidden_size", "num_embeddings", "embedding_dim", "embed_dim"), FEATURES),
    **dict.fromkeys(("in1_features", "in2_features"), FEATURES),
    **dict.fromkeys(("num_layers", "num_heads"), Rule(_whole(1, 256), "an integer from 1 to 256")),
    **dict.fromkeys(
        ("batch_first", "bidirectional", "sparse", "add_bias_kv", "add_zero_attn", "recompute_scale_factor"), SWITCH
    ),
    **dict.fromkeys(("nonlinearity", "reduction"), MODE),
    **dict.fromkeys(("kdim", "vdim"), Rule(_or_none(_whole(1, MAX_FEATURES)), FEATURES.words)),
    "output_ratio": Rule(_or_none(_each(_real(0, 1))), "a share of each side, from 0 to 1"),
    "cutoffs": SHAPE,
    "n_classes": FEATURES,
    "dropout": SHARE,
    "p": SHARE,
}


SIDES_OF_WEIGHTS = ("in_channels", "out_channels", "in_features", "out_features", "num_embeddings", "embedding_dim")

signature = cache(inspect.signature)  # slow enough to notice in a network of hundreds of layers


@cache
def _takes_device(build: Callable) -> bool:
    is_of_torch = isinstance(build, type) and build.__module__.startswith("torch.nn.")
    return is_of_torch and "device" in signature(build).parameters


def built_on(device: torch.device, build: Callable[..., nn.Module], args: Any, kwargs: Mapping[str, Any]) -> nn.Module:
    """A layer on a device: as its argument where it takes one, for a device all around is asked at each step."""
    if _takes_device(build):
        return build(*args, **kwargs, device=device)
    with device:
        return build(*args, **kwargs)


def check_arguments(kind: str, build: Callable, args: tuple, kwargs: Mapping[str, Any], line: int) -> None:
    """Checks names, number, kind and range of a leaf layer's arguments.

    Raises: ParseError naming the line, the value and what it may be.
    """
    parameters = signature(build).parameters
    for name in kwargs:
        if name not in parameters:
            near = difflib.get_close_matches(name[:60], parameters, n=1, cutoff=0)
            hint = f"; the nearest is {near[0]}" if near else ""
            said = f"Line {line}: {kind} has no argument called {name[:60]}{hint}. It takes {_usage(build)}."
            raise raised(said, TypeError)
    try:
        bound = signature(build).bind(*args, **kwargs)
    except TypeError as error:
        raise raised(f"Line {line}: {kind}: {error}. It takes {_usage(build)}.", TypeError) from None
    for name, value in bound.arguments.items():
        if name in ("device", "dtype"):
            raise ParseError(f"Line {line}: leave out `{name}` of {kind}; it is chosen later.")
        if sentence := _refusal(kind, name, value):
            is_asked = name in SIDES_OF_WEIGHTS and not isinstance(value, (tuple, nn.Module))
            refused = _refusal_of_torch(build, args, kwargs) if is_asked else None
            said = f"Line {line}: {name}={write_value(value)[:80]} of {kind} must be {sentence}."
            raise ParseError(said) if refused is None else raised(said, refused)


def _refusal_of_torch(build: Callable[..., nn.Module], args: Any, kwargs: Mapping[str, Any]) -> type[Exception] | None:
    """What PyTorch raises for the arguments of a layer, None where it takes them."""
    try:
        built_on(torch.device("meta"), build, args, kwargs)
    except (TypeError, ValueError, RuntimeError) as error:
        return type(error)
    return None


def _refusal(kind: str, name: str, value: Any) -> str:
    """What an argument must be, nothing where it is that."""
    rule = _rule(kind, name)
    if not rule.holds(value):
        return rule.words
    is_spread = isinstance(value, tuple) and name not in ("normalized_shape", "unflattened_size", "dims")
    return _refusal_of_length(kind, name, value) if is_spread else ""


def _rule(kind: str, name: str) -> Rule:
    if kind == "PairwiseDistance" and name == "p":  # the exponent of a norm
        return NUMBER
    if name != "padding":
        return RULES.get(name, NUMBER)
    if "Pad" in kind:
        return BORDER
    return WORDED_PADDING if kind in ("Conv1d", "Conv2d", "Conv3d") else PADDING


def _refusal_of_length(kind: str, name: str, value: tuple) -> str:
    axes = next((int(digit) for digit in "123" if kind.endswith(f"{digit}d")), None)
    if axes is None:
        return ""
    is_border = name == "padding" and "Pad" in kind
    expected = 2 * axes if is_border else axes
    if is_border and kind.startswith("ConstantPad") and len(value) in (2 * axes + 2, 2 * axes + 4):
        return ""  # channels and batch may be padded too
    return "" if len(value) == expected else f"one number or {expected}"


def _usage(build: Callable) -> str:
    names = [name for name in signature(build).parameters if name not in ("device", "dtype", "return_indices")]
    return f"({', '.join(names)})"
