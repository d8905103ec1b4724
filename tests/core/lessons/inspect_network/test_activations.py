"""What is recorded of a network is what PyTorch computes, and every cell is the sum that its parts say."""

import weakref

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.errors import PlaygroundError
from core.lessons.inspect_network import (
    INPUT,
    columns_of,
    dead_maps,
    included_network,
    maps_of,
    parts_of,
    program_of,
    spans_of,
    trace,
)
from core.lessons.inspect_network.activations import ADD, MEAN, UNKNOWN
from core.lessons.inspect_network.columns import CONVOLUTION, OTHER
from core.training.recipe.small_resnet import small_resnet


class Branching(nn.Module):
    """Works in place, adds, and does things between its layers that no module stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.active = nn.ReLU(inplace=True)
        self.deep = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=4, bias=False)
        self.passing = nn.Dropout(0.5)
        self.pool = nn.AvgPool2d(3, 2, padding=1)
        self.wrapped = nn.Conv2d(8, 6, 3, padding=1, padding_mode="circular")
        self.head = nn.Linear(6, 4)

    def forward(self, x_BCHW):
        x = self.active(self.norm(self.first(x_BCHW)))
        x = F.relu(x + self.passing(self.deep(x)))
        return self.head(self.wrapped(self.pool(x)).mean((2, 3)))


def settled(model: nn.Module) -> nn.Module:
    """With statistics and weights that are not those of the start."""
    torch.manual_seed(0)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -1, 1)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.uniform_(module.weight, -1, 1)
            nn.init.uniform_(module.bias, -1, 1)
    return model.eval()


CASES = {
    "digits": (lambda: included_network("digits"), (1, 24, 24)),
    "sketches": (lambda: included_network("sketches"), (3, 32, 32)),
    "branching": (lambda: settled(Branching()), (3, 20, 16)),
    "residual": (lambda: settled(small_resnet(3)), (3, 32, 32)),
}


@pytest.fixture(params=CASES, scope="module")
def traced(request):
    build, shape = CASES[request.param]
    model = build()
    x_BCHW = torch.randn(1, *shape, generator=torch.Generator().manual_seed(1))
    return model, x_BCHW, trace(model, x_BCHW)


def test_outputs_are_those_of_the_layers(traced):
    model, x_BCHW, layers = traced
    expected: dict[str, torch.Tensor] = {}

    def note(name):
        return lambda _, __, output: expected.__setitem__(name, output[0].clone())

    handles = [module.register_forward_hook(note(name)) for name, module in model.named_modules()]
    with torch.no_grad():
        logits = model(x_BCHW)[0]
    for handle in handles:
        handle.remove()
    named = [layer for layer in layers if layer.module is not None]
    assert len(named) > 6
    assert all(torch.equal(layer.output, expected[layer.name]) for layer in named)
    assert torch.equal(layers[-1].output, logits)


def test_what_stands_between_layers_is_told_from_its_values():
    layers = trace(settled(Branching()), torch.rand(1, 3, 20, 16))
    kinds = [layer.kind for layer in layers]
    assert ADD in kinds
    assert MEAN in kinds
    assert UNKNOWN not in kinds
    addition = layers[kinds.index(ADD)]
    assert torch.equal(addition.output, sum(layers[number].output for number in addition.inputs))


def test_an_output_is_let_go_as_soon_as_the_network_needs_it_no_more():
    layers = nn.Sequential(*(nn.Conv2d(2, 2, 1) for _ in range(5)))
    outputs, alive = [], []

    def count(_, __, output):
        outputs.append(weakref.ref(output))
        alive.append(sum(one() is not None for one in outputs))

    for layer in layers:
        layer.register_forward_hook(count)
    traced = trace(layers, torch.rand(1, 2, 4, 4))
    assert max(alive) == 2, "a layer's input and its output"
    assert [layer.inputs for layer in traced] == [(INPUT,), (0,), (1,), (2,), (3,)]


def test_the_network_is_left_as_it_was():
    model = Branching().train()
    trace(model, torch.rand(1, 3, 20, 16))
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_every_layer_is_in_one_column_and_convolutions_take_their_normalization(traced):
    _, _, layers = traced
    columns = columns_of(layers)
    assert [number for column in columns for number in column.layers] == list(range(len(layers)))
    assert all(column.layers[0] <= column.main <= column.layers[-1] for column in columns)
    mixing = [layers[column.main].module for column in columns if column.kind == CONVOLUTION]
    assert all(isinstance(module, nn.Conv2d) for module in mixing)
    assert not any(isinstance(layers[column.layers[0]].module, nn.BatchNorm2d | nn.ReLU) for column in columns)
    assert columns[0].sources == (INPUT,)


def test_parts_add_up_to_every_cell(traced):
    _, x_BCHW, layers = traced
    columns = columns_of(layers)
    checked = 0
    for number, column in enumerate(columns):
        if column.kind == OTHER:
            continue
        parts = parts_of(layers, columns, x_BCHW[0], number, 1, most=3)
        expected = maps_of(layers[column.main].output)[1]
        for row, place in {(0, 0), (expected.shape[0] - 1, expected.shape[1] // 2)}:
            assert value_of(parts, row, place) == pytest.approx(float(expected[row, place]), abs=1e-4)
            checked += 1
        assert torch.equal(
            parts.later[-1].values if parts.later else parts.main, maps_of(layers[column.layers[-1]].output)[1]
        )
    assert checked > 8


POOLINGS = (
    nn.AvgPool2d(3, 2, 1), nn.AvgPool2d(3, 2, 1, ceil_mode=True), nn.AvgPool2d(3, 2, 1, count_include_pad=False),
    nn.AvgPool2d((2, 3), (2, 3), ceil_mode=True, count_include_pad=False), nn.MaxPool2d(2, ceil_mode=True),
    nn.MaxPool2d(3, 2, 1, dilation=2, ceil_mode=True), nn.AdaptiveAvgPool2d((4, 3)), nn.AdaptiveAvgPool2d((11, 9)),
    nn.AdaptiveMaxPool2d((3, 2)), nn.AdaptiveAvgPool2d(1),
)  # fmt: skip


@pytest.mark.parametrize("pooling", POOLINGS, ids=str)
def test_every_cell_of_a_pooling_is_that_of_its_window(pooling):
    x_BCHW = torch.rand(1, 2, 11, 9, generator=torch.Generator().manual_seed(1)) - 0.5
    layers = trace(nn.Sequential(pooling), x_BCHW)
    parts = parts_of(layers, columns_of(layers), x_BCHW[0], 0, 1)
    expected = pooling(x_BCHW)[0, 1]
    values = [[value_of(parts, row, place) for place in range(expected.shape[1])] for row in range(expected.shape[0])]
    torch.testing.assert_close(torch.tensor(values), expected)


def test_windows_of_one_size_are_a_kernel_and_a_stride():
    x_BCHW = torch.rand(1, 2, 12, 9)
    layers = trace(nn.Sequential(nn.AdaptiveAvgPool2d((4, 3))), x_BCHW)
    parts = parts_of(layers, columns_of(layers), x_BCHW[0], 0, 1)
    assert (parts.windows, parts.stride, parts.sources[0].kernel.shape) == (None, (3, 3), (3, 3))


def test_a_mean_by_another_divisor_is_refused():
    x_BCHW = torch.rand(1, 2, 8, 8)
    layers = trace(nn.Sequential(nn.AvgPool2d(2, divisor_override=3)), x_BCHW)
    with pytest.raises(PlaygroundError, match="no mean and no maximum"):
        parts_of(layers, columns_of(layers), x_BCHW[0], 0, 1)


def test_padding_is_told_from_the_cells_of_a_source(traced):
    _, x_BCHW, layers = traced
    columns = columns_of(layers)
    for number in (one for one, column in enumerate(columns) if column.kind == CONVOLUTION):
        parts = parts_of(layers, columns, x_BCHW[0], number, 1)
        top, bottom, left, right = parts.padding
        for source in parts.sources:
            height, width = source.values.shape
            inner = source.values[top : height - bottom, left : width - right]
            number_of_layer = INPUT if source.column == INPUT else columns[source.column].layers[-1]
            whole = x_BCHW[0] if source.column == INPUT else maps_of(layers[number_of_layer].output)
            wrapped = layers[columns[number].main].module.padding_mode != "zeros"
            assert wrapped == (inner.shape != whole[source.channel].shape)
            assert wrapped or torch.equal(inner, whole[source.channel])


def value_of(parts, row, column) -> float:
    if parts.reduces == "sum":
        rest = 0.0 if parts.rest is None else float(parts.rest[row, column])
        return sum(parts.part(source, row, column) for source in parts.sources) + rest + parts.bias
    (source,) = parts.sources
    window = parts.window(source, row, column)
    return float(window.max() if parts.reduces == "maximum" else window.mean())


def test_scale_and_shift_are_what_the_normalization_does():
    layers = trace(settled(Branching()), torch.rand(1, 3, 20, 16))
    parts = parts_of(layers, columns_of(layers), torch.rand(3, 20, 16), 0, 5)
    norm = next(layer for layer in parts.later if layer.scale is not None)
    torch.testing.assert_close(norm.scale * parts.main + norm.shift, norm.values, atol=1e-5, rtol=1e-5)


def test_what_is_no_sum_of_shown_maps_is_refused_with_its_name():
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.PixelShuffle(2), nn.Upsample(scale_factor=2))
    layers = trace(net.eval(), torch.rand(1, 1, 8, 8))
    columns = columns_of(layers)
    for number, name in ((1, "1"), (2, "2")):
        with pytest.raises(PlaygroundError, match=f"^{name} is not a sum of maps"):
            parts_of(layers, columns, torch.rand(1, 8, 8), number, 0)


def test_no_pixel_outside_of_its_span_changes_a_cell():
    model = included_network("digits")
    x_BCHW = torch.rand(1, 1, 24, 24, generator=torch.Generator().manual_seed(0))
    layers = trace(model, x_BCHW)
    columns = columns_of(layers)
    spans = spans_of(model, layers, columns, (1, 24, 24))
    rows, across = spans[2]
    cell = (4, 7)
    inside = torch.zeros(24, 24, dtype=torch.bool)
    inside[int(rows[4][0]) : int(rows[4][1]) + 1, int(across[7][0]) : int(across[7][1]) + 1] = True
    assert inside.sum() == 8 * 8
    before = layers[3].output[:, cell[0], cell[1]]
    outside = torch.where(inside, x_BCHW, torch.rand(1, 1, 24, 24))
    assert torch.allclose(trace(model, outside)[3].output[:, cell[0], cell[1]], before, atol=1e-6)
    within = torch.where(inside, 1 - x_BCHW, x_BCHW)
    assert not torch.allclose(trace(model, within)[3].output[:, cell[0], cell[1]], before, atol=1e-3)
    assert [spans[number] is not None for number in range(5)] == [True] * 5


def test_dead_maps_are_zero_for_every_image():
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Conv2d(3, 2, 3), nn.ReLU()).eval()
    with torch.no_grad():
        net[0].weight[1], net[0].bias[1] = -net[0].weight[1].abs(), -1.0  # never positive for images of 0..1
        net[0].bias[0] = 2.0
    images = torch.rand(5, 1, 8, 8)
    dead = dead_maps(net, ("1", "3"), images)
    with torch.no_grad():
        first = net[:2](images)
    assert dead["1"] == tuple(channel for channel in range(3) if not first[:, channel].any())
    assert 1 in dead["1"]
    assert 0 not in dead["1"]
    assert not any(module._forward_hooks for module in net)


@pytest.mark.parametrize("alive", [0, 3, 4, 8])
@pytest.mark.parametrize("at_once", [1, 4 * 16, 100_000])
def test_a_map_that_one_image_lights_up_is_not_dead(monkeypatch, alive, at_once):
    monkeypatch.setattr("core.lessons.inspect_network.activations.VALUES_AT_ONCE", at_once)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()).eval()
    with torch.no_grad():
        net[0].weight.fill_(1.0)
        net[0].bias.copy_(torch.tensor([-1.0, -10.0]))  # of the nine cells of an image of ones, more and less
    images = torch.zeros(9, 1, 4, 4)
    assert dead_maps(net, ("1",), images) == {"1": (0, 1)}
    images[alive] = 1
    assert dead_maps(net, ("1",), images) == {"1": (1,)}


def test_a_layer_that_is_called_again_has_a_field_for_each_call():
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second, self.active = nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 3, stride=2), nn.ReLU()

        def forward(self, x_BCHW):
            return self.active(self.second(self.active(self.first(x_BCHW))))

    model = Twice().eval()
    layers = trace(model, torch.rand(1, 1, 9, 9))
    spans = spans_of(model, layers, columns_of(layers), (1, 9, 9))
    assert [[rows[1] for rows in both] for both in spans] == [[(1, 3), (1, 3)], [(2, 6), (2, 6)]]


def test_an_input_that_is_handed_over_by_name_is_not_known():
    class ByName(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 2, 3)

        def forward(self, x):
            return self.conv(input=x).mean((2, 3))

    layers = trace(ByName(), torch.rand(1, 1, 5, 5))
    assert [layer.inputs for layer in layers] == [(), (0,)]
    assert columns_of(layers)[0].sources == ()
    assert program_of(layers) is None
