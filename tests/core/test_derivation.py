"""Every formula shown, read back from its LaTeX, must come to what PyTorch does."""

from __future__ import annotations

import re

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from core.derivation import derive, derive_row
from core.derivation.expression import Formula, Symbol, number
from core.models import MODELS
from core.profiler import profile

LAYERS = [
    (nn.Conv2d(3, 200, 5, padding=2), (3, 150, 100)),
    (nn.Conv2d(8, 12, (3, 5), stride=(2, 1), padding=(1, 0), bias=False), (8, 17, 31)),
    (nn.Conv2d(8, 16, 3, groups=4, dilation=2), (8, 20, 20)),
    (nn.Conv2d(8, 8, 3, groups=8, padding=1), (8, 20, 21)),
    (nn.Conv2d(3, 4, 4, padding="same"), (3, 9, 9)),
    (nn.Conv2d(3, 4, 4, padding="valid"), (3, 9, 9)),
    (nn.Conv1d(4, 6, 3, stride=2), (4, 50)),
    (nn.Conv3d(2, 5, 3, padding=1, stride=2), (2, 9, 8, 7)),
    (nn.ConvTranspose2d(8, 4, 4, stride=2, padding=1), (8, 7, 7)),
    (nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1, groups=2, bias=False), (8, 7, 5)),
    (nn.ConvTranspose2d(8, 4, 3, dilation=2), (8, 7, 5)),
    (nn.ConvTranspose1d(3, 2, 3, stride=2), (3, 10)),
    (nn.MaxPool2d(3, 2), (4, 13, 12)),
    (nn.MaxPool2d(3, 2, padding=1, ceil_mode=True), (4, 12, 12)),
    (nn.MaxPool2d(2, 3, padding=1, ceil_mode=True), (4, 7, 7)),
    (nn.MaxPool2d(2, dilation=2), (4, 9, 9)),
    (nn.AvgPool2d((2, 3)), (4, 12, 13)),
    (nn.AdaptiveAvgPool2d(1), (4, 12, 13)),
    (nn.AdaptiveAvgPool2d((3, 5)), (4, 12, 13)),
    (nn.ZeroPad2d((0, 1, 2, 3)), (4, 12, 13)),
    (nn.Flatten(), (4, 12, 13)),
    (nn.Upsample(scale_factor=2), (4, 5, 6)),
    (nn.PixelShuffle(3), (18, 5, 6)),
    (nn.Linear(30, 7), (30,)),
    (nn.Linear(30, 7, bias=False), (9, 30)),
    (nn.BatchNorm2d(6), (6, 5, 5)),
    (nn.GroupNorm(2, 6), (6, 5, 5)),
    (nn.LayerNorm((6, 5)), (3, 6, 5)),
    (nn.PReLU(6), (6, 5, 5)),
    (nn.ReLU(), (6, 5, 5)),
]


