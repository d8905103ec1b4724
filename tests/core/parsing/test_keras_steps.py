"""Keras layers over the steps of a sequence: convolutional LSTMs, two directions, indices of several axes."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import materialize, parse


def built(text):
    return materialize(parse(text).module, 0)


@pytest.mark.parametrize(
    ("layer", "shape", "output"),
    [
        ("ConvLSTM1D(4, 3)", (5, 8, 2), (4, 6)),
        ("ConvLSTM2D(4, 3, strides=2, return_sequences=True)", (5, 9, 8, 2), (4, 5, 4, 3)),
        ("ConvLSTM2D(4, (3, 5), strides=(2, 1), padding='same')", (5, 9, 8, 2), (4, 5, 8)),
        ("ConvLSTM3D(4, (1, 3, 3), dilation_rate=(1, 2, 2))", (3, 4, 8, 9, 2), (4, 4, 4, 5)),
    ],
)
def test_convolutional_lstms(layer, shape, output):
    parsed = parse(f"net = keras.Sequential([Input({shape}), {layer}])")
    size = {"ConvLSTM1D": 3, "ConvLSTM2D": 9, "ConvLSTM3D": 9}[layer[:10]] if "5)" not in layer else 15
    assert sum(p.numel() for p in parsed.module.parameters()) == 16 * (size * (2 + 4) + 1)
    assert parsed.module(torch.zeros(2, *parsed.input_shape, device="meta")).shape[1:] == output


def test_states_of_a_convolutional_lstm():
    net = built("i = Input((3, 6, 6, 2))\nnet = keras.Model(i, ConvLSTM2D(4, 3, return_state=True)(i))")
    output, last, cell = net(torch.randn(2, 2, 3, 6, 6))
    assert torch.equal(output, last)
    assert cell.shape == last.shape == (2, 4, 4, 4)


def test_both_directions_apart():
    text = "i = Input((9, 8))\nf, b = Bidirectional(LSTM(4, return_sequences=True), merge_mode=None)(i)\n"
    net = built(f"{text}net = keras.Model(i, [f, b, Concatenate()([f, b])])")
    forth, back, both = net(torch.randn(2, 8, 9))
    assert forth.shape == back.shape == (2, 4, 9)
    assert torch.equal(torch.cat([forth, back], 1), both)


def test_a_backward_layer_like_the_other_one():
    text = "net = Sequential([Input((9, 8)), Bidirectional(GRU(4), backward_layer=GRU({}, go_backwards=True))])"
    assert sum(p.numel() for p in parse(text.format(4)).module.parameters()) == 2 * 3 * (8 * 4 + 4 * 4 + 2 * 4)
    with pytest.raises(ParseError, match="backward_layer of Bidirectional is read where it is like the other one"):
        parse(text.format(5))


def test_indices_in_rows():
    """Keras's (3, 12) indices become (3, 12, 5) values, kept with the channels in front."""
    net = built("i = Input((3, 12))\nnet = keras.Model(i, Embedding(20, 5)(i))")
    indices = torch.randint(0, 20, (2, 3, 12))
    table = next(net.parameters())
    assert torch.equal(net(indices.movedim(-1, 1)), table[indices].movedim(-1, 1))


@pytest.mark.parametrize(
    ("settings", "shape"),
    [("1000, 8, input_length=20", (20,)), ("input_dim=1000, output_dim=8, input_length=20", (20,))],
)
def test_length_of_indices_is_not_the_number_of_words(settings, shape):
    assert parse(f"net = keras.Sequential([Embedding({settings}), LSTM(4)])").input_shape == shape
    open_one = parse("net = keras.Sequential([Embedding(input_dim=1000, output_dim=8), LSTM(4)])", input_shape=(7,))
    assert open_one.input_shape == (7,)


def test_vectors_of_length_one():
    net = built("i = Input((4, 6))\nnet = keras.Model(i, UnitNormalization()(i))")
    assert torch.allclose(net(torch.randn(2, 6, 4)).norm(dim=1), torch.ones(2, 4), atol=1e-5)


def test_softmax_along_an_axis():
    net = built("i = Input((4, 6))\nnet = keras.Model(i, Softmax(axis=1)(i))")
    assert torch.allclose(net(torch.randn(2, 6, 4)).sum(2), torch.ones(2, 6), atol=1e-5)
