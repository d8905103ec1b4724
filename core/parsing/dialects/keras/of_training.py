"""What layers and networks of Keras have besides: methods and values of training, which build nothing."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Unknown

UNCHANGING = (
    "summary compile load_weights save build save_weights set_weights reset_states reset_state reset_metrics export "
    "add_loss add_metric adapt"
)
GIVING_DATA = (
    "fit evaluate predict fit_generator evaluate_generator predict_generator train_on_batch test_on_batch "
    "predict_on_batch predict_classes predict_proba get_weights get_config to_json to_yaml count_params"
)
DATA = (
    "weights trainable_weights non_trainable_weights trainable_variables non_trainable_variables variables losses "
    "metrics metrics_names optimizer loss history stop_training"
)


def result_of_data(call: BuiltinCall, *args: Any, **kwargs: Any) -> Unknown:
    """What a network does with data changes nothing of it."""
    return Unknown(f"what {call.name} returns depends on data", getattr(call.node, "lineno", 1), is_data=True)


def nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """compile, summary, set_weights: what changes no network."""


METHODS = {name: Builtin(name, nothing, needs_call=True) for name in UNCHANGING.split()} | {
    name: Builtin(name, result_of_data, needs_call=True) for name in GIVING_DATA.split()
}


def member_of_training(name: str, node: ast.AST | None) -> Any:
    """Such a method or value of a layer or network; `MISSING` for any other name."""
    if name in DATA.split():
        return Unknown(f"{name} depends on training", getattr(node, "lineno", 1), is_data=True)
    return METHODS.get(name, MISSING)
