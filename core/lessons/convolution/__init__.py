"""The convolution stepper: its state, grids of exact numbers, and the same in PyTorch."""

from core.lessons.convolution.cells import bias_cells, input_cells, kernel_cells
from core.lessons.convolution.code_samples import constructor, pytorch_code
from core.lessons.convolution.config import Stepper, nearest_legal, violation, write_counts
from core.lessons.convolution.patterns import KERNELS, PICTURES
from core.lessons.convolution.presets import PRESETS
