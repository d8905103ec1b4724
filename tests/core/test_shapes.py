"""core.shapes against PyTorch on the meta device, where a layer answers with its shape and costs nothing."""

import subprocess
import sys
from itertools import product

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from core import shapes
from core.errors import ShapeError
from core.shapes import ReceptiveField, TransposedWindow, Window

sizes, kernels, strides, paddings, dilations = (
    st.integers(*ends) for ends in ((1, 40), (1, 9), (1, 6), (0, 6), (1, 4))
)
lean = settings(deadline=None, max_examples=200)


def side_after(layer: nn.Module, size: int) -> int | None:
    """The size PyTorch gives, None where it refuses."""
    try:
        return layer(torch.empty(1, 1, size, size, device="meta")).shape[-1]
    except RuntimeError:
        return None


def ours(function, *args, **kwargs) -> int | None:
    try:
        return function(*args, **kwargs)
    except ShapeError:
        return None


@given(sizes, kernels, strides, paddings, dilations)
@lean
def test_conv_size_agrees_with_conv2d(size, kernel, stride, padding, dilation):
    layer = nn.Conv2d(1, 1, kernel, stride, padding, dilation, device="meta")
    assert ours(shapes.conv_output_size, size, kernel, stride, padding, dilation) == side_after(layer, size)


@given(sizes, kernels, strides, st.tuples(paddings, paddings), dilations)
@lean
def test_asymmetric_padding_agrees_with_zeropad2d_before_conv2d(size, kernel, stride, padding, dilation):
    layer = nn.Sequential(nn.ZeroPad2d(padding * 2), nn.Conv2d(1, 1, kernel, stride, 0, dilation, device="meta"))
    assert ours(shapes.conv_output_size, size, kernel, stride, padding, dilation) == side_after(layer, size)


@given(sizes, kernels, strides, paddings, dilations, st.data())
@lean
def test_transposed_size_agrees_with_conv_transpose2d(size, kernel, stride, padding, dilation, data):
    output_padding = data.draw(st.integers(0, max(stride, dilation) - 1))
    layer = nn.ConvTranspose2d(1, 1, kernel, stride, padding, output_padding, dilation=dilation, device="meta")
    size_of_ours = ours(shapes.conv_transpose_output_size, size, kernel, stride, padding, output_padding, dilation)
    assert size_of_ours == side_after(layer, size)


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 3), (3, 2)])
def test_too_large_an_output_padding_is_refused_as_pytorch_refuses_it(stride, dilation):
    too_large = max(stride, dilation)
    with pytest.raises(RuntimeError, match="output padding must be smaller"):
        nn.ConvTranspose2d(1, 1, 3, stride, 0, too_large, dilation=dilation)(torch.zeros(1, 1, 5, 5))
    with pytest.raises(ShapeError, match=f"choose 0 to {too_large - 1}"):
        shapes.conv_transpose_output_size(5, 3, stride, 0, too_large, dilation)


@given(sizes, kernels, st.none() | strides, st.integers(0, 5), dilations, st.booleans())
@settings(deadline=None, max_examples=400)
def test_pool_size_agrees_with_max_pool2d(size, kernel, stride, padding, dilation, ceil_mode):
    layer = nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    assert ours(shapes.pool_output_size, size, kernel, stride, padding, dilation, ceil_mode) == side_after(layer, size)


@given(sizes, kernels, st.none() | strides, st.integers(0, 5), st.booleans())
@lean
def test_pool_size_agrees_with_avg_pool2d(size, kernel, stride, padding, ceil_mode):
    layer = nn.AvgPool2d(kernel, stride, padding, ceil_mode=ceil_mode)
    assert ours(shapes.pool_output_size, size, kernel, stride, padding, 1, ceil_mode) == side_after(layer, size)


def test_ceil_mode_drops_a_window_that_would_start_in_the_right_padding():
    assert shapes.pool_output_size(3, 2, 2, padding=1, ceil_mode=True) == 2
    assert shapes.pool_output_size(4, 3, 3, padding=1, ceil_mode=True) == 2
    assert side_after(nn.MaxPool2d(2, 2, 1, ceil_mode=True), 3) == 2


