"""A typed input where the text leaves its own sizes open."""

from __future__ import annotations

import pytest

from core.parsing import parse

KERAS = "from keras import layers, Sequential\n"
IMAGE = KERAS + "def build(width, height, depth, classes):\n"
IMAGE += "    return Sequential([layers.Input((height, width, depth)), layers.Flatten(), layers.Dense(classes)])\n"
STEPS = (
    KERAS + "net = Sequential([layers.LSTM(8, input_shape=(time_steps, num_features)), layers.Dense(num_features)])\n"
)


@pytest.mark.parametrize(
    ("text", "typed", "assumed"),
    [
        (IMAGE, (1, 28, 28), {"width": 28, "height": 28, "depth": 1}),
        (IMAGE, (3, 20, 40), {"width": 40, "height": 20, "depth": 3}),
        (STEPS, (5, 60), {"time_steps": 60, "num_features": 5}),
    ],
)
def test_open_sizes_are_those_that_are_typed(text, typed, assumed):
    parsed = parse(text, input_shape=typed)
    assert parsed.input_shape == typed
    assert parsed.assumed.items() >= assumed.items()
    real = parse(text, "cpu", input_shape=typed)
    assert [p.shape for p in real.module.parameters()] == [p.shape for p in parsed.module.parameters()]


def test_sizes_that_the_text_states_stay():
    text = KERAS + "net = Sequential([layers.Dense(num_units, input_shape=(64,))])\n"
    parsed = parse(text, input_shape=(9,))
    assert (parsed.input_shape, parsed.assumed) == ((64,), {"num_units": 64})


def test_a_value_that_is_given_is_not_replaced():
    parsed = parse(IMAGE, input_shape=(1, 28, 28), values={"width": 30})
    assert parsed.assumed["width"] == 30


def test_a_block_with_a_sum_around_it_is_as_wide_as_its_input():
    text = "import tensorflow as tf\nclass Block(tf.keras.Model):\n    def __init__(self, channels):\n"
    text += "        super().__init__()\n        self.conv = tf.keras.layers.Conv2D(channels, 3, padding='same')\n"
    text += "    def call(self, x):\n        return x + self.conv(x)\n"
    parsed = parse(text, input_shape=(16, 8, 8))
    assert (parsed.assumed, parsed.input_shape) == ({"channels": 16}, (16, 8, 8))


def test_the_shape_that_a_layer_behind_an_embedding_states_is_not_that_of_words():
    text = KERAS + "net = Sequential([layers.Embedding(50, 4, batch_size=1),\n"
    text += "    layers.GRU(6, batch_input_shape=(1, None, 4), stateful=True)])\n"
    assert parse(text, input_shape=(20,)).input_shape == (20,)


@pytest.mark.parametrize("sides", ["IMAGE_SIZE", "data_config.IMAGE_SIZE", "cfg.img_size"])
def test_an_open_image_size_spread_in_a_shape_has_two_sides(sides):
    text = KERAS + f"def build(input_shape=(*{sides}, 3)):\n"
    text += "    return Sequential([layers.Input(input_shape), layers.Conv2D(8, 3)])\n"
    assert parse(text).input_shape == (3, 32, 32)
