"""Growing receptive fields: all layers at once are what each is alone, and a stack's cone is where gradients arrive."""

import pytest
import torch
from hypothesis import given
from torch import nn

from core.explain import effective_field
from core.lessons.inspect_network.receptive_field import StackSettings, cells_read, growth, seen_share
from tests.truth.knob_states import STATES, configs


class Residual(nn.Module):
    """One pooling called twice, and a path around a convolution."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.pool = (
            nn.Conv2d(1, 4, 3, padding=1),
            nn.Conv2d(4, 4, 3, padding=1),
            nn.MaxPool2d(2),
        )
        self.relu, self.last = nn.ReLU(inplace=True), nn.Linear(4 * 16, 3)

    def forward(self, x):
        x = self.pool(self.relu(self.first(x)))
        x = self.pool(x + self.relu(self.second(x)))
        return self.last(x.flatten(1))


@pytest.fixture(scope="module")
def steps():
    torch.manual_seed(0)
    model, x = Residual().eval(), torch.rand(1, 1, 16, 16)
    return model, x, growth(model, x)


def test_sizes_grow_as_theory_says_and_a_module_called_twice_is_two_steps(steps):
    _, _, growing = steps
    names = [step.name for step in growing]
    assert names == ["first Conv2d", "pool MaxPool2d", "second Conv2d", "pool MaxPool2d", "last Linear"]
    assert [step.field.sides[0].size for step in growing][:4] == [3, 4, 8, 10]
    assert growing[-1].field.map_shape == ()


def test_effective_fields_of_all_layers_are_those_of_each_alone(steps):
    model, x, growing = steps
    for step in growing:
        if step.name in ("first Conv2d", "second Conv2d"):
            alone = effective_field(model, step.field.name, x)
            torch.testing.assert_close(step.effective.influence, alone.influence)
            assert (step.effective.cell, step.effective.window) == (alone.cell, alone.window)


def test_influence_adds_up_to_one_and_lies_inside_of_the_theoretical_window(steps):
    for step in steps[2]:
        (top, bottom), (left, right) = step.effective.window
        inside = step.effective.influence[top : bottom + 1, left : right + 1].sum()
        assert float(inside) == pytest.approx(1)


def test_an_inactive_layer_has_no_effective_field():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 2, 3)).eval()
    nn.init.constant_(model[0].bias, -100.0)
    first, second = growth(model, torch.rand(1, 1, 9, 9))
    assert first.effective is not None
    assert second.effective is None


def test_the_share_seen_is_that_of_the_middle_cell(steps):
    first = steps[2][0]
    assert seen_share(first.field, (16, 16)) == pytest.approx(9 / 256)
    assert seen_share(steps[2][-1].field, (16, 16)) == 1


@STATES
@given(configs(StackSettings))
def test_the_cone_of_a_stack_is_where_the_gradient_arrives(settings):
    stack = nn.Sequential(
        *(
            nn.Conv1d(1, 1, settings.kernel, stride=settings.stride, dilation=settings.dilation, bias=False)
            for _ in range(settings.layers)
        )
    ).double()
    for layer in stack:
        nn.init.ones_(layer.weight)
    x = torch.zeros(1, 1, settings.size, dtype=torch.float64, requires_grad=True)
    output = stack(x)
    assert output.shape[-1] == 1
    output.sum().backward()
    assert tuple(x.grad[0, 0].nonzero().flatten().tolist()) == cells_read(settings)[-1]
