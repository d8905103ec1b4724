"""Data sets of scikit-learn, and what its functions make of their shapes, which tell the input of a network.

Source: scikit-learn.org/stable/datasets.
"""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from core.parsing.dialects.keras.datasets import KnownData
from core.parsing.dialects.pytorch.functions import checked_size
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Namespace, Special, Type, Unknown

SIZES: dict[str, tuple[int, int]] = {  # samples, features
    "load_iris": (150, 4),
    "load_wine": (178, 13),
    "load_digits": (1797, 64),
    "load_breast_cancer": (569, 30),
    "load_diabetes": (442, 10),
    "fetch_california_housing": (20_640, 8),
}
MADE: dict[str, tuple[int, int]] = {  # the same of data that are made, where nothing else is asked for
    "make_classification": (100, 20),
    "make_regression": (100, 100),
    "make_blobs": (100, 2),
    "make_moons": (100, 2),
    "make_circles": (100, 2),
}
IN_A_PLANE = ("make_moons", "make_circles")
SCALERS = "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler Normalizer QuantileTransformer"


class Bunch(Special):
    """What `load_iris()` returns: `data` and `target`, as attributes and as items."""

    name = "data set"

    def __init__(self, parts: dict[str, Any]):
        self.parts = parts

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        return self.parts.get(name, MISSING)

    def item(self, evaluator: Any, index: Any, node: ast.AST | None) -> Any:
        return self.parts.get(index, MISSING)


class Scaler(Special):
    """`StandardScaler()`: other values of the same shape."""

    name = "scaler"
    is_data = True

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        if name == "fit":
            return Builtin(name, lambda call, *args, **kwargs: self, needs_call=True)
        if name in ("transform", "fit_transform", "inverse_transform"):
            return Builtin(name, lambda call, values, *args, **kwargs: values, needs_call=True)
        return MISSING


def _data(call: BuiltinCall, samples: Any, features: Any) -> tuple[Tensor, Tensor]:
    sizes = call.evaluator.resolve_all([samples, features], call.node)
    if not all(type(size) is int and size > 0 for size in sizes):
        raise call.fail("it takes how many samples and features, for example n_samples=100, n_features=20.")
    checked_size(call, math.prod(sizes))
    device = call.evaluator.run.device
    return torch.empty(*sizes, device=device), torch.empty(sizes[0], device=device)


def _loaded(name: str) -> Builtin:
    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        data, target = _data(call, *SIZES[name])
        if kwargs.get("return_X_y") is True:
            return data, target
        images = {"images": data.reshape(-1, 8, 8)} if name == "load_digits" else {}
        return Bunch({"data": data, "target": target, **images})

    return Builtin(name, run, needs_call=True)


def _made(name: str) -> Builtin:
    samples, features = MADE[name]

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        count = kwargs.get("n_samples", args[0] if args else samples)
        positional = args[1] if len(args) > 1 and name not in IN_A_PLANE else features
        if isinstance(count, (tuple, list)):
            return Unknown("this depends on data", getattr(call.node, "lineno", 1), is_data=True)
        return _data(call, count, kwargs.get("n_features", positional))

    return Builtin(name, run, needs_call=True)


def _length(value: Any) -> int | None:
    if isinstance(value, KnownData):
        return value.sizes[0] if type(value.sizes[0]) is int else None
    return len(value) if isinstance(value, (Tensor, list)) else None


def _split(call: BuiltinCall, *arrays: Any, **settings: Any) -> Any:
    """`train_test_split(X, y, test_size=0.2)`: two parts of each; what is not known stays so."""
    lengths = [count for value in arrays if (count := _length(value)) is not None]
    unknown = Unknown("the parts of this data are not known", getattr(call.node, "lineno", 1))
    test, train = (call.evaluator.resolve(settings.get(key), call.node) for key in ("test_size", "train_size"))
    if not lengths:
        if not any(isinstance(value, Unknown) and value.axes for value in arrays):
            return unknown
        return [part for value in arrays for part in _cut(value, 0, 0, unknown)]
    if test is None and train is None:
        test = 0.25
    tested = _share(test, lengths[0], math.ceil) if test is not None else None
    trained = _share(train, lengths[0], math.floor) if train is not None else lengths[0] - (tested or 0)
    end = lengths[0] if tested is None else trained + tested
    return [part for value in arrays for part in _cut(value, trained, end, unknown)]


def _share(part: Any, count: int, rounded: Any) -> int:
    return part if type(part) is int else rounded(part * count)


def _cut(value: Any, first: int, end: int, unknown: Unknown) -> tuple[Any, Any]:
    if isinstance(value, Unknown):
        part = replace(unknown, axes=(None, *value.axes[1:]) if value.axes else (), example=value.example)
        return part, replace(part)
    if isinstance(value, KnownData):
        return value.of_sizes((first, *value.sizes[1:])), value.of_sizes((end - first, *value.sizes[1:]))
    return (value[:first], value[first:end]) if isinstance(value, (Tensor, list)) else (unknown, unknown)


_SCALERS = {
    name: Type(name, (Scaler,), lambda call, *args, **kwargs: Scaler(), needs_call=True) for name in SCALERS.split()
}
ROOTS = {
    "sklearn": Namespace(
        "sklearn",
        {
            "datasets": Namespace(
                "sklearn.datasets",
                {name: _loaded(name) for name in SIZES} | {name: _made(name) for name in MADE},
            ),
            "model_selection": Namespace(
                "sklearn.model_selection", {"train_test_split": Builtin("train_test_split", _split, needs_call=True)}
            ),
            "preprocessing": Namespace("sklearn.preprocessing", _SCALERS),
        },
    )
}
