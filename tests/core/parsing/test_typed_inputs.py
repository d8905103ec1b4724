"""What a typed input tells about numbers that the text leaves open."""

from __future__ import annotations

import pytest

from core.parsing import parse
from core.parsing.inputs.trial import takes

IMAGES = """
import torch.nn as nn

class Net(nn.Module):
    def __init__(self, in_channels, img_size, num_classes):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.fc = nn.Linear(4 * img_size * img_size, num_classes)

    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))
"""
STEPS = """
from paddle import nn

def build(input_size, hidden_size):
    return nn.Sequential(nn.Linear(input_size, hidden_size), nn.ReLU(), nn.Linear(hidden_size, 2))
"""
CELL = "import torch.nn as nn\nnet = nn.Sequential(nn.Flatten(), nn.Linear(n_features, 5))"
KERAS = """
def create(input_shape=(H, W, 1)):
    return Sequential([Conv2D(4, 3, input_shape=input_shape), Flatten(), Dense(2)])
"""


@pytest.mark.parametrize(
    ("text", "typed", "values"),
    [
        (IMAGES, (1, 28, 28), {"in_channels": 1, "img_size": 28, "num_classes": 10}),
        (IMAGES, (3, 20, 20), {"in_channels": 3, "img_size": 20, "num_classes": 10}),
        (STEPS, (9, 7), {"input_size": 7, "hidden_size": 64}),
        (CELL, (3, 4, 5), {"n_features": 60}),
        (KERAS, (1, 28, 20), {"H": 28, "W": 20}),
    ],
)
def test_the_typed_input_goes_through(text, typed, values):
    parsed = parse(text, input_shape=typed)
    assert parsed.assumed == values
    assert takes(parsed.module, typed)


def test_a_note_says_why():
    notes = parse(IMAGES, input_shape=(1, 28, 28)).notes
    assert "in_channels is 1 and img_size is 28, as the typed input needs it." in notes
    assert not any(note.startswith("in_channels has no value") for note in notes)


def test_what_a_person_has_set_stays():
    parsed = parse(IMAGES, input_shape=(1, 28, 28), values={"in_channels": 3})
    assert parsed.assumed["in_channels"] == 3


def test_what_nothing_can_be_made_of_stays_as_usual():
    assert parse(STEPS, input_shape=(3, 8, 9), values={"input_size": 5}).assumed == {"input_size": 5, "hidden_size": 64}
    assert parse(CELL.replace("n_features", "6"), input_shape=(5,)).assumed == {}


def test_the_real_network_has_the_same_numbers():
    parsed = parse(IMAGES, "cpu", (1, 6, 6))
    assert parsed.module.conv.weight.shape[1] == 1
    assert parsed.module.fc.weight.shape[1] == 4 * 36


TOKENS = """
import paddle

class Net(paddle.nn.Layer):
    def __init__(self, vocab_size, embed_dim, context_size):
        super().__init__()
        self.embedding = paddle.nn.Embedding(vocab_size, embed_dim)
        self.head = paddle.nn.Linear(context_size * embed_dim, vocab_size)

    def forward(self, x):
        return self.head(self.embedding(x).flatten(1))
"""


def test_only_what_is_of_the_input_changes():
    assumed = {"vocab_size": 1000, "embed_dim": 64, "context_size": 5}
    assert parse(TOKENS, input_shape=(5,)).assumed == assumed


STATED = """
import torch.nn as nn
{above}
class Net(nn.Module):
    def __init__(self, input_dim, hidden=8):
        super().__init__()
        self.first = nn.Linear(input_dim, hidden)

    def forward(self, x):
        return self.first(x)

class Agent:
    def __init__(self, width):
        self.net = Net({given})
"""


@pytest.mark.parametrize(("above", "given"), [("", "9"), ("input_dim = 9", "width")])
def test_what_the_text_says_stays(above, given):
    parsed = parse(STATED.format(above=above, given=given), input_shape=(4,), network="Net")
    assert parsed.module.first.in_features == 9
