"""Keras's texts as input, and Keras's code as people leave it: parts without imports, functions without bodies."""

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse

KERAS = "from tensorflow import keras\nfrom tensorflow.keras import layers\n"
EMBEDDED = 1000 * 8 + 8 * 3 + 3


def count(parsed):
    return sum(p.numel() for p in parsed.module.parameters())


@pytest.mark.parametrize(
    "inputs",
    [
        "vectorizer",
        "layers.Input(shape=(), dtype=tf.string), vectorizer",
        "keras.Input((1,), dtype='string'), vectorizer",
    ],
)
def test_a_network_of_texts_begins_behind_their_indices(inputs):
    text = KERAS + "import tensorflow as tf\nvectorizer = layers.TextVectorization(1000, output_sequence_length=12)\n"
    text += "vectorizer.adapt(texts)\nwords = len(vectorizer.get_vocabulary())\n"
    behind = "layers.Embedding(words, 8), layers.GlobalAveragePooling1D(), layers.Dense(3)"
    text += f"net = keras.Sequential([{inputs}, {behind}])"
    parsed = parse(text)
    assert parsed.input_shape == (12,)
    assert count(parsed) == EMBEDDED
    assert any("TextVectorization is left out" in note for note in parsed.notes)


def test_a_bag_of_words_has_a_number_for_each_word():
    text = KERAS + "i = keras.Input((1,), dtype='string')\n"
    text += "v = layers.TextVectorization(max_tokens=500, output_mode='multi_hot')\n"
    text += "net = keras.Model(i, layers.Dense(4)(v(i)))\n"
    assert parse(text).input_shape == (500,)
    with pytest.raises(ParseError, match="max_tokens"):
        parse(text.replace("max_tokens=500, ", ""))


def test_texts_come_first():
    text = KERAS + "i = keras.Input((4,))\nx = layers.Dense(5)(i)\nv = layers.TextVectorization(9)\n"
    with pytest.raises(ParseError, match="which no layer gives"):
        parse(text + "net = keras.Model(i, layers.Dense(2)(v(x)))\n")


def test_short_names_of_modules_that_are_not_imported():
    text = "x = kl.Input((4,))\ny = kl.Dense(3)(x)\nnet = km.Model(x, y)\n"
    assert count(parse(text)) == 15
    with pytest.raises(ParseError):
        parse(text.replace("kl.Dense", "kl.Mystery"))


def test_a_function_that_is_elsewhere_gives_the_shape_that_its_layer_states():
    text = KERAS + "x = keras.Input((4,))\na = layers.Dense(2)(x)\nb = layers.Dense(2)(x)\n"
    text += "z = layers.Lambda(sampling, output_shape=(2,))([a, b])\nnet = keras.Model(x, layers.Dense(3)(z))\n"
    parsed = parse(text)
    assert count(parsed) == 10 + 10 + 9
    with pytest.raises(ParseError, match="sampling"):
        parse(text.replace(", output_shape=(2,)", ""))


def test_a_layer_that_is_built_by_hand_has_the_shape_of_its_input():
    text = KERAS + "class Two(layers.Layer):\n    def build(self, shape):\n        self.a = layers.Conv1D(6, 3)\n"
    text += "        self.a.build(shape)\n        self.b = layers.Dense(self.a.compute_output_shape(shape)[-1])\n"
    text += "    def call(self, x):\n        return self.b(self.a(x))\n"
    text += "net = keras.Sequential([keras.Input((9, 2)), Two()])\n"
    parsed = parse(text)
    assert count(parsed) == (2 * 3 * 6 + 6) + (6 * 6 + 6)
    assert parsed.module.eval()(torch.empty(2, 2, 9, device="meta")).shape == (2, 6, 7)


def test_one_direction_of_another_layer_is_refused():
    text = "net = keras.Sequential([keras.Input((5, 3)), layers.Bidirectional(layers.LSTM(4){})])\n"
    assert count(parse(KERAS + text.format(""))) == 2 * 4 * 4 * (3 + 4 + 1)
    with pytest.raises(ParseError, match="backward_layer"):
        parse(KERAS + text.format(", backward_layer=layers.GRU(4, go_backwards=True)"))


def test_an_apostrophe_in_a_sentence_ends_no_string():
    text = "Now let's build it:\n\nimport keras\n\nFor example, let's take a layer.\nIt's small.\n\n"
    assert count(parse(text + "net = keras.Sequential([keras.layers.Dense(3, input_shape=(4,))])\n")) == 15