@given(sizes, kernels, dilations)
@lean
def test_same_padding_agrees_with_pytorchs_own_at_stride_1(size, kernel, dilation):
    x = torch.arange(1.0, size + 1).view(1, 1, size)
    w = torch.arange(1.0, kernel + 1).view(1, 1, kernel)
    ours_padded = F.conv1d(F.pad(x, shapes.same_padding(size, kernel, 1, dilation)), w, dilation=dilation)
    reach = shapes.span(kernel, dilation)
    assert sum(shapes.same_padding(size, kernel, 1, dilation)) == reach - 1
    if kernel % 2 or dilation % 2 == 0:  # else PyTorch warns of the copy that uneven padding costs
        torch.testing.assert_close(ours_padded, F.conv1d(x, w, padding="same", dilation=dilation))


@given(sizes, kernels, strides, dilations)
@lean
def test_same_padding_gives_n_over_s_rounded_up_and_is_as_even_as_it_can_be(size, kernel, stride, dilation):
    before, after = shapes.same_padding(size, kernel, stride, dilation)
    assert 0 <= after - before <= 1
    output = shapes.conv_output_size(size, kernel, stride, (before, after), dilation)
    assert output == shapes.same_output_size(size, stride) == -(-size // stride)
    if after:  # no smaller padding would do
        smaller = (before, after - 1) if after > before else (before - 1, after)
        assert ours(shapes.conv_output_size, size, kernel, stride, smaller, dilation) != output


@given(sizes, kernels, strides, st.tuples(paddings, paddings), dilations)
@lean
def test_unread_cells_are_those_behind_the_last_window(size, kernel, stride, padding, dilation):
    reach = shapes.span(kernel, dilation)
    assume(size + sum(padding) >= reach)
    padded = torch.zeros(1, 1, size + sum(padding), requires_grad=True)
    window = torch.ones(1, 1, reach)  # what a window covers, the gaps of dilation included
    F.conv1d(padded, window, stride=stride).sum().backward()
    last_covered = int(padded.grad[0, 0].nonzero().max())
    picture = range(padding[0], padding[0] + size)
    assert shapes.unread_cells(size, kernel, stride, padding, dilation) == sum(i > last_covered for i in picture)


def test_unread_cells_where_no_cell_of_the_picture_is_read():
    assert shapes.unread_cells(1, 1, stride=10, padding=(5, 0)) == 1


@given(st.integers(1, 60), st.integers(1, 6), st.integers(1, 3), st.integers(0, 3), st.integers(1, 2))
@lean
def test_layers_until_gone_is_what_stacking_finds(size, kernel, stride, padding, dilation):
    layer = nn.Conv2d(1, 1, kernel, stride, padding, dilation, device="meta")
    side, layers, seen = size, 0, set()
    while side is not None and side not in seen and layers < 100:
        seen.add(side)
        side, layers = side_after(layer, side), layers + 1
    stacked = layers - 1 if side is None else None
    assert shapes.layers_until_gone(size, kernel, stride, padding, dilation) == stacked


stacks = st.lists(
    st.builds(Window, st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2)), max_size=4
)


