"""What the stepper steps through: a window, grids of exact numbers, and the PyTorch that says the same."""

from core.stepper.cells import biases, picture, weights
from core.stepper.code import constructor, lines
from core.stepper.config import Stepper, hits, repaired, why_not
from core.stepper.patterns import KERNELS, PICTURES
from core.stepper.scenes import SCENES

__all__ = [
    "KERNELS",
    "PICTURES",
    "SCENES",
    "Stepper",
    "biases",
    "constructor",
    "hits",
    "lines",
    "picture",
    "repaired",
    "weights",
    "why_not",
]
