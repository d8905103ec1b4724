"""Sequences of many lengths in Paddle's static graphs: their weights are counted as Paddle makes them."""

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse
from core.parsing.dialects.paddle.steps import DynamicRNN

WORDS = """
import paddle.fluid as fluid
words = fluid.data(name="words", shape=[None, 1], dtype="int64", lod_level=1)
emb = fluid.layers.embedding(input=words, size=[100, 12])
{}
"""
EMBEDDED = 100 * 12
NETWORKS = {
    "y = fluid.layers.sequence_pool(emb, 'sum')\nout = fluid.layers.fc(y, 3)": 12 * 3 + 3,
    "y = fluid.layers.fc(emb, 16)\nh, c = fluid.layers.dynamic_lstm(input=y, size=16)\n"
    "out = fluid.layers.sequence_last_step(h)": 12 * 16 + 16 + 4 * 16 + 7 * 4,
    "y = fluid.layers.fc(emb, 16)\nh, c = fluid.layers.dynamic_lstm(y, 16, use_peepholes=False, is_reverse=True)\n"
    "out = fluid.layers.sequence_pool([h][0], 'max')": 12 * 16 + 16 + 4 * 16 + 4 * 4,
    "h = fluid.layers.dynamic_gru(input=emb, size=4)\nout = fluid.layers.sequence_pool(h, 'average')": 4 * 12 + 12,
    "y = fluid.layers.sequence_conv(emb, num_filters=6, filter_size=3, act='tanh')\n"
    "out = fluid.layers.sequence_first_step(y)": 3 * 12 * 6 + 6,
    "out = fluid.nets.sequence_conv_pool(input=emb, num_filters=6, filter_size=4)": 4 * 12 * 6 + 6,
    "y = fluid.layers.fc(input=[emb, emb], size=5)\nout = fluid.layers.sequence_pool(y, 'sqrt')": 2 * 12 * 5 + 5,
    "y = fluid.layers.sequence_pool(emb, 'max')\nz = fluid.layers.fc(y, 12)\nout = fluid.layers.cos_sim(X=y, Y=z)": 12
    * 12
    + 12,
}


@pytest.mark.parametrize(("lines", "count"), NETWORKS.items())
def test_a_sequence_is_read_step_by_step(lines, count):
    parsed = parse(WORDS.format(lines))
    assert sum(p.numel() for p in parsed.module.parameters()) == EMBEDDED + count
    assert parsed.module(torch.zeros(2, 32, dtype=torch.long)).dim() == 2


def test_the_typed_length_is_taken():
    parsed = parse(WORDS.format("h = fluid.layers.dynamic_gru(input=emb, size=4)"), input_shape=(7,))
    assert parsed.module(torch.zeros(2, 7, dtype=torch.long)).shape == (2, 7, 4)


def test_a_width_that_does_not_fit_is_refused():
    with pytest.raises(ParseError, match="4 times as many values"):
        parse(WORDS.format("h, c = fluid.layers.dynamic_lstm(input=emb, size=16)"))


@pytest.mark.parametrize(("gates", "peepholes"), [(4, 0), (4, 3), (3, 0)])
def test_no_step_sees_those_behind_it(gates, peepholes):
    torch.manual_seed(0)
    rnn = DynamicRNN(5, gates, peepholes=peepholes)
    x = torch.randn(2, 6, gates * 5)
    changed = torch.cat([x[:, :4], torch.randn(2, 2, gates * 5)], 1)
    one, other = rnn(x)[0], rnn(changed)[0]
    assert torch.equal(one[:, :4], other[:, :4])
    assert not torch.allclose(one[:, 4], other[:, 4])


def test_a_function_that_returns_a_loss_beside_the_outputs():
    text = """
import paddle.fluid as fluid
def program():
    x = fluid.data("x", [None, 8])
    label = fluid.data("y", [None, 1], "int64")
    predicted = fluid.layers.fc(x, 3, act="softmax")
    loss = fluid.layers.mean(fluid.layers.cross_entropy(predicted, label))
    return [loss, predicted]
"""
    assert sum(p.numel() for p in parse(text).module.parameters()) == 27


@pytest.mark.parametrize("direction", ["forward", "bidirectional"])
def test_lengths_and_directions_of_a_recurrent_layer(direction):
    text = (
        "import paddle\nfrom paddle import nn\n\nclass Net(nn.Layer):\n    def __init__(self):\n"
        f"        super().__init__()\n        self.lstm = nn.LSTM(5, 6, direction='{direction}')\n"
        "        self.fc = nn.Linear(6 * self.lstm.num_directions, 2)\n\n"
        "    def forward(self, x, lengths=None):\n"
        "        out, (h, c) = self.lstm(inputs=x, initial_states=None, sequence_length=lengths)\n"
        "        return self.fc(out[:, -1])\n"
    )
    ways = 2 if direction == "bidirectional" else 1
    parsed = parse(text, input_shape=(7, 5))
    assert sum(p.numel() for p in parsed.module.parameters()) == ways * 4 * (5 * 6 + 6 * 6 + 12) + ways * 6 * 2 + 2
    assert parsed.module(torch.zeros(3, 7, 5, device="meta")).shape == (3, 2)
