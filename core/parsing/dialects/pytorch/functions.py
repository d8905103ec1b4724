"""Functions of torch and torch.nn.functional that a `forward` may call; each pays before it runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.errors import ParseError
from core.parsing.evaluation.budget import MAX_REAL_VALUES, MAX_VALUES, TENSOR_STEPS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.known import MAX_KNOWN, remember, with_known
from core.parsing.evaluation.values import Builtin, Unknown, type_name

PLAIN = (Tensor, int, float, bool, str, list, tuple, torch.dtype, torch.device, slice, type(None), type(Ellipsis), dict)

TORCH = """
    cat concat concatenate stack hstack vstack dstack chunk split tensor_split unbind flatten unflatten reshape
    permute transpose swapaxes swapdims movedim moveaxis squeeze unsqueeze narrow select broadcast_to broadcast_tensors
    tile roll flip rot90 repeat_interleave gather index_select take_along_dim scatter scatter_add masked_fill
    where diagonal diag tril triu add sub subtract mul multiply div divide true_divide floor_divide remainder
    matmul bmm mm mv einsum baddbmm addmm addbmm dot outer inner tensordot chain_matmul cross kron cdist abs exp
    expm1 log log1p log2 log10 sqrt rsqrt pow square sin cos tan asin acos atan atan2 sinh cosh tanh sigmoid relu
    relu_ selu selu_ celu softmax log_softmax prelu rrelu threshold clamp clip clamp_min clamp_max min max amin
    amax minimum maximum mean sum std var std_mean var_mean prod norm argmax argmin topk sort argsort cumsum
    cumprod median mode logsumexp all any sign floor ceil round trunc frac erf erfc erfinv reciprocal neg negative
    logical_and logical_or logical_not logical_xor eq ne lt le gt ge isnan isinf isfinite lerp bernoulli
    multinomial zeros_like ones_like empty_like full_like rand_like randn_like randint_like clone numel is_tensor
    is_floating_point meshgrid cartesian_prod bucketize dropout dropout_ alpha_dropout batch_norm layer_norm
    group_norm instance_norm conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d pixel_shuffle
    pixel_unshuffle channel_shuffle cosine_similarity pairwise_distance adaptive_avg_pool1d avg_pool1d max_pool1d
    max_pool2d hypot bitwise_and bitwise_or bitwise_not view_as_real view_as_complex real imag polar angle conj
    complex fliplr flipud atleast_1d atleast_2d atleast_3d addcmul addcdiv vander nan_to_num diff logit heaviside
    ravel embedding detach fmod stft istft
    absolute acosh adjoint aminmax arccos arccosh arcsin arcsinh arctan arctan2 arctanh asinh atanh bitwise_left_shift
    bitwise_right_shift bitwise_xor block_diag broadcast_shapes cholesky column_stack constant_pad_nd count_nonzero
    cummax cummin cumulative_trapezoid deg2rad det diag_embed diagflat diagonal_scatter digamma dist dsplit exp2 fix
    float_power fmax fmin frexp gcd ger gradient greater greater_equal histc hsplit igamma index_add index_copy
    index_fill index_reduce inverse is_complex isclose isin isneginf isposinf isreal kthvalue lcm ldexp less less_equal
    lgamma logaddexp logaddexp2 logcumsumexp logdet masked_scatter matrix_exp matrix_power max_pool3d nanmean nanmedian
    nanquantile nansum nextafter not_equal pdist pinverse positive qr quantile rad2deg renorm resolve_conj row_stack
    scatter_reduce searchsorted select_scatter sgn signbit sinc slice_scatter slogdet spmm svd t take trace trapezoid
    trapz vdot vsplit xlogy
"""
SPARSE = "mm addmm sum softmax log_softmax"  # what is kept sparse has the shapes of what is not
FUNCTIONAL = """
    relu relu_ relu6 leaky_relu leaky_relu_ elu elu_ selu celu gelu silu mish sigmoid tanh softplus softsign
    softshrink hardshrink tanhshrink hardswish hardsigmoid hardtanh hardtanh_ prelu rrelu threshold logsigmoid glu
    softmax log_softmax softmin gumbel_softmax conv1d conv2d conv3d conv_transpose1d conv_transpose2d
    conv_transpose3d linear bilinear max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d
    adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d
    adaptive_max_pool3d lp_pool1d lp_pool2d max_unpool2d batch_norm instance_norm layer_norm group_norm
    local_response_norm rms_norm normalize dropout dropout1d dropout2d dropout3d alpha_dropout
    feature_alpha_dropout embedding embedding_bag one_hot pad interpolate upsample upsample_nearest
    upsample_bilinear grid_sample affine_grid pixel_shuffle pixel_unshuffle channel_shuffle fold unfold
    cosine_similarity pairwise_distance scaled_dot_product_attention cross_entropy nll_loss mse_loss l1_loss
    smooth_l1_loss kl_div binary_cross_entropy binary_cross_entropy_with_logits cosine_embedding_loss huber_loss
    triplet_margin_loss max_unpool1d max_unpool3d