@given(stacks, st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_receptive_field_is_where_the_gradient_of_one_cell_arrives(windows, cell):
    size, margin = 160, 120  # wide enough that no layer's padding lies inside what a cell sees
    x = torch.zeros(1, 1, 2 * margin + size, dtype=torch.float64, requires_grad=True)
    y = x
    for window in windows:
        y = F.conv1d(y, torch.ones(1, 1, window.kernel, dtype=y.dtype), stride=window.stride, dilation=window.dilation)
    field = shapes.receptive_field(windows)[-1] if windows else ReceptiveField()
    assume(cell < y.shape[-1])
    y[0, 0, cell].backward()
    seen = x.grad[0, 0].nonzero().flatten()
    first, last = field.seen_by(cell)
    shift = sum(  # without padding the first window starts so much later
        window.padding * below.jump
        for window, below in zip(windows, [ReceptiveField(), *shapes.receptive_field(windows)], strict=False)
    )
    assert (int(seen.min()), int(seen.max())) == (first + shift, last + shift)
    assert field.size == last - first + 1


def test_receptive_fields_of_alexnet_and_vgg16_are_as_published():
    alexnet = [Window(11, 4, 2), Window(3, 2), Window(5, 1, 2), Window(3, 2), *[Window(3, 1, 1)] * 3, Window(3, 2)]
    vgg16 = [w for convs in (2, 2, 3, 3, 3) for w in [*[Window(3, 1, 1)] * convs, Window(2, 2)]]
    assert shapes.receptive_field(alexnet)[-1].size == 195
    assert shapes.receptive_field(vgg16)[-1].size == 212
    assert shapes.stack_sizes(224, alexnet)[-1] == 6
    assert shapes.stack_sizes(224, vgg16)[-1] == 7


@given(st.integers(1, 24), st.integers(1, 24))
@settings(deadline=None, max_examples=20)
def test_solve_conv_finds_exactly_what_trying_everything_finds(size, target):
    ranges = {"kernels": range(1, 6), "strides": range(1, 4), "paddings": range(3), "dilations": range(1, 4)}
    found = shapes.solve_conv(size, target, **ranges)
    tried = {
        Window(k, s, p, d)
        for k, s, p, d in product(*ranges.values())
        if side_after(nn.Conv2d(1, 1, k, s, p, d, device="meta"), size) == target
    }
    assert set(found) == tried
    assert len(found) == len(tried)
    assert found == sorted(found, key=lambda w: (w.dilation, w.stride, w.padding, w.kernel))


@given(st.integers(1, 16), st.integers(1, 40))
@settings(deadline=None, max_examples=15)
def test_solve_conv_transpose_finds_exactly_what_trying_everything_finds(size, target):
    ranges = {"kernels": range(1, 5), "strides": range(1, 4), "paddings": range(3), "dilations": range(1, 3)}
    found = shapes.solve_conv_transpose(size, target, **ranges)
    tried = {
        TransposedWindow(k, s, p, o, d)
        for k, s, p, d in product(*ranges.values())
        for o in range(max(s, d))
        if side_after(nn.ConvTranspose2d(1, 1, k, s, p, o, dilation=d, device="meta"), size) == target
    }
    assert set(found) == tried
    assert len(found) == len(tried)
    assert all(window.output_size(size) == target for window in found)


def test_sizes_of_the_lessons():
    assert shapes.conv_output_size(9, 3) == 7  # n - f + 1
    assert shapes.conv_output_size(9, 3, padding=1) == 9  # p = (f - 1) / 2 keeps the size
    assert shapes.conv_output_size(9, 3, stride=2) == 4
    assert (shapes.conv_output_size(50, 1), shapes.conv_output_size(50, 3)) == (50, 48)  # the light and dark edge
    assert all(shapes.conv_output_size(31, f, padding=(f - 1) // 2) == 31 for f in (1, 3, 5, 7, 9))
    assert shapes.layers_until_gone(32, 3) == 15
    assert shapes.stack_sizes(32, [Window(3)] * 15)[-1] == 2
    assert shapes.stack_sizes(1024, [Window(3)] * 100)[-1] == 824
    with pytest.raises(ShapeError):
        shapes.conv_output_size(2, 3)  # the 16th layer
    assert shapes.valid_output_size(13, 6, stride=5) == 2
    assert shapes.unread_cells(13, 6, stride=5) == 2
    assert shapes.same_padding(13, 6, stride=5) == (1, 2)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda: shapes.conv_output_size(5, 7),
            "a 7x7 kernel does not fit a 5x5 input (padded to 5x5): raise padding to at least 1, or shrink the kernel.",
        ),
        (lambda: shapes.conv_output_size(5, 3, padding=1, dilation=4), "lower dilation to at most 3"),
        (lambda: shapes.conv_output_size(5, 3, stride=0), "stride is 0, but must be at least 1"),
        (lambda: shapes.conv_output_size(5, 3, padding=(0, -1)), "choose 0 or more"),
        (lambda: shapes.pool_output_size(8, 3, padding=2), "lower padding to at most 1"),
        (lambda: shapes.conv_transpose_output_size(1, 1, padding=1), "lower padding to at most 0"),
    ],
)
def test_errors_name_the_value_the_rule_and_the_way_out(call, says):
    with pytest.raises(ShapeError) as error:
        call()
    assert says in str(error.value)


@given(st.integers(2, 9), st.integers(1, 4), st.data())
@lean
def test_the_way_out_of_an_error_leads_out(kernel, dilation, data):
    padded = data.draw(st.integers(1, shapes.span(kernel, dilation) - 1))
    padding = data.draw(st.integers(0, (padded - 1) // 2))
    size = padded - 2 * padding
    with pytest.raises(ShapeError) as error:
        shapes.conv_output_size(size, kernel, 1, padding, dilation)
    message = str(error.value)
    advised = int(message.split("raise padding to at least ")[1].split(",")[0])
    assert shapes.conv_output_size(size, kernel, 1, advised, dilation) in (1, 2)
    if "lower dilation to at most " in message:
        advised = int(message.split("lower dilation to at most ")[1].split(",")[0])
        assert shapes.conv_output_size(size, kernel, 1, padding, advised) >= 1


def test_shapes_imports_no_torch():
    program = "import sys, core.shapes; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
