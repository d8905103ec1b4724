"""Keras's Sequential: where its input comes from, and what its layers are before that is known."""

from __future__ import annotations

import pytest

from core.errors import MissingShapeError
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
