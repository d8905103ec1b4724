"""Dropout at work: draws on real maps, what they average to, how answers spread, and a race with and without."""

from core.lessons.dropout.comparison import Course, Round, race, train
from core.lessons.dropout.expectation import CELLS, DRAWS, Means, means, running
from core.lessons.dropout.maps import block_input, branches, feature_maps, first_layer, standardized
from core.lessons.dropout.masks import Draw, build, draw
from core.lessons.dropout.mc_dropout import ANGLES, PASSES, SWEPT, Passes, Sweep, ask, example, sweep, turned
from core.lessons.dropout.network import NONE, WHERE, Small, place_of, trained

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
