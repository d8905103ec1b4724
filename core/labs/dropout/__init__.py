"""Dropout at work: draws on real maps, what they average to, how answers spread, and a race with and without."""

from core.labs.dropout.drawing import Draw, build, draw
from core.labs.dropout.maps import block_input, branches, feature_maps, first_layer, standardized
from core.labs.dropout.means import CELLS, DRAWS, Means, means, running
from core.labs.dropout.network import NONE, WHERE, Small, place_of, trained
from core.labs.dropout.passes import ANGLES, PASSES, SWEPT, Passes, Sweep, ask, example, sweep, turned
from core.labs.dropout.racing import Course, Round, race, train

__all__ = [
    "ANGLES",
    "CELLS",
    "DRAWS",
    "NONE",
    "PASSES",
    "SWEPT",
    "WHERE",
    "Course",
    "Draw",
    "Means",
    "Passes",
    "Round",
    "Small",
    "Sweep",
    "ask",
    "block_input",
    "branches",
    "build",
    "draw",
    "example",
    "feature_maps",
    "first_layer",
    "means",
    "place_of",
    "race",
    "running",
    "standardized",
    "sweep",
    "train",
    "trained",
    "turned",
]
