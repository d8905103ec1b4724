"""Inputs with more or fewer axes than the first layer takes: clips, tables, rows of numbers."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

NETWORK = """
class Net(nn.Module):
    def __init__(self{arguments}):
        super().__init__()
        self.conv = {conv}
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        {body}
"""
STEP_BY_STEP = """b, t, c, h, w = x.shape
        steps = [self.head(self.conv(x[:, i]).mean((2, 3))) for i in range(t)]
        return torch.stack(steps, 1)"""
CHECKED = """if x.dim() != 5:
            raise ValueError(f"clips are wanted, got {x.shape}")
        return self.head(self.conv(x.flatten(0, 1)).mean((2, 3))).view(x.size(0), x.size(1), 2)"""
TABLE = "return self.head(self.conv(x.unsqueeze(1)).flatten(2).amax(2))"


@pytest.mark.parametrize(
    ("arguments", "conv", "body", "shape", "output"),
    [
        ("", "nn.Conv2d(3, 4, 3)", STEP_BY_STEP, (8, 3, 64, 64), (2, 8, 2)),
        (", num_frames=5", "nn.Conv2d(3, 4, 3)", STEP_BY_STEP, (5, 3, 64, 64), (2, 5, 2)),
        ("", "nn.Conv2d(3, 4, 3)", CHECKED, (8, 3, 64, 64), (2, 8, 2)),
        ("", "nn.Conv2d(1, 4, (3, 50))", TABLE, (32, 50), (2, 2)),
        ("", "nn.Conv2d(1, 4, (1, 5))", TABLE, (32, 64), (2, 2)),
        (", state_size=33", "nn.Conv1d(1, 4, 5)", TABLE, (128,), (2, 2)),
        (", state_size", "nn.Conv1d(1, 4, 5)", TABLE, (64,), (2, 2)),
    ],
)
def test_an_input_is_found_where_forward_itself_changes_the_axes(arguments, conv, body, shape, output):
    parsed = parse(NETWORK.format(arguments=arguments, conv=conv, body=body))
    assert parsed.input_shape == shape
    assert parsed.module(torch.empty(2, *shape, device="meta")).shape == output
    assert any("names no input" in note for note in parsed.notes)


@pytest.mark.parametrize(("axes", "sides"), [(1, (32,)), (3, (32, 32, 32))])
def test_places_that_a_pool_takes_together_are_as_many_as_it_has_axes(axes, sides):
    body = f"return self.head(self.conv(x).view(x.size(0), 4)).view(x.size(0), 2, *[1] * {axes})"
    parsed = parse(NETWORK.format(arguments="", conv=f"nn.AdaptiveAvgPool{axes}d(1)", body=body))
    assert parsed.input_shape == (4, *sides)


def test_a_batch_in_the_middle_of_a_view_tells_how_many_values_there_are():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(30, 3, 40)

    def forward(self, x):
        return self.layer(x.view(7, x.size(0), 30))[-1]
"""
    assert parse(text).input_shape == (210,)


GRID = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(12, 3)

    def forward(self, x):
        {body}
        return self.layer(x)
"""


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ("b, nodes, steps, features = x.shape", (8, 8, 12)),
        ("x = x[:, 0, :, 0, :]", (8, 8, 8, 12)),
        ("steps = x.size(2)", None),  # a usual one goes through
        ("x = x[:, 0, :, :, :, :, 0, :]", None),
    ],
)
def test_axes_that_are_missing_stand_in_front(body, shape):
    assert parse(GRID.format(body=body)).input_shape == shape


def test_steps_whose_channels_come_last_are_as_many_as_a_linear_layer_takes():
    text = """
import paddle

class Net(paddle.nn.Layer):
    def __init__(self, features=6, steps=40):
        super().__init__()
        self.conv = paddle.nn.Conv1D(features, 8, 3, padding=1, data_format='NLC')
        self.fc = paddle.nn.Linear(steps * 8, 5)

    def forward(self, x):
        return self.fc(paddle.reshape(self.conv(x), [len(x), -1]))
"""
    assert parse(text).input_shape == (40, 6)


def test_a_table_is_as_wide_as_was_assumed():
    text = """
import torch.nn as nn

class Net(nn.Module):
    def __init__(self, input_size):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.rows = nn.Conv1d(4 * input_size, 8, 3)

    def forward(self, x):
        x = self.conv(x.transpose(1, 2).unsqueeze(1))
        return self.rows(x.flatten(1, 2)).mean(2)
"""
    parsed = parse(text)
    assert parsed.input_shape[1] == parsed.assumed["input_size"]
    assert parse(text, input_shape=(90, 17)).assumed == {"input_size": 17}
