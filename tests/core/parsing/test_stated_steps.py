"""How many steps a sequence has: numbers of the text that are called so, positions, one item beside its state."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

NETWORK = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, {arguments}):
        super().__init__()
        {first}
        self.rnn = nn.GRU(6, 8, batch_first={batch_first})
        self.out = nn.Linear(8, 2)

    def forward(self, x):
        out, h = self.rnn({into})
        return self.out(out[:, -1])

"""
ROWS = {"first": "pass", "into": "x"}
TOKENS = {"first": "self.emb = nn.Embedding(90, 6)", "into": "self.emb(x)"}


def _shape(text: str, kind: dict[str, str], arguments: str = "width=8", batch_first: bool = True):
    parsed = parse(NETWORK.format(arguments=arguments, batch_first=batch_first, **kind) + text)
    return parsed.input_shape, any("says how many steps" in note for note in parsed.notes)


@pytest.mark.parametrize(
    "text",
    [
        "seq_len = 50",
        "TIME_STEPS = 50",
        "window_size = 50",
        "lookback = 50",
        "MAX_LEN = 50",
        "max_len, n_steps = 99, 50",
    ],
)
@pytest.mark.parametrize("kind", [ROWS, TOKENS], ids=["rows", "tokens"])
def test_a_number_by_such_a_name_is_the_length(text, kind):
    assert _shape(text, kind) == ((50, *((6,) if kind is ROWS else ())), True)


def test_what_the_network_was_made_with_goes_before_what_the_text_has():
    assert _shape("seq_len = 50\nnet = Net(sequence_length=24)", ROWS, "sequence_length=12") == ((24, 6), True)
    assert _shape("seq_len = 50\nnet = Net()", ROWS, "seq_len=12") == ((12, 6), True)


@pytest.mark.parametrize("text", ["length = 50", "n_epochs = 50", "seq_len = 1", "max_len = 5000", "seq_len = '50'"])
def test_other_numbers_say_nothing(text):
    assert _shape(text, ROWS) == (None, False)


def test_nothing_is_said_where_the_steps_come_before_the_batch():
    assert _shape("seq_len = 50", ROWS, batch_first=False) == (None, False)


def test_a_call_says_more():
    assert _shape("seq_len = 50\nnet = Net()\nnet(torch.zeros(3, 7, 6))", ROWS) == ((7, 6), False)


def test_a_table_of_positions_has_a_row_for_each_step():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(90, 6)
        self.pos_emb = nn.Parameter(torch.zeros(1, 18, 6))
    def forward(self, x):
        return self.emb(x) + self.pos_emb
"""
    assert parse(text).input_shape == (18,)


def test_one_item_as_wide_as_was_said_stands_beside_its_state():
    text = """
class Letters(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.step = nn.Linear(input_size + hidden_size, hidden_size)
    def forward(self, x, hidden):
        return torch.tanh(self.step(torch.cat((x, hidden), 1)))
    def initHidden(self):
        return torch.zeros(1, self.hidden_size)
net = Letters(57, 128)
"""
    parsed = parse(text)
    assert parsed.input_shape == (57,)
    assert parsed.module(torch.empty(1, 57, device="meta")).shape == (1, 128)
