"""Keras's Sequential: where its input comes from, and what its layers are before that is known."""

from __future__ import annotations

import pytest

from core.errors import MissingShapeError, ParseError
from core.parsing import parse


def parameters(text):
    return sum(p.numel() for p in parse(text).module.parameters())


def test_layers_taken_over_from_another_sequential_bring_their_input():
    text = """old = keras.Sequential([Input((8, 8, 3)), Conv2D(4, 3), Flatten(), Dense(9)])
old.pop()
net = keras.Sequential(old.layers[:-1])
net.add(Conv2D(2, 1))"""
    parsed = parse(text)
    assert parsed.input_shape == (3, 8, 8)
    assert parameters(text) == 3 * 9 * 4 + 4 + 4 * 2 + 2


ROWS = """import tensorflow as tf
from keras import Sequential, layers
x = tf.random.uniform((1, 9, 9, 1))
net = Sequential([{}, layers.Flatten(), layers.Dense(3)])
"""
GOING_THROUGH = "for layer in net.layers:\n    x = layer(x)\n    print(x.shape)\n"
BUILDING = "count = len(net.layers)\nnet.build((None, 9, 9, 1))\n"


@pytest.mark.parametrize("first", ["layers.Conv2D(4, 3)", "Sequential([layers.Conv2D(4, 3)])"])
@pytest.mark.parametrize("use", [GOING_THROUGH, BUILDING, "count = len(net.layers)\ny = net(x)\n"])
def test_layers_that_are_looked_at_before_their_input_is_known(first, use):
    parsed = parse(ROWS.format(first) + use)
    assert parsed.input_shape == (1, 9, 9)
    assert parameters(ROWS.format(first) + use) == 9 * 4 + 4 + 7 * 7 * 4 * 3 + 3


def test_looking_at_layers_gives_them_no_input():
    for first in ("layers.Conv2D(4, 3)", "Sequential([layers.Conv2D(4, 3)])"):
        with pytest.raises(MissingShapeError):
            parse(ROWS.format(first) + "count = len(net.layers)\n")


BEGUN = """from keras import Sequential, layers
net = Sequential()
body = Sequential([layers.Dense(3, input_shape=(4,))])
net.add(body)
net.add(layers.Dense(5))
"""


def test_what_is_added_to_a_network_that_was_begun_before_it_is_a_part():
    parsed = parse(BEGUN)
    assert (parsed.network, parsed.networks) == ("net", ("body", "net"))
    assert parameters(BEGUN) == 4 * 3 + 3 + 3 * 5 + 5
    assert parse(BEGUN + "body").network == "body"  # which its last line shows


ADDING = """from keras.layers import Dense, Flatten
def widen(model, units):
    model.add(Dense(units))
def build({}, units=4):
    widen(model, units)
    model.add(Dense(2))
"""


@pytest.mark.parametrize("returned", ["", "    return model\n"])
def test_a_function_adds_layers_to_the_model_that_it_is_given(returned):
    text = ADDING.format("model") + returned
    parsed = parse(text, input_shape=(6,))
    assert (parsed.network, "keras.Sequential()" in str(parsed.notes)) == ("build", True)
    assert sum(p.numel() for p in parsed.module.parameters()) == 6 * 4 + 4 + 4 * 2 + 2
    with pytest.raises(MissingShapeError):
        parse(text)


def test_the_input_that_a_layer_within_a_bidirectional_one_states():
    text = "model = Sequential()\nmodel.add(Bidirectional({}))\nmodel.add(Dense(2))\n"
    assert parse(text.format("LSTM(4, input_shape=(5, 3))")).input_shape == (3, 5)
    assert parse(text.format("LSTM(4, input_shape=(5, 3)), input_shape=(7, 6)")).input_shape == (6, 7)


@pytest.mark.parametrize("written", ["Dense(8, 4)", "Dense(8, activation=4.0)", "Conv1D(8, 1, activation=(4, 4))"])
def test_a_number_is_no_activation(written):
    with pytest.raises(ParseError, match="is no activation"):
        parse(f"model = Sequential([Input((5, 3)), {written}])")


@pytest.mark.parametrize("data", ["[...]", "[[0, 1], ...]", "[[...], [...]]"])
def test_an_array_of_dots_stands_for_data(data):
    text = f"import numpy as np\nx = np.array({data})\nmodel = Sequential()\n"
    text += "model.add(LSTM(4, input_shape=(x.shape[1], 1)))\nmodel.fit(x, np.array([...]))\n"
    with pytest.raises(MissingShapeError):
        parse(text)
    assert sum(p.numel() for p in parse(text, input_shape=(1, 9)).module.parameters()) == 4 * (4 + 16 + 4)
