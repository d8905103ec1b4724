"""The deep stack ends where PyTorch ends it, and what it says of other settings is true."""

from __future__ import annotations

import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from playground.calculator.tabs.stack import CASES, ConvStack, changes, fate
from playground.charts.network import stack_of_sizes

STACKS = st.builds(
    ConvStack,
    size=st.integers(1, 60),
    layers=st.integers(1, 40),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 3),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
)


def pytorch_sizes(stack: ConvStack) -> list[int]:
    layer = nn.Conv2d(1, 1, stack.kernel, stack.stride, stack.padding, stack.dilation, device="meta")
    x, sizes = torch.empty(1, 1, stack.size, stack.size, device="meta"), [stack.size]
    for _ in range(stack.layers):
        try:
            x = layer(x)
        except RuntimeError:
            break
        sizes.append(x.shape[2])
    return sizes


@settings(deadline=None, max_examples=60)
@given(STACKS)
def test_sizes_and_the_end_are_pytorchs(stack):
    sizes = stack.sizes()
    assert list(sizes) == pytorch_sizes(stack)
    gone = stack.gone_after()
    assert (len(sizes) - 1 < stack.layers) == (gone is not None and gone < stack.layers)


def test_the_two_worked_cases():
    small, large = CASES.values()
    assert small.gone_after() == 15
    assert small.sizes()[-1] == 2
    assert large.sizes()[-1] == 824


@pytest.mark.parametrize("stack", [ConvStack(), ConvStack(stride=2), ConvStack(padding=2), ConvStack(kernel=9, size=5)])
def test_other_settings_are_told_truly_and_never_the_present_one(stack):
    told = changes(stack)
    assert told
    assert len(set(told)) == len(told)
    for sentence in told:
        name, value = re.match(r"With (padding|stride|dilation) (\d+)|Without padding", sentence).groups()
        other = ConvStack(**(vars(stack) | {name or "padding": int(value or 0)}))
        assert other != stack
        assert sentence.endswith(fate(other))


def test_a_bar_a_layer_and_a_cross_where_none_fits():
    drawn = stack_of_sizes(ConvStack().sizes(), 20, "label")
    assert drawn.count("<rect") == 16
    assert drawn.count("<path") == 1
    assert "<path" not in stack_of_sizes((32, 32, 32), 2, "label")
