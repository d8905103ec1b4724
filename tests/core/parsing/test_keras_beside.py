"""What stands beside the network in a text of Keras: a second input, a head without a Model, layers that prepare."""

from __future__ import annotations

import ast

import pytest

from core.errors import ParseError
from core.parsing import parse
from core.parsing.dialects.keras.data_format import is_channels_first
from tests.core.parsing.counting import read

KERAS = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers, Model\n"
ATTENTION = (
    KERAS
    + """
class Attend(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.query, self.key = layers.Dense(units), layers.Dense(units)

    def call(self, hidden, values):
        return tf.nn.tanh(self.query(tf.expand_dims(hidden, 1)) + self.key(values))
"""
)
DECODER = (
    ATTENTION
    + """
class Decoder(Model):
    def __init__(self, vocab_size, units):
        super().__init__()
        self.units = units
        self.embedding, self.attend = layers.Embedding(vocab_size, 8), Attend(units)

    def call(self, x, state, enc_output):
        return self.attend(state, enc_output), self.embedding(x)
"""
)


def test_a_call_with_a_state_gets_one_as_wide_as_the_object_says():
    parsed = parse(DECODER, input_shape=(1,))
    assert sum(p.numel() for p in parsed.module.parameters()) == 8000 + 2 * (64 * 64 + 64)


def test_the_second_input_of_a_call_in_the_text_is_kept():
    text = ATTENTION + "attend = Attend(10)\nout = attend(tf.random.normal((4, 20)), tf.random.normal((4, 7, 30)))\n"
    parsed = parse(text)
    assert sum(p.numel() for p in parsed.module.parameters()) == 210 + 310
    assert parsed.input_shape == (20,)


def test_a_head_without_a_model_is_the_network():
    text = "vgg = keras.applications.VGG16(weights=None)\nx = vgg.layers[-2].output\nend = layers.Dense(2)(x)\n"
    parsed = parse(KERAS + text)
    assert parsed.network == "end"
    assert sum(p.numel() for p in parsed.module.parameters()) == 134_260_544 + 2 * 4097


def test_a_batch_norm_among_layers_that_vary_images_only_prepares():
    text = KERAS + "vary = keras.Sequential([layers.BatchNormalization(), layers.RandomFlip('horizontal')])\n"
    text += "def build(units):\n    x = keras.Input((4, 4, 1))\n"
    text += "    return Model(x, layers.Dense(units)(layers.Flatten()(vary(x))))\n"
    assert parse(text).network == "build"


def test_an_open_padding_of_keras_is_a_word():
    text = KERAS + "def build(filters, padding):\n    x = keras.Input((8, 8, 3))\n"
    text += "    return Model(x, layers.Conv2D(filters, 3, padding=padding, activation='relu')(x))\n"
    assert read(text) == (64 * 27 + 64, (64, 8, 8))


@pytest.mark.parametrize("package", ["keras_core", "tf_keras"])
def test_other_packages_of_keras_have_its_layers(package):
    text = f"from {package} import layers, ops, Model, Input\nx = Input((3,))\n"
    assert read(text + "net = Model(x, ops.relu(layers.Dense(4)(x)))\n") == (16, (4,))


def test_what_is_done_only_for_the_other_order_sets_none():
    text = "if K.image_data_format() == 'channels_first':\n    convert(weights, 'channels_first')\n"

    assert not is_channels_first(ast.parse(text))
    assert is_channels_first(ast.parse(text + "Conv2D(8, 3, data_format='channels_first')"))


def test_windows_of_several_columns_are_an_array_of_them():
    text = "from numpy import array, hstack\nfrom keras import layers, Sequential\n"
    text += "one = array([1, 2, 3, 4, 5, 6])\ntable = hstack((one.reshape((6, 1)), one.reshape((6, 1))))\n"
    text += "rows = array([table[n : n + 3, :] for n in range(3)])\n"
    text += "net = Sequential([layers.Dense(rows.shape[0] * rows.shape[2], input_shape=(rows.shape[1],))])\n"
    assert read(text) == (24, (6,))


MERGED = (
    KERAS + "x = keras.Input((9, 9, 2))\na, b = layers.Conv2D(4, 1, strides=2)(x), layers.Conv2D(4, 3, strides=2)(x)\n"
)


def test_outputs_that_cannot_be_merged_are_refused():
    with pytest.raises(ParseError, match="concatenate"):
        parse(MERGED + "out = layers.concatenate([a, b], axis=-1)\n")
    assert read(MERGED + "out = layers.concatenate([a, a], axis=-1)\n") == (2 * 4 + 4, (8, 5, 5))


@pytest.mark.parametrize("end", ["crf = CRF(3)\nout = crf(h)\n", "out = CRF(3)(h)\n"])
def test_a_layer_that_nobody_knows_is_not_left_out_at_the_end(end):
    text = KERAS + "from elsewhere import CRF\nx = keras.Input((5,))\nh = layers.Dense(4)(x)\n"
    with pytest.raises(ParseError, match="CRF"):
        parse(text + end)
    assert read(text + "scores = decode(h)\n") == (24, (4,))


def test_a_model_without_a_call_offers_what_its_methods_build():
    text = KERAS + "class Net(Model):\n    def __init__(self):\n        super().__init__()\n"
    text += "    def build_model(self):\n        x = keras.Input((3,))\n        return Model(x, layers.Dense(4)(x))\n"
    assert (parse(text).network, read(text)) == ("Net.build_model", (16, (4,)))


def test_a_call_that_is_only_compiled_stays_the_same():
    text = KERAS + "x = keras.Input((3,))\nnet = Model(x, layers.Dense(4)(x))\nnet.call = tf.function(net.call)\n"
    assert read(text) == (16, (4,))


def test_what_a_loop_over_steps_goes_through_is_the_input():
    text = "import tensorflow as tf\ndef rnn(data, units):\n    cell = tf.nn.rnn_cell.GRUCell(units)\n"
    text += "    start = cell.zero_state(tf.shape(data)[0], tf.float32)\n"
    text += "    return tf.nn.dynamic_rnn(cell, data, initial_state=start)[0]\n"
    assert read(text, input_shape=(5, 7)) == (3 * 64 * (5 + 64 + 1), (64, 7))
