"""Sizes, paddings and receptive fields of one side of a picture, and their inverses. Pure integers, no torch."""

from core.shapes.inverse import solve_conv, solve_conv_transpose
from core.shapes.sizes import (
    Padding,
    conv_output_size,
    conv_transpose_output_size,
    ends,
    pool_output_size,
    same_output_size,
    same_padding,
    span,
    unread_cells,
    unread_positions,
    valid_output_size,
)
from core.shapes.windows import (
    ReceptiveField,
    TransposedWindow,
    Window,
    layers_until_gone,
    receptive_field,
    stack_sizes,
)
