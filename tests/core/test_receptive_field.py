"""Receptive fields against what PyTorch really does: a NaN put into one row of the input reaches exactly the cells that
read it, and the gradient of one output cell is non-zero exactly on its field."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.layers.blocks import Parallel, Residual
from core.receptive_field import distinct, receptive_fields
from core.receptive_field.index_sets import NOTHING

DOWN_AND_UP = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(4, 4, 3, padding=1), nn.Upsample(scale_factor=2))
SE = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 4, 1), nn.Sigmoid())


class Gate(nn.Module):
    """Squeeze and excite: a whole picture's mean multiplies every cell."""

    def __init__(self):
        super().__init__()
        self.inner = SE

    def forward(self, x):
        return x * self.inner(x)


class ChannelsLast(nn.Module):
    """ConvNeXt's way: layer norm and a dense layer over the channels of each cell."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 5, padding=2)
        self.dense = nn.Linear(4, 6)
        self.last = nn.Conv2d(6, 2, 3)

    def forward(self, x):
        return self.last(self.dense(self.conv(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2))


NETWORKS = {
    "plain": nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(4, 4, 5, 2, padding=2)),
    "uneven": nn.Sequential(nn.ZeroPad2d((0, 1, 2, 0)), nn.Conv2d(3, 4, (3, 5), (2, 1)), nn.AvgPool2d((2, 3))),
    "dilated": nn.Sequential(nn.Conv2d(3, 4, 3, dilation=3), nn.MaxPool2d(2, ceil_mode=True), nn.Conv2d(4, 2, 2)),
    "residual": nn.Sequential(
        nn.Conv2d(3, 4, 1),
        Residual(nn.Conv2d(4, 4, 3, 2, padding=1), nn.ReLU(), shortcut=nn.Conv2d(4, 4, 1, 2)),
        Residual(nn.Conv2d(4, 4, 5, padding=2)),
    ),
    "parallel": nn.Sequential(
        Parallel(nn.Conv2d(3, 2, 1), nn.Conv2d(3, 2, 7, padding=3), nn.MaxPool2d(3, 1, 1)), nn.Conv2d(7, 2, 3)
    ),
    "hourglass": nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), Parallel(DOWN_AND_UP, nn.Identity()), nn.Conv2d(8, 2, 3)),
    "transposed": nn.Sequential(
        nn.Conv2d(3, 4, 3, 2), nn.ConvTranspose2d(4, 4, 4, 2, 1), nn.ConvTranspose2d(4, 2, 3, 3), nn.Conv2d(2, 2, 3)
    ),
    "holes": nn.Sequential(nn.ConvTranspose2d(3, 2, 1, 2), nn.Conv2d(2, 2, 2)),
    "dense": nn.Sequential(nn.Conv2d(3, 2, 3, padding=1), nn.MaxPool2d(4), nn.Flatten(), nn.LazyLinear(4)),
    "adaptive": nn.Sequential(nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d((5, 3)), nn.Conv2d(2, 2, 2)),
    "shuffled": nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.Conv2d(8, 2, 2)),
    "gate": nn.Sequential(nn.Conv2d(3, 4, 3), Gate()),
    "channels last": ChannelsLast(),
    "norm": nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.BatchNorm2d(4), nn.Hardswish(), nn.Dropout(), nn.Conv2d(4, 2, 3)),
}


def rows_that_reach(model, shape, side):
    """For each call of a leaf: a table (input position, output position along `side`) of what reaches what."""
    length = shape[1 + side]
    x = torch.zeros(length, *shape)
    for position in range(length):
        x.select(2 + side, position)[position] = torch.nan
    seen = {}
    names = {module: name for name, module in model.named_modules()}

    def note(module, _, made):
        reached = made.isnan()
        if isinstance(module, nn.Linear) and made.dim() == 4:
            reached = reached.permute(0, 3, 1, 2)
        axes = [axis for axis in range(1, made.dim()) if axis != 2 + side]
        seen[names[module]] = reached.any(dim=axes) if made.dim() == 4 else reached.any(dim=1, keepdim=True)

    handles = [m.register_forward_hook(note) for m in model.modules() if not any(m.children())]
    with torch.no_grad():
        model.eval()(x)
    for handle in handles:
        handle.remove()
    return seen


def in_picture(field, length):
    first, last = field
    return set(range(int(max(first, 0)), int(min(last, length - 1)) + 1)) if first <= last else set()


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("side", [0, 1])
def test_a_nan_reaches_exactly_the_cells_that_see_it(name, side):
    model, shape = NETWORKS[name], (3, 28, 24)
    model(torch.zeros(2, *shape))  # lets lazy layers take their shape
    measured = rows_that_reach(model, shape, side)
    fields = receptive_fields(model, shape)
    assert [field.name for field in fields] == list(measured)
    for field in fields:
        table = measured[field.name]
        for cell in range(table.shape[1]):
            reached = set(table[:, cell].nonzero().flatten().tolist())
            seen = field.sides[side].cells[cell]
            assert ((min(reached), max(reached)) if reached else NOTHING) == seen, (field.name, cell)
            assert reached <= in_picture(field.sides[side].seen_by(cell), shape[1 + side])


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2), st.booleans()),
        min_size=1,
        max_size=4,
    )
)
def test_the_gradient_of_one_cell_covers_its_field(windows):
    layers = [
        (nn.ConvTranspose2d if up and k >= s and p < k else nn.Conv2d)(1, 1, k, s, padding=p, dilation=d)
        for k, s, p, d, up in windows
    ]
    model = nn.Sequential(*layers).double()
    for parameter in model.parameters():
        nn.init.ones_(parameter)
    x = torch.ones(1, 1, 40, 40, dtype=torch.double, requires_grad=True)
    try:
        made = model(x)
    except RuntimeError:
        return  # nothing was left of the picture
    field = receptive_fields(model, (1, 40, 40))[-1]
    cell = made.shape[2] // 2
    made[0, 0, cell].sum().backward()
    rows = x.grad[0, 0].abs().sum(1).nonzero().flatten().tolist()
    assert field.sides[0].cells[cell] == ((min(rows), max(rows)) if rows else NOTHING)


def thin(*windows):
    """A stack with one channel and weights of one, which no gradient can miss."""
    model = nn.Sequential(*(nn.Conv2d(1, 1, k, s, padding=p, bias=False) for k, s, p in windows)).double()
    for parameter in model.parameters():
        nn.init.ones_(parameter)
    return model


VGG16 = [(3, 1, 1)] * 2 + [(2, 2, 0)] + [(3, 1, 1)] * 2 + [(2, 2, 0)] + ([(3, 1, 1)] * 3 + [(2, 2, 0)]) * 3
ALEXNET = [(11, 4, 2), (3, 2, 0), (5, 1, 2), (3, 2, 0), *[(3, 1, 1)] * 3, (3, 2, 0)]


@pytest.mark.parametrize(("windows", "size"), [(VGG16, 212), (ALEXNET, 195)], ids=["vgg16", "alexnet"])
def test_the_published_fields_are_what_the_gradient_measures(windows, size):
    model = thin(*windows)
    side = 448
    field = receptive_fields(model, (1, side, side))[-1]
    assert field.sides[0].size == size
    x = torch.ones(1, 1, side, side, dtype=torch.double, requires_grad=True)
    made = model(x)
    cell = made.shape[2] // 2
    made[0, 0, cell, cell].backward()
    rows = x.grad[0, 0].abs().sum(1).nonzero().flatten().tolist()
    assert (rows[0], rows[-1]) == field.sides[0].seen_by(cell)
    assert len(rows) == size


def test_the_model_is_left_as_it_was():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout())
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.train()
    model[2].eval()
    receptive_fields(model, (3, 16, 16))
    assert model.training
    assert not model[2].training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not model[0]._forward_hooks


def test_flatten_changes_no_field_and_the_linear_layer_behind_it_does():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2 * 6 * 6, 4))
    changes = distinct(receptive_fields(model, (1, 8, 8)))
    assert [name for name, _ in changes] == ["0 Conv2d", "2 Linear"]
    assert [side.size for side in changes[-1][1].sides] == [8, 8]
