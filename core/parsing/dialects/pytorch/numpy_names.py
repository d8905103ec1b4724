"""Names of numpy's functions that are worked out where all numbers are known, and what PyTorch calls them."""

from __future__ import annotations

from core.parsing.evaluation.library.standard import NUMBERS

FUNCTIONS = f"""
    {NUMBERS} tan tanh abs sum cumsum max min mean round power outer expand_dims concatenate sign square clip
    add subtract multiply divide maximum minimum mod cumprod diff argmax argmin flip squeeze stack vstack hstack reshape
    where prod tril triu matmul dot zeros_like ones_like
    absolute around rint trunc fix fabs remainder fmod floor_divide true_divide negative reciprocal float_power cbrt
    exp2 expm1 log1p logaddexp hypot gcd lcm arcsin arccos arctan arctan2 sinh cosh deg2rad rad2deg degrees radians
    median std var average ptp percentile quantile nansum nanmean nanmax nanmin argsort sort searchsorted digitize
    interp all any count_nonzero isnan isinf isfinite isclose allclose array_equal isin isscalar nan_to_num logical_and
    logical_or logical_not logical_xor equal not_equal greater greater_equal less less_equal
    append insert delete take ravel shape ndim size transpose swapaxes moveaxis rollaxis roll rot90 fliplr flipud
    atleast_1d atleast_2d atleast_3d column_stack dstack array_split split nonzero flatnonzero unravel_index
    ravel_multi_index diag diagonal trace inner vdot cross tensordot einsum convolve correlate ediff1d full_like
    empty_like gradient histogram
    repeat tile pad kron broadcast_to meshgrid geomspace logspace bincount tri
"""
_OF_DATA = """
    median std var average ptp percentile quantile nansum nanmean nanmax nanmin argsort sort searchsorted digitize
    count_nonzero isnan isinf isfinite allclose array_equal isin append insert delete take nonzero flatnonzero histogram
    bincount array_split split all any nan_to_num transpose swapaxes moveaxis rollaxis roll rot90 fliplr flipud ravel
    column_stack dstack diagonal trace gradient ediff1d interp convolve correlate log1p expm1
"""
OF_DATA = frozenset(_OF_DATA.split())  # of data that is not known, they say nothing
IN_TORCH = {
    "power": "pow", "expand_dims": "unsqueeze", "mod": "remainder", "transpose": "permute", "absolute": "abs",
    "around": "round", "rint": "round", "append": "cat", "tile": "tile", "array_split": "tensor_split",
    "split": "tensor_split",
}  # fmt: skip