def test_a_token_is_put_before_the_steps_of_each_image():
    text = KERAS + "import tensorflow as tf\nclass Token(layers.Layer):\n    def build(self, shape):\n"
    text += "        self.w = self.add_weight(shape=(1, 1, shape[-1]))\n    def call(self, x):\n"
    text += "        w = {}\n        return tf.concat([w, x], axis=1)\n"
    text += "net = keras.Sequential([keras.Input((9, 4)), Token()])\n"
    for spread in ("tf.broadcast_to(self.w, [tf.shape(x)[0], 1, 4])", "tf.repeat(self.w, tf.shape(x)[0], axis=0)"):
        parsed = parse(text.format(spread))
        assert count(parsed) == 4
        assert parsed.module.eval()(torch.empty(3, 4, 9, device="meta")).shape == (3, 4, 10)
    with pytest.raises(ParseError):
        parse(text.format("tf.tile(self.w, [7, 1, 1])"))


def test_cells_are_run_by_rnn_and_layers_for_a_gpu_have_two_biases():
    text = KERAS + "net = keras.Sequential([keras.Input((10, 4)), {}])\n"
    assert count(parse(text.format("layers.RNN([layers.GRUCell(4), layers.LSTMCell(5)])"))) == 120 + 200
    assert count(parse(text.format("layers.CuDNNLSTM(8)"))) == 4 * 8 * (4 + 8 + 2)
    with pytest.raises(ParseError, match="RNN takes"):
        parse(text.format("layers.RNN(layers.Dense(3))"))


def test_layers_stand_in_keras_earlier_places_too():
    text = KERAS + "from tensorflow.keras.layers.experimental import preprocessing\nnet = keras.Sequential([\n"
    text += "    layers.experimental.preprocessing.RandomFlip('horizontal', input_shape=(8, 8, 3)),\n"
    text += "    preprocessing.Rescaling(1 / 255), layers.Conv2D(2, 3)])\n"
    assert count(parse(text)) == 2 * 27 + 2


@pytest.mark.parametrize(
    ("layer", "slip"),
    [
        ("layers.LSTM(4, return_sequence=True)", "the nearest is return_sequences"),
        ("layers.CuDNNGRU(4, activation='relu')", "activation is no argument of CuDNNGRU"),
        ("layers.CuDNNLSTM(4, recurrent_dropout=0.2)", "recurrent_dropout is no argument of CuDNNLSTM"),
        ("layers.Bidirectional(layers.GRU(4), merge='sum')", "merge is no argument of Bidirectional"),
        ("layers.Embedding(9, 4, input_lenght=3)", "the nearest is input_length"),
    ],
)
def test_an_argument_that_a_layer_does_not_have_is_a_slip(layer, slip):
    with pytest.raises(ParseError, match=slip):
        parse(KERAS + f"net = keras.Sequential([keras.Input((5, 3)), {layer}])\n")


def test_three_numbers_of_a_convolution_are_today_s_or_refused():
    text = KERAS + "net = keras.Sequential([layers.{}, layers.Flatten(), layers.Dense(1)])\n"
    parsed = parse(text.format("Conv2D(2, 3, 3, input_shape=(9, 9, 1))"))
    assert count(parsed) == 20 + 2 * 9 + 1
    assert any("strides of 3" in note for note in parsed.notes)
    with pytest.raises(ParseError, match="Keras 1's order"):
        parse(text.format("Convolution2D(2, 3, 3, input_shape=(9, 9, 1))"))
    assert count(parse(text.format("Convolution2D(2, (3, 3), input_shape=(9, 9, 1))"))) == 20 + 2 * 49 + 1


def test_an_argument_that_is_the_shape_of_an_input_is_the_typed_one():
    text = KERAS + "def net(size):\n    x = keras.Input(shape=size)\n    return keras.Model(x, layers.Dense(3)(x))\n"
    assert count(parse(text, input_shape=(5, 7))) == 18
    text = KERAS + "def net(size):\n    return keras.Sequential([layers.Conv1D(2, 3, input_shape=size)])\n"
    assert count(parse(text, input_shape=(5, 7))) == 32


def test_the_backend_needs_no_import_and_counted_layers_are_few():
    text = KERAS + "def net(n_stack, config):\n    x = keras.Input((6,))\n    y = x\n    for _ in range(n_stack):\n"
    text += "        y = layers.Dropout(config.dropoutKeepProb)(layers.Dense(6)(y))\n"
    text += "    return keras.Model(x, layers.Lambda(lambda t: backend.tanh(t))(y))\n"
    parsed = parse(text)
    assert (count(parsed), parsed.assumed["n_stack"]) == (2 * 42, 2)


def test_a_wrapper_names_why_what_it_wraps_is_unknown():
    text = KERAS + "x = keras.Input((6,))\nnet = keras.Model(input=x, output=x)\n"
    text += "y = layers.TimeDistributed(net)(keras.Input((4, 6)))\nlast = layers.Dense(2)(y)\n"
    with pytest.raises(ParseError, match="Keras 1's name"):
        parse(text)