def from_latex(text: str) -> int:
    """The value of a formula's LaTeX with numbers, found without looking at how it was made."""
    text = text.replace("{,}", "").replace(r"\cdot", "*")
    text = text.replace(r"\left\lfloor", "F(").replace(r"\right\rfloor", ")")
    text = text.replace(r"\left\lceil", "C(").replace(r"\right\rceil", ")")
    text = text.replace(r"\left(", "(").replace(r"\right)", ")").replace("}{", ")/(").replace(r"\frac{", "((")
    text = re.sub(r"\^\{(\d+)\}", r"**(\1)", text).replace("}", "))")
    value = eval(text, {"__builtins__": {}, "F": lambda x: x // 1, "C": lambda x: -(-x // 1)})
    assert value == int(value)
    return int(value)


def run(layer: nn.Module, shape: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """Output shape and MACs of one picture, as PyTorch has them."""
    with FlopCounterMode(display=False) as counter:
        made = layer.to("meta")(torch.empty(1, *shape, device="meta"))
    return tuple(made.shape[1:]), counter.get_total_flops() // 2


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda case: str(case)[:60])
def test_formulas_come_to_what_pytorch_does(layer, shape):
    made, macs = run(layer, shape)
    steps = derive(layer, shape, made)
    params = sum(p.numel() for p in layer.parameters())

    assert (steps.params.value if steps.params else 0) == params
    assert (steps.macs.value if steps.macs else 0) == macs
    if steps.size:
        shown = [side.value for side in steps.size]
        sides = list(made[-len(shown) :]) if len(shown) > 1 else [made[-1]]
        assert shown == sides
        assert len(shown) > 1 or len(set(made[1:])) <= 1 or len(made) == 2
    for formula in (*steps.size, steps.params, steps.macs):
        if formula is not None:
            assert from_latex(formula.numeric) == formula.value
            assert formula.latex.endswith(number(formula.value))


def test_every_size_changing_layer_of_the_table_has_a_size_formula():
    for layer, shape in LAYERS:
        made, _ = run(layer, shape)
        if made != shape:
            assert derive(layer, shape, made).size, layer


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda case: str(case)[:60])
def test_every_letter_in_a_formula_is_explained_in_the_legend(layer, shape):
    steps = derive(layer, shape, run(layer, shape)[0])
    explained = re.findall(r"\$(.+?)\$ = ", steps.legend)
    for formula in filter(None, (*steps.size, steps.params, steps.macs)):
        words = re.sub(r"\\text\{.*?\}(_\{?\w+\}?)?|\\[a-z]+", " ", formula.symbolic)
        assert set(re.findall(r"[A-Za-z]'?(?:_\{?\w+\}?)?", words)) <= set(explained)
    assert len(explained) == len(set(explained))


@settings(deadline=None, max_examples=60)
@given(
    size=st.integers(4, 40),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 4),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
    groups=st.sampled_from([1, 2, 4]),
    bias=st.booleans(),
)
def test_convolutions_at_large(size, kernel, stride, padding, dilation, groups, bias):
    if dilation * (kernel - 1) + 1 > size + 2 * padding:
        return
    layer = nn.Conv2d(4, 8, kernel, stride, padding, dilation, groups, bias)
    made, macs = run(layer, (4, size, size))
    steps = derive(layer, (4, size, size), made)
    assert [side.value for side in steps.size] == [made[1]]
    assert from_latex(steps.size[0].numeric) == made[1]
    assert from_latex(steps.params.numeric) == sum(p.numel() for p in layer.parameters())
    assert from_latex(steps.macs.numeric) == macs


@settings(deadline=None, max_examples=60)
@given(
    size=st.integers(2, 30),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 4),
    padding=st.integers(0, 2),
    ceil_mode=st.booleans(),
)
def test_pooling_at_large(size, kernel, stride, padding, ceil_mode):
    if 2 * padding > kernel or kernel > size + 2 * padding:
        return
    layer = nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil_mode)
    made, _ = run(layer, (2, size, size))
    steps = derive(layer, (2, size, size), made)
    assert from_latex(steps.size[0].numeric) == steps.size[0].value == made[1]


@pytest.mark.parametrize("name", MODELS)
def test_every_row_of_a_preset_that_costs_something_says_how(name):
    model = MODELS[name].on_meta()
    for row in profile(model, MODELS[name].input_shape, 2).rows:
        steps = derive_row(row, model)
        told = ((steps.params, row.params), (steps.macs, row.macs), (steps.output_bytes, row.output_bytes))
        for formula, figure in told:
            assert (formula.value if formula else 0) == figure, row
        shown = [side.value for side in steps.size]
        resized = row.input_shape[2:] != row.output_shape[2:] and row.kind not in ("Permute", "Linear")
        if len(row.output_shape) == 4 and resized and not row.is_function:
            assert shown in ([row.output_shape[2]], list(row.output_shape[2:])), row


CALLS = {
    "conv": lambda x: F.conv2d(x, torch.empty(5, 2, 3, 3, device=x.device), stride=2, groups=2),
    "transposed": lambda x: F.conv_transpose2d(x, torch.empty(4, 3, 2, 2, device=x.device), stride=2),
    "linear": lambda x: F.linear(x, torch.empty(7, 9, device=x.device)),
    "product": lambda x: x @ x.transpose(2, 3),
    "attention": lambda x: F.scaled_dot_product_attention(x, x, x),
}


class Calls(nn.Module):
    """A function called by a network without a layer of its own."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def forward(self, x):
        return CALLS[self.name](x)


@pytest.mark.parametrize("name", CALLS)
def test_functions_say_how_their_macs_come_about(name):
    model = Calls(name)
    rows = [row for row in profile(model, (4, 9, 9), 3).rows if row.macs]
    assert rows
    for row in rows:
        steps = derive_row(row, model)
        assert steps.macs is not None, row
        assert from_latex(steps.macs.numeric) == row.macs


def test_an_uneven_division_is_refused():
    with pytest.raises(ValueError, match="leaves a rest"):
        Formula("x", "a / b", {"a": Symbol("a", 7), "b": Symbol("b", 2)}).value  # noqa: B018
