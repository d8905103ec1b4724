"""What the stepper steps through: a window, grids of exact numbers, and the PyTorch that says the same."""

from core.lessons.convolution.cells import biases, picture, weights
from core.lessons.convolution.code import constructor, lines
from core.lessons.convolution.config import Stepper, hits, repaired, why_not
from core.lessons.convolution.patterns import KERNELS, PICTURES
from core.lessons.convolution.presets import SCENES

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