"""
PIECES = ("unbind", "split", "chunk", "tensor_split")
FFT = [
    "fft",
    "ifft",
    "fft2",
    "ifft2",
    "fftn",
    "ifftn",
    "rfft",
    "irfft",
    "rfft2",
    "irfft2",
    "rfftn",
    "irfftn",
    "fftshift",
    "ifftshift",
]
KNOWN = (
    "arange",
    "range",
    "linspace",
    "logspace",
    "zeros",
    "ones",
    "full",
    "eye",
)  # creators whose values are no chance
LINALG = "norm vector_norm matrix_norm inv pinv qr svd svdvals eigh eigvalsh cholesky solve det slogdet matrix_power"


def checked_size(call: BuiltinCall, count: float) -> None:
    """Refuses a tensor of so many values, before it is made."""
    is_real = call.evaluator.run.device.type != "meta" and not torch._C._len_torch_dispatch_stack()
    most = MAX_REAL_VALUES if is_real else MAX_VALUES
    if count > most:
        raise call.fail(f"this tensor would have {count:.2g} values, more than {most:,}.")


def checked_result(call: BuiltinCall, result: Any) -> Any:
    """The result itself, unless it is a tensor that is too large."""
    for value in result if isinstance(result, (tuple, list)) else (result,):
        if isinstance(value, Tensor) and value.numel() > MAX_REAL_VALUES:
            checked_size(call, value.numel())
    return result


def plain_values(call: BuiltinCall, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments as PyTorch's functions take them; refuses what is no value of PyTorch."""
    values, named = [_plain(call, v) for v in args], {k: _plain(call, v) for k, v in kwargs.items() if k != "out"}
    return values, named


def _plain(call: BuiltinCall, value: Any) -> Any:
    if hasattr(value, "__next__"):
        value = call.iterate(value)
    if isinstance(value, Unknown):
        value = call.evaluator.resolve_number(value, "", call.node)
    elif isinstance(value, (list, tuple)) and any(isinstance(item, Unknown) for item in value):
        value = type(value)(_plain(call, item) for item in value)
    value = call.evaluator.resolve_all(value, call.node) if isinstance(value, (list, tuple)) else value
    if not isinstance(value, PLAIN):
        raise call.fail(f"it takes tensors and numbers, not {type_name(value)}.")
    return value


