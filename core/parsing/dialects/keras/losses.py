"""Keras's losses and metrics as functions and classes: what they measure of outputs builds nothing.

Source: keras.losses and keras.metrics of Keras 3, and the names that Keras 2 had besides.
"""

from __future__ import annotations

from typing import Any

from core.parsing.dialects.keras.of_training import result_of_data
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin

_FUNCTIONS = (
    "binary_crossentropy categorical_crossentropy sparse_categorical_crossentropy binary_focal_crossentropy "
    "categorical_focal_crossentropy mean_squared_error mse MSE mean_absolute_error mae MAE "
    "mean_absolute_percentage_error mape MAPE mean_squared_logarithmic_error msle MSLE hinge squared_hinge "
    "categorical_hinge huber huber_loss log_cosh logcosh poisson cosine_similarity cosine_proximity kl_divergence "
    "kullback_leibler_divergence kld KLD dice tversky circle ctc binary_accuracy categorical_accuracy "
    "sparse_categorical_accuracy top_k_categorical_accuracy sparse_top_k_categorical_accuracy"
)
_CLASSES = (
    "BinaryCrossentropy CategoricalCrossentropy SparseCategoricalCrossentropy BinaryFocalCrossentropy "
    "CategoricalFocalCrossentropy MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError "
    "MeanSquaredLogarithmicError Hinge SquaredHinge CategoricalHinge Huber LogCosh Poisson CosineSimilarity "
    "KLDivergence Dice Tversky Circle CTC"
)
_FUNCTION = {name: Builtin(name, result_of_data, needs_call=True) for name in _FUNCTIONS.split()}


def _made(call: BuiltinCall, *args: Any, **kwargs: Any) -> Builtin:
    """`MeanSquaredError()`, which is called on labels and outputs."""
    return Builtin(call.name, result_of_data, needs_call=True)


LOSSES = _FUNCTION | {name: Builtin(name, _made, needs_call=True) for name in _CLASSES.split()}
METRICS = _FUNCTION
