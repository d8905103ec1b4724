"""Dropout at work: random masks on real maps, their expectation, MC dropout, and training with and without."""

from core.lessons.dropout.comparison import DropoutTraining, EpochResult, train, train_both, wrong_labels
from core.lessons.dropout.expectation import CELLS, DRAWS, DropoutMean, estimate, running_mean
from core.lessons.dropout.maps import block_input, branches, feature_maps, first_layer, standardized
from core.lessons.dropout.masks import DropoutSample, DropoutSettings, build_dropout, sample
from core.lessons.dropout.mc_dropout import (
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
from core.lessons.dropout.network import (
    NONE,
    POSITIONS,
    VALIDATION_SIZE,
    DropoutNet,
    position_of,
    trained,
    trained_weights,
)
