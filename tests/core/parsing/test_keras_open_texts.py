"""Texts of Keras and TensorFlow as pages have them: what they leave open, and what Keras does without a word."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse

KERAS = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers, Model\n"


def count(text, shape=None):
    return sum(p.numel() for p in parse(KERAS + text, input_shape=shape).module.parameters())


def test_keras_gives_training_to_a_call_that_needs_it():
    text = "class Block(layers.Layer):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.dense, self.drop = layers.Dense(4), layers.Dropout(0.1)\n"
    text += "    def call(self, inputs, training):\n        return self.drop(self.dense(inputs), training=training)\n"
    text += "x = keras.Input((3,))\nnet = Model(x, Block()(x))\n"
    assert count(text) == 16


def test_a_reshape_that_mixes_images_is_refused():
    text = "x = keras.Input((6, 6, 2))\nnet = Model(x, layers.Dense(3)(tf.reshape(x, [-1, 9 * 2])))\n"
    with pytest.raises(ParseError, match="4 rows of 3 values for each image"):
        count(text)
    assert count(text.replace("9 * 2", "36 * 2")) == 73 * 3


def test_a_model_that_does_not_say_what_it_computes_offers_what_it_keeps():
    text = "class VAE(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
    text += "        x, z = keras.Input((9,)), keras.Input((2,))\n"
    text += "        self.encoder = Model(x, layers.Dense(2)(x))\n        self.decoder = Model(z, layers.Dense(9)(z))\n"
    text += "        self.whole = Model(x, self.decoder(self.encoder(x)))\n"
    for more in ("", "vae = VAE()\nvae.compile('adam')\n"):
        parsed = parse(KERAS + text + more)
        assert sum(p.numel() for p in parsed.module.parameters()) == 20 + 27
        assert [name.rpartition(".")[2] for name in parsed.networks] == ["encoder", "decoder", "whole"]


def test_a_ready_made_network_gets_an_image_that_is_large_enough():
    text = "net = keras.applications.InceptionV3(include_top=False, pooling='avg', weights=None,\n"
    text += "    input_shape=(IMG_SIZE, IMG_SIZE, 3))\n"
    parsed = parse(KERAS + text)
    assert (parsed.assumed["IMG_SIZE"], parsed.input_shape) == (256, (3, 256, 256))


def test_shapes_of_an_argument_are_those_of_the_typed_input():
    text = "def build(x_train, units):\n    x = layers.Input(batch_shape=[1, x_train.shape[1], x_train.shape[2]])\n"
    text += "    return Model(x, layers.SimpleRNN(units)(x))\n"
    assert count(text, (5, 7)) == 64 * (5 + 64 + 1)


def test_losses_of_the_first_tensorflow_build_nothing():
    text = "class Net:\n    def __init__(self):\n        self.x = tf.placeholder(tf.float32, [None, 6])\n"
    text += "        self.y = tf.layers.dense(self.x, 3)\n        assert self.y.get_shape().as_list() == [None, 3]\n"
    text += "        self.loss = tf.losses.mean_squared_error(labels=1.0, predictions=self.y)\n"
    text += "        self.step = tf.train.AdamOptimizer(0.1).minimize(self.loss)\nnet = Net()\n"
    assert count(text) == 21


def test_an_alias_of_tensorflows_functions_is_no_other_framework():
    text = "import tensorflow.nn as nn\nx = keras.Input((4,))\nnet = Model(x, nn.relu(layers.Dense(2)(x)))\n"
    assert parse(KERAS + text).dialect == "keras"


def test_sizes_that_the_text_states_are_kept_beside_the_typed_ones():
    text = "def build(params):\n    x = layers.Input((params['length'], params['n_feats'], 1))\n"
    text += "    return Model(x, layers.Conv2D(4, 3)(x))\n"
    parsed = parse(KERAS + text, input_shape=(3, 20, 8))
    assert (sum(p.numel() for p in parsed.module.parameters()), parsed.input_shape) == (40, (1, 20, 8))


def test_an_argument_that_the_text_has_a_function_for_is_what_that_gives():
    text = "def create_encoder():\n    return layers.TextVectorization(max_tokens=50, output_sequence_length=7)\n"
    text += "def build(encoder):\n    size = len(encoder.get_vocabulary())\n"
    text += "    return keras.Sequential([encoder, layers.Embedding(size, 4), layers.Flatten(), layers.Dense(2)])\n"
    parsed = parse(KERAS + text)
    assert sum(p.numel() for p in parsed.module.parameters()) == 50 * 4 + 29 * 2
    assert "create_encoder()" in str(parsed.notes)


def test_a_ready_made_body_of_a_keras_text_is_one_of_keras():
    text = "def build(base_model):\n    x = layers.GlobalAveragePooling2D()(base_model.output)\n"
    text += "    return Model(base_model.input, layers.Dense(2)(x))\n"
    assert count(text) == 23_534_592 + 4098


@pytest.mark.parametrize(
    "text",
    [
        "x = keras.Input((*IMG_SIZE, 3))\nnet = Model(x, layers.Conv2D(4, 3)(x))\n",
        "def build(kind):\n    if kind == 3:\n        base = layers.Dense(4)\n    elif kind == 7:\n"
        "        base = layers.Dense(8)\n    x = keras.Input((27,))\n    return Model(x, base(x))\n",
        "    x = layers.Input((27,))\n    net = Model(x, layers.Dense(4)(x))\n    return net\n\nstop = Stop()\n",
    ],
)
def test_what_a_text_leaves_open_is_taken_as_it_is_used(text):
    assert sum(p.numel() for p in parse(text).module.parameters()) == 112


def test_a_class_that_is_told_by_an_output_is_no_network():
    text = "x = tf.placeholder(tf.float32, [None, 6])\nlogits = tf.layers.dense(x, 3)\nbest = tf.argmax(logits, 1)\n"
    parsed = parse(KERAS + text)
    assert parsed.network == "logits"


SUBCLASS = "class Net(keras.Sequential):\n    def __init__(self):\n"


@pytest.mark.parametrize(
    "body",
    [
        "        super().__init__([layers.Dense(3, input_shape=(4,))])\nnet = Net()\n",
        "        super().__init__()\n        self.add(layers.Dense(3, input_shape=(4,)))\nnet = Net()\n",
        "        super().__init__()\n        super().add(layers.Dense(3, input_shape=(4,)))\n"
        "        assert self.output_shape == (None, 3)\nnet = Net()\n",
        "        super().__init__()\n    def fill(self):\n        self.add(layers.Dense(3, input_shape=(4,)))\n"
        "net = Net()\nnet.fill()\nnet.summary()\n",
        "        super().__init__([layers.Dense(3)])\nx = keras.Input((4,))\nnet = Model(x, Net()(x))\n",
    ],
)
def test_a_class_that_inherits_from_sequential(body):
    assert count(SUBCLASS + body) == 15


def test_a_call_of_its_own_comes_before_the_layers_of_a_sequential():
    text = SUBCLASS + "        super().__init__([layers.Dense(3)])\n    def call(self, x):\n"
    text += "        return tf.concat([super().call(x), x], -1)\nx = keras.Input((4,))\n"
    assert count(text + "net = Model(x, layers.Dense(1)(Net()(x)))\n") == 15 + 8


def test_weights_that_are_copied_build_nothing():
    text = "class Agent:\n    def __init__(self, size):\n        self.model, self.target = self.build(), self.build()\n"
    text += "        self.target.set_weights(self.model.get_weights())\n    def build(self):\n"
    text += "        return keras.Sequential([layers.Dense(3, input_dim=4)])\n"
    assert count(text) == 15


def test_an_input_that_a_function_returns_with_its_output_is_no_output():
    text = "def create():\n    x = tf.placeholder(tf.float32, [None, 6])\n    return x, tf.layers.dense(x, 3)\n"
    assert count(text) == 21


def test_data_that_a_function_brings_into_shape_are_the_input():
    text = "def inference(images):\n    x = tf.reshape(images, [-1, 8, 8, 1])\n    return tf.layers.conv2d(x, 4, 3)\n"
    parsed = parse(KERAS + text)
    assert (sum(p.numel() for p in parsed.module.parameters()), parsed.input_shape) == (40, (1, 8, 8))


def test_an_activation_whose_import_is_missing():
    text = "class Net(Model):\n    def __init__(self):\n        super().__init__()\n        self.d = layers.Dense(3)\n"
    text += "    def call(self, x):\n        return tanh(self.d(x))\n"
    assert count(text, (4,)) == 15


def test_the_end_of_a_function_that_makes_layers_is_not_left_out():
    text = "    x = keras.Input((4,))\n    x = layers.Dense(3)(x)\n    return x\n\ndef other():\n    pass\n"
    assert sum(p.numel() for p in parse(text).module.parameters()) == 15


def test_a_function_that_asks_a_network_and_cannot_be_followed_does_not_hide_it():
    text = (
        "from cv2 import resize\nfrom keras import Input, Model\nfrom keras.layers import Dense\n"
        "def build():\n    x = Input((8,))\n    return Model(x, Dense(4)(x))\n"
        "def answers(paths):\n    model = build()\n"
        "    return [model.predict(row) for row in resize(paths)]\n"
    )
    assert (parse(KERAS + text).network, count(text)) == ("build", 36)


@pytest.mark.parametrize("name", ["activation", "hidden_activation"])
def test_an_activation_that_a_function_leaves_open_is_a_usual_one(name):
    text = "from keras.models import Sequential\nfrom keras.layers import Dense\n"
    text += f"def create(neurons, {name}):\n    model = Sequential()\n"
    text += (
        f"    model.add(Dense(neurons, activation={name}, input_dim=4))\n    model.add(Dense(1))\n    return model\n"
    )
    assert [type(layer).__name__ for layer in parse(text).module] == ["Linear", "ReLU", "Linear"]
