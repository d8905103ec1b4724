"""Data that functions of TensorFlow and Keras make of a shape: noise, zeros and ones."""

from __future__ import annotations

from typing import Any

import torch

from core.parsing.dialects.keras.constants import ConstantRecipe
from core.parsing.dialects.keras.first_tensorflow import measured
from core.parsing.dialects.keras.shaped_data import ShapedData
from core.parsing.dialects.keras.tensor_functions.functions import FUNCTIONS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin

_LIKE = {"zeros": torch.zeros_like, "ones": torch.ones_like}
_TABLES = {"zeros": torch.zeros, "ones": torch.ones}
_KINDS = ("normal", "uniform", "truncated_normal")


def sample(call: BuiltinCall, *sizes: Any, **kwargs: Any) -> ShapedData:
    """`tf.zeros((1, 28, 28, 1))`, `tf.random.normal(shape)`: data of that shape."""
    shape = kwargs.get("shape", sizes[0] if sizes and isinstance(sizes[0], (list, tuple)) else sizes)
    resolved = call.evaluator.resolve_all(tuple(shape), call.node)
    known = tuple(n for n in resolved if isinstance(n, (int, type(None))))
    recipe = ConstantRecipe(_TABLES[call.name], (known,), call.evaluator.run.device) if call.name in _TABLES else None
    uniform = torch.rand_like if "uniform" in call.name else torch.randn_like
    return ShapedData(known, _LIKE.get(call.name, uniform), recipe)


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """A seed, which changes no network."""


def _named(names: tuple[str, ...]) -> dict[str, Builtin]:
    return {name: Builtin(name, sample, needs_call=True) for name in names}


_SEEDS = {
    name: Builtin(name, _nothing, needs_call=True) for name in ("SeedGenerator", "set_seed", "set_global_generator")
}
_CHOSEN = {
    name: Builtin(name, measured, needs_call=True)
    for name in ("categorical", "randint", "binomial", "beta", "gamma", "poisson")
}
SAMPLED = _named(("zeros", "ones"))
OLD_RANDOM = _named(("truncated_normal", "random_normal", "random_uniform"))
RANDOM = {
    **_named(_KINDS),
    **_named(tuple(f"stateless_{kind}" for kind in _KINDS)),
    **_SEEDS,
    **_CHOSEN,
}
KERAS_RANDOM = {**_named(_KINDS), **_SEEDS, **_CHOSEN, "dropout": FUNCTIONS["dropout"]}