def checked_parts(call: BuiltinCall, name: str, values: list[Any], named: dict[str, Any]) -> None:
    """Refuses to take a tensor apart into more pieces than a list may have, before they are made."""
    if name not in PIECES or not values or not isinstance(values[0], Tensor):
        return
    longest = max(values[0].shape, default=0)
    how = [v for v in (*values[1:], *named.values()) if isinstance(v, int) and v > 0]
    if name == "split":
        call.evaluator.budget.size(longest // (how[0] if how else 1), call.node)
    else:
        call.evaluator.budget.size(longest if name == "unbind" or not how else max(how), call.node)


def tensor_function(name: str, function: Callable[..., Any]) -> Builtin:
    """A function of tensors under its name."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        values, named = plain_values(call, args, kwargs)
        checked_parts(call, name.rpartition(".")[2], values, named)
        return with_known(function, values, named, checked_result(call, function(*values, **named)))

    return Builtin(name, run, needs_call=True, pays=TENSOR_STEPS)


def _sizes(args: tuple[Any, ...]) -> list[int]:
    sizes: list[int] = []
    for value in args:
        sizes += [n for n in value if isinstance(n, int)] if isinstance(value, (list, tuple)) else [value]
    return [n for n in sizes if isinstance(n, (int, float))]


def creation(
    name: str, count: Callable[[tuple[Any, ...]], float] = lambda args: math.prod(_sizes(args) or [1])
) -> Builtin:
    """A function that makes a tensor from sizes, on the device of the evaluation."""
    function = getattr(torch, name)

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        values, named = plain_values(call, args, kwargs)
        sized = (*values, *(v for k, v in named.items() if k in ("size", "end", "steps", "n", "m", "high")))
        checked_size(call, count(sized))
        named["device"] = call.evaluator.run.device
        named.pop("generator", None)
        made = function(*values, **named)
        if name in KNOWN and made.numel() <= MAX_KNOWN:
            remember(made, function(*values, **(named | {"device": "cpu"})))
        return made

    return Builtin(f"torch.{name}", run, needs_call=True, pays=TENSOR_STEPS)


def _last(args: tuple[Any, ...]) -> float:
    return max((abs(v) for v in args if isinstance(v, (int, float))), default=0)


def _first_sizes(args: tuple[Any, ...]) -> float:
    return math.prod(_sizes(args[:1]) or [1])


CREATORS: dict[str, Builtin] = {
    **{name: creation(name) for name in ("zeros", "ones", "empty", "rand", "randn")},
    **{name: creation(name, _last) for name in ("arange", "range", "linspace", "logspace", "randperm")},
    **{
        name: creation(name, _last)
        for name in (f"{kind}_window" for kind in ("hann", "hamming", "blackman", "bartlett"))
    },
    **{name: creation(name) for name in ("tril_indices", "triu_indices")},
    "full": creation("full", _first_sizes),
    "eye": creation("eye", lambda args: _last(args) ** 2),
    "randint": creation(
        "randint", lambda args: math.prod([n for v in args if isinstance(v, (list, tuple)) for n in v])
    ),
}


def _sized(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
    """`torch.Tensor(3, 8)` and `torch.Tensor(x.size())` have that size, and `torch.Tensor([3, 8])` has these values."""
    try:
        sizes = [call.evaluator.resolve(value, call.node) for value in args]
    except ParseError:
        if len(args) == 1 and args[0].error is None:
            return args[0]  # what is loaded from a file: a tensor of unknown size
        raise
    if len(sizes) == 1 and isinstance(sizes[0], torch.Size):
        sizes = list(sizes[0])
    if not sizes or all(type(size) is int for size in sizes):
        return call.call(CREATORS["empty"], *(sizes or (0,)))
    return _tensor(call, *args, **kwargs)


def _tensor(call: BuiltinCall, data: Any = 0, *args: Any, **kwargs: Any) -> Any:
    if isinstance(data, Tensor):
        return data
    try:
        data = call.evaluator.resolve_all(data, call.node)
    except ParseError:
        if isinstance(data, Unknown) and data.error is None:
            return data
        raise
    kwargs = {k: v for k, v in kwargs.items() if k == "dtype"}
    if not isinstance(data, (int, float, bool, list, tuple)):
        raise call.fail("it takes numbers and lists of numbers.")
    made = torch.tensor(data, device=call.evaluator.run.device, **kwargs)
    if made.numel() <= MAX_KNOWN:
        remember(made, torch.tensor(data, **kwargs))
    return made


def _same(call: BuiltinCall, value: Any, *args: Any, **kwargs: Any) -> Any:
    return value


def _checkpoint(call: BuiltinCall, function: Any, *args: Any, **kwargs: Any) -> Any:
    """Gradient checkpointing: what the function computes."""
    return call.call(function, *args)


def functions() -> dict[str, Any]:
    """Members of `torch`."""
    named = {name: getattr(torch, name) for name in TORCH.split() if hasattr(torch, name)}
    members: dict[str, Any] = {name: tensor_function(f"torch.{name}", f) for name, f in named.items()}
    members |= CREATORS
    members |= {
        name: Builtin(f"torch.{name}", _tensor, needs_call=True) for name in ("tensor", "as_tensor", "from_numpy")
    }
    return members


SIZED = _sized


def _least_squares(call: BuiltinCall, a: Tensor, b: Tensor, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
    """`torch.linalg.lstsq(a, b)`: its solution has a row for each column of a."""
    solution = torch.matmul(a.mT, b)
    return torch.return_types.linalg_lstsq((solution, *(solution.new_empty(0) for _ in range(3))))  # type: ignore[attr-defined]


def sparse() -> dict[str, Any]:
    """Members of `torch.sparse`."""
    return {name: tensor_function(f"torch.sparse.{name}", getattr(torch, name)) for name in SPARSE.split()}


def linear_algebra() -> dict[str, Any]:
    """Members of `torch.linalg`."""
    members: dict[str, Any] = {name: tensor_function(name, getattr(torch.linalg, name)) for name in LINALG.split()}
    return members | {"lstsq": Builtin("lstsq", _least_squares, needs_call=True, pays=TENSOR_STEPS)}


def functional() -> dict[str, Any]:
    """Members of `torch.nn.functional`."""
    return {name: tensor_function(f"F.{name}", getattr(F, name)) for name in FUNCTIONAL.split()}


SAME = Builtin("same", _same, needs_call=True)
CHECKPOINT = Builtin("checkpoint", _checkpoint, needs_call=True)
