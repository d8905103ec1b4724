"""Inputs worth trying for a network whose text names none, judged by its first layer with weights."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from torch import nn

from core.parsing.evaluation.forward_inputs import needed_inputs
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Function
from core.parsing.inputs.first_called import first_layer
from core.parsing.inputs.patterned_inputs import patterned_inputs
from core.parsing.inputs.whole_kernels import inputs_of_whole_kernel
from core.parsing.open_values.assumptions import is_image_side

Shape = tuple[int, ...]
SIDES = (
    224,
    32,
    28,
    64,
    96,
    128,
    112,
    150,
    160,
    180,
    200,
    227,
    256,
    299,
    300,
    384,
    512,
    16,
    48,
    8,
)  # tried in this order
CONVOLUTIONS: dict[type[nn.Module], int] = {nn.Conv1d: 1, nn.Conv2d: 2, nn.Conv3d: 3}
TRANSPOSED: dict[type[nn.Module], int] = {nn.ConvTranspose1d: 1, nn.ConvTranspose2d: 2, nn.ConvTranspose3d: 3}
OWN_SIZES = ("img_size", "image_size", "input_resolution")
OF_IMAGE = r"(img|image|input|in|grid|frame|board|screen|picture|photo|crop|spatial|obs)_?"
OWN_SIDE = re.compile(rf"{OF_IMAGE}(size|sides?|side_len|sz|res|resolution|dims?|shape|hw)")
OWN_HEIGHT, OWN_WIDTH = (re.compile(rf"({OF_IMAGE})?({words})") for words in ("height|h|rows", "width|w|cols"))
MIN_OWN_SIDE, MAX_OWN_SIDE = 8, 2048
LIKELY = 3  # of many, those that come before others of another kind
STEPS = (32, 16, 128)  # lengths of sequences
CUBES = (64, 32)
MAX_PATCH = 32  # of an image that is cut into patches
WIDTH = re.compile(r"(n|num|d)?_?(in|inputs?|features?|obs|states?)_?(dims?|size|features|shape)?|in_?features|nfeat")
MODEL_WIDTH = re.compile(
    r"d_?(model|emb(ed)?)|(model|emb(ed(ding)?)?|hidden|hid|feature)_?(dims?|size)|dim|n_?embd?|emb"
)
QUERY = re.compile(
    r"w_?q|q|(to|fc|lin|linear)_?q(kv)?|wq|qkv|q(uery|ueries|kv)?_?(proj(ection)?|linear|layer|lin|fc)|query|queries"
)
ONE_OF_MANY = re.compile(
    r"(user|item|movie|book|product|customer|song|artist|anime|query|doc|merchant|pos_item|neg_item|item_[ij])s?"
    r"(_?(ids?|idx|index|indices|inputs?))?"
)
CHANNELS = re.compile(r"(in|img|image|input|num|n)?_?(channels?|chans?)|in_?(c|ch|planes)", re.I)


def candidate_inputs(module: nn.Module) -> list[Shape]:
    """Shapes without the batch, the likeliest first.

    >>> candidate_inputs(nn.Linear(784, 10))
    [(1, 28, 28), (784,), (32, 784), (16, 784), (128, 784), (784, 32, 32)]
    """
    first = first_layer(module)
    if isinstance(first, nn.Linear):
        return _of_linear(first.in_features, module)
    if isinstance(first, EvaluatedModule) and (sizes := _of_weight(first)):
        return [shape for size in sizes for shape in ((size,), (STEPS[0], size))] + _by_channels(module, 3)
    if isinstance(first, nn.LayerNorm) and len(first.normalized_shape) == 1:
        return [(n, *first.normalized_shape) for n in STEPS] + [first.normalized_shape, *_by_channels(module, 3)]
    if isinstance(first, (nn.Embedding, nn.EmbeddingBag)):
        return [*([()] if _is_of_ids(module) else []), *((n,) for n in STEPS)]
    if isinstance(first, nn.RNNBase):
        sequences = [(n, first.input_size) for n in STEPS]
        numbers = [(n,) for n in STEPS[:1]] if first.input_size == 1 else []  # each of which becomes a step
        turned = [(first.input_size, STEPS[0])]  # `forward` may begin with `x.transpose(1, 2)`
        return [*sequences, *numbers, *([] if first.batch_first else [(1, first.input_size)]), *turned]
    if first is None and (widths := _model_widths(module)):  # such as a position that is added
        return [shape for width in widths for shape in ((STEPS[0], width), (width,))] + _by_channels(module, 3)
    axes = next((n for kind, n in (CONVOLUTIONS | TRANSPOSED).items() if isinstance(first, kind)), 2)
    channels = getattr(first, "in_channels", None) or getattr(first, "num_features", None) or 3
    if isinstance(first, tuple(TRANSPOSED)):
        return [(channels, *(side,) * axes) for side in (1, 4, 7, 8)]
    if axes == 3:
        depths = [*((16, side) for side in (112, 64, 32, 224)), *((side, side) for side in CUBES)]
        return [(channels, depth, side, side) for depth, side in depths]
    return _by_channels(module, channels, axes)


def _of_linear(features: int, module: nn.Module) -> list[Shape]:
    """Vectors, images that are flattened or cut into patches, and sequences, for a `Linear` of so many features."""
    images = _images_of(features)
    patches = [(c, n, n) for c, side, _ in images if c > 1 and side <= MAX_PATCH for n in (224, 256)]
    sequences = [(n, features) for n in STEPS]
    shares = [(n,) for n in _shares(features, module)[1:]]
    widths = [(size,) for size in assumed_width(module)]
    first = [
        *patterned_inputs(module, features, _assumed_numbers(module)),
        *(one for one in _assumed(module) if features not in one[1:]),
        *shares,
        *(sequences[:1] if reads_sequences(module) else []),
    ]
    return [*first, *images, *patches, (features,), *sequences, *widths, (features, STEPS[0], STEPS[0])]


def _by_channels(module: nn.Module, channels: int, axes: int = 2) -> list[Shape]:
    sides = (28, 32, *SIDES) if channels == 1 else SIDES
    counts = _shares(channels, module)
    own = _own_size(module) if axes == 2 else None
    shapes = [(count, *(side,) * axes) for side in sides for count in counts]
    shapes = [(counts[0], *own), *shapes] if own is not None else shapes
    shapes = [*inputs_of_whole_kernel(first_layer(module), numbers_of_text(module)), *shapes]
    last = [(*(STEPS[0],) * axes, channels)] if axes == 1 else []  # `forward` may begin with `x.permute(0, 2, 1)`
    return [*shapes[:LIKELY], *last, *shapes[LIKELY:]]


def _own_size(module: nn.Module) -> tuple[int, int] | None:
    """Height and width of the image that a network of a text says it is made for, in a setting of its own or a part."""
    if isinstance(module, EvaluatedModule) and (found := _named_size(settings_of_text(module), OWN_SIDE)):
        return found
    wanted = re.compile("|".join(OWN_SIZES))
    sizes = (_named_size(part.__dict__.get("values", {}), wanted) for part in module.modules())
    return next((one for one in sizes if one is not None), None)


def _named_size(settings: Mapping[str, Any], wanted: re.Pattern[str]) -> tuple[int, int] | None:
    """Height and width under such a name, or each under its own.

    >>> _named_size({"grid_size": 30}, OWN_SIDE), _named_size({"img_h": 48, "img_w": 96, "width": 8}, OWN_SIDE)
    ((30, 30), (48, 96))
    """
    sizes = [value for name, value in settings.items() if wanted.fullmatch(name.lower())]
    heights, widths = (
        [value for name, value in settings.items() if kind.fullmatch(name.lower())] for kind in (OWN_HEIGHT, OWN_WIDTH)
    )
    pairs = [list(one) if isinstance(one, (tuple, list)) else [one, one] for one in sizes]
    pairs += [[heights[0], widths[0]]] if heights and widths else []
    sides = [one[-2:] for one in pairs if len(one) in (2, 3)]  # the channels may stand in front of them
    fitting = [one for one in sides if all(type(n) is int and MIN_OWN_SIDE <= n <= MAX_OWN_SIDE for n in one)]
    return (fitting[0][0], fitting[0][1]) if fitting else None


def _shares(first: int, module: nn.Module) -> list[int]:
    """What the first layer takes; a share of it, too, where `forward` may put several inputs together."""
    forward = module.definition.find("forward") if isinstance(module, EvaluatedModule) else None
    inputs = len(needed_inputs(forward)) if isinstance(forward, Function) else 1
    return [first, first // inputs] if inputs > 1 and first % inputs == 0 else [first]


def _is_of_ids(module: nn.Module) -> bool:
    """Whether `forward` takes nothing but one user, one item and their kind."""
    forward = module.definition.find("forward") if isinstance(module, EvaluatedModule) else None
    names = needed_inputs(forward) if isinstance(forward, Function) else []
    return len(names) > 1 and all(ONE_OF_MANY.fullmatch(name.lower()) for name in names)


def reads_sequences(module: nn.Module) -> bool:
    """Whether something goes through steps, which may take a batch of vectors for one sequence."""
    named = any(QUERY.fullmatch(name.rpartition(".")[2].lower()) for name, _ in module.named_modules())
    return named or any(isinstance(layer, (nn.RNNBase, nn.MultiheadAttention)) for layer in module.modules())


def _of_weight(layer: EvaluatedModule) -> list[int]:
    """What a layer of the text may take that has its own matrix, `x @ self.weight` or `F.linear(x, self.weight)`."""
    matrix = next((one for one in layer._parameters.values() if one is not None and one.dim() in (2, 3)), None)
    return list(dict.fromkeys(matrix.shape[:2])) if matrix is not None else []


def _assumed_numbers(module: nn.Module) -> dict[str, int]:
    """Numbers that were taken for the names of a text that leaves them open."""
    of_text = next((part for part in module.modules() if isinstance(part, EvaluatedModule)), None)
    assumed = of_text.evaluator.assumed if of_text is not None else {}
    return {re.findall(r"\w+", path)[-1]: value for path, value in assumed.items() if type(value) is int}


def numbers_of_text(module: nn.Module) -> dict[str, int]:
    """Numbers by their names: what a network was made with and keeps, and what was taken for names left open."""
    if not isinstance(module, EvaluatedModule):
        return {}
    kept = settings_of_text(module)
    return {name: value for name, value in kept.items() if type(value) is int} | _assumed_numbers(module)


def settings_of_text(module: EvaluatedModule) -> dict[str, Any]:
    """What a network was made with and keeps, by name."""
    init = module.definition.find("__init__")
    return {**(init.defaults if isinstance(init, Function) else {}), **module.values, **module.made_with}


def _model_widths(module: nn.Module) -> list[int]:
    """How many values each step has in a network without layers, by the names of its numbers."""
    numbers = numbers_of_text(module)
    return list(dict.fromkeys(value for name, value in numbers.items() if MODEL_WIDTH.fullmatch(name.lower())))[:1]


def assumed_width(module: nn.Module) -> list[int]:
    """How many values an input has, where that was taken: not always what the first layer takes."""
    return [value for name, value in _assumed_numbers(module).items() if WIDTH.fullmatch(name.lower())][:1]


def _assumed(module: nn.Module) -> list[Shape]:
    """An image of the sides that were taken for the names of a text that leaves them open."""
    named = _assumed_numbers(module)
    sides = [value for name, value in named.items() if is_image_side(name)]
    channels = [value for name, value in named.items() if CHANNELS.fullmatch(name)]
    return [(count, sides[0], sides[0]) for count in dict.fromkeys([*channels, 3, 1])] if sides else []


def _images_of(features: int) -> list[Shape]:
    """Square images, grey or colour, with so many values: what a Flatten in front of a Linear has eaten."""
    sides = [(c, math.isqrt(features // c)) for c in (1, 3) if features % c == 0]
    return [(c, side, side) for c, side in sides if c * side * side == features and side > 1]
