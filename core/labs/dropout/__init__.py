"""Dropout at work: random masks on real maps, their expectation, MC dropout, and training with and without."""

from core.labs.dropout.drawing import DropoutSample, DropoutSettings, build_dropout, sample
from core.labs.dropout.maps import block_input, branches, feature_maps, first_layer, standardized
from core.labs.dropout.means import CELLS, DRAWS, DropoutMean, estimate, running_mean
from core.labs.dropout.network import NONE, POSITIONS, VALIDATION_SIZE, DropoutNet, position_of, trained
from core.labs.dropout.passes import (
    ANGLES,
    PASSES,
    SWEEP_PASSES,
    RotationSweep,
    StochasticPredictions,
    predict,
    rotated,
    sweep,
    validation_digit,
)
from core.labs.dropout.racing import DropoutTraining, EpochResult, train, train_both

__all__ = [
    "ANGLES",
    "CELLS",
    "DRAWS",
    "NONE",
    "PASSES",
    "POSITIONS",
    "SWEEP_PASSES",
    "VALIDATION_SIZE",
    "DropoutMean",
    "DropoutNet",
    "DropoutSample",
    "DropoutSettings",
    "DropoutTraining",
    "EpochResult",
    "RotationSweep",
    "StochasticPredictions",
    "block_input",
    "branches",
    "build_dropout",
    "estimate",
    "feature_maps",
    "first_layer",
    "position_of",
    "predict",
    "rotated",
    "running_mean",
    "sample",
    "standardized",
    "sweep",
    "train",
    "train_both",
    "trained",
    "validation_digit",
]
