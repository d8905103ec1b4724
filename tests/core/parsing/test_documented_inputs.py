"""Inputs whose axes a text names in docstrings and comments, and what inputs are told by how they are used."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse
from core.parsing.inputs.trial import takes
from core.parsing.inputs.usual_inputs import candidate_inputs

FORECAST = """
class Forecast(nn.Module):
    def __init__(self, history_width=9, plan_width=2, hidden=16):
        super().__init__()
        self.encoder = nn.GRU(history_width, hidden, batch_first=True)
        self.cell = nn.GRUCell(plan_width, hidden)
    def forward(self, history, plan):
        {}
        _, h = self.encoder(history)
        h = h[-1]
        for step in range(plan.shape[1]):
            h = self.cell(plan[:, step], h)
        return h
"""
SAID = {
    "docstring": '"""\n        history: [B, L, history_width]\n'
    '        plan (Tensor): of shape (B, H, plan_width)\n        """',
    "comments": "# history: (batch, seq_len, 9), plan is (batch, horizon, 2)\n        # plan: (batch, horizon, 2)",
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_each_input_has_the_axes_that_are_said_of_it(said):
    parsed = parse(FORECAST.format(said))
    assert parsed.input_shape == (32, 9)
    assert {name: tuple(shape) for name, (shape, _) in parsed.module.named_inputs.items()} == {"plan": (32, 2)}
    assert any("documents its input: history 32x9, plan 32x2" in note for note in parsed.notes)


@pytest.mark.parametrize("axes", ["in_channels, points", "in_channel, point"])
def test_an_axis_is_called_like_its_number_in_the_singular_or_plural(axes):
    text = "class Net(nn.Module):\n    def __init__(self, in_channels=5, points=250):\n        super().__init__()\n"
    text += (
        "        self.in_channels, self.points = in_channels, points\n        self.a = nn.Conv1d(in_channels, 2, 3)\n"
    )
    text += f"    def forward(self, x):\n        # x: (n, {axes})\n        return self.a(x).mean(2)\n"
    assert parse(text).input_shape == (5, 250)


@pytest.mark.parametrize(
    "said",
    [
        "# history: (batch, seq_len, 7), plan: (batch, horizon, 2)",
        "# history: (batch, what, 9)\n        # plan: (batch, 5, 2)",
    ],
    ids=["does not fit", "no value"],
)
def test_nothing_is_believed_that_does_not_go_through_or_has_no_value(said):
    assert not any("documents" in note for note in parse(FORECAST.format(said)).notes)


def test_an_image_without_numbers_is_left_to_the_usual_ones():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        # x: (B, C, H, W)
        return self.a(x)
"""
    assert parse(text).input_shape is None


CLASSES = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(4, 8)
        self.rnn = nn.GRU(5, 6, batch_first=True)
        self.out = nn.Linear(6 + {} + 1, 3)
    def forward(self, steps, lengths, {}, force):
        packed = pack_padded_sequence(steps, lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.out(torch.cat([h[-1], {}, force], dim=1))
"""
USES = {
    "looked up": (8, "task", "self.emb(task.long())"),
    "one_hot": (4, "labels", "F.one_hot(labels.squeeze(), 4).float()"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_class_beside_a_sequence_is_a_number_for_each_item(use):
    parsed = parse(CLASSES.format(*use))
    assert parsed.input_shape == (32, 5)
    assert parsed.module(torch.empty(2, 32, 5, device="meta")).shape == (2, 3)


def test_a_network_for_one_item_at_a_time_is_given_one():
    text = """
class Actor(nn.Module):
    def __init__(self, state_size=6):
        super().__init__()
        self.a = nn.Linear(state_size, 2)
    def forward(self, state):
        state = state.unsqueeze(0)
        return self.a(state.view(state.shape[0], -1))
"""
    parsed = parse(text)
    assert parsed.input_shape == (6,)
    assert any("one item at a time" in note for note in parsed.notes)
    assert parsed.module(torch.empty(1, 6, device="meta")).shape == (1, 2)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [("nn.Conv2d(2, 16, (classes, 3), padding=(0, 1))", (2, 65, 40)), ("nn.Conv2d(1, 8, (3, 300))", (1, 40, 300))],
)
def test_a_kernel_as_long_as_one_side_tells_that_side(layer, shape):
    text = f"""
class Net(nn.Module):
    def __init__(self, max_len=40, classes=65):
        super().__init__()
        self.a = {layer}
    def forward(self, x):
        return self.a(x).flatten(1)
"""
    module = parse(text).module
    assert next(one for one in candidate_inputs(module) if takes(module, one)) == shape
