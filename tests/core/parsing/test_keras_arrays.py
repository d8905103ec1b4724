"""Functions of arrays in `tf`, `keras.ops` and the backend: shapes and weights as TensorFlow has them."""

import pytest
import torch

from core.parsing import parse

NET = """
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import backend as K
from keras import ops
x = keras.Input({shape})
y = {expression}
net = keras.Model(x, y)
"""
VALUES = {
    "x[:, ::-1]": (3, 6, 8),
    "x[..., 4:0:-2, :]": (3, 6, 2),
    "x[:, -1::-3]": (3, 2, 8),
    "K.maximum(x, 0.0)": (3, 6, 8),
    "tf.minimum(x, 6.0)": (3, 6, 8),
    "tf.maximum(0.2 * x, x)": (3, 6, 8),
    "tf.image.rgb_to_grayscale(x)": (1, 6, 8),
    "tf.image.adjust_brightness(x, 0.1)": (3, 6, 8),
    "ops.fft2((x, x))[0]": (3, 6, 8),
    "ops.rms_normalization(x)": (3, 6, 8),
    "ops.dot_product_attention(x, x, x)": (3, 6, 8),
    "tf.cond(False, lambda: x, lambda: x[:, :2])": (3, 2, 8),
    "K.in_test_phase(x, 0 * x)": (3, 6, 8),
    "tf.nn.max_pool2d(x, 2, 2, 'SAME')": (3, 3, 4),
    "tf.linspace(0.0, 1.0, 3)[1] * x": (3, 6, 8),
}


@pytest.mark.parametrize(("expression", "shape"), VALUES.items())
def test_a_function_gives_the_shape_that_tensorflow_gives(expression, shape):
    parsed = parse(NET.format(shape=(6, 8, 3), expression=expression + "\ny = keras.layers.ReLU()(y)"))
    assert parsed.module(torch.zeros(2, 3, 6, 8, device="meta")).shape == (2, *shape)


LAYER = """
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import backend as K
from keras import ops
class Own(keras.layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(name="w", shape={weight})
        self.v = self.add_weight(name="v", shape={other})
    def call(self, x):
        return {expression}
net = keras.Sequential([Own(input_shape=(9, 8, 3)), keras.layers.ReLU()])
"""
WINDOWS = {  # of TensorFlow 2.21
    "K.conv2d(x, self.w, strides=(2, 2), padding='same')": ((3, 3, 3, 5), (5, 5, 4)),
    "tf.nn.conv2d(x, self.w, 1, 'VALID', dilations=2)": ((3, 3, 3, 5), (5, 5, 4)),
    "tf.nn.atrous_conv2d(x, self.w, 2, 'SAME')": ((3, 3, 3, 5), (5, 9, 8)),
    "tf.nn.depthwise_conv2d(x, self.w, [1, 2, 2, 1], 'SAME')": ((3, 3, 3, 2), (6, 5, 4)),
    "ops.conv(x, self.w, strides=2, padding='valid')": ((3, 3, 3, 5), (5, 4, 3)),
    "tf.nn.conv2d_transpose(x, self.w, [2, 18, 16, 5], 2)": ((3, 3, 5, 3), (5, 18, 16)),
    "ops.conv_transpose(x, self.w, 2)": ((3, 3, 5, 3), (5, 19, 17)),
}


@pytest.mark.parametrize(("expression", "weight", "shape"), [(k, *v) for k, v in WINDOWS.items()])
def test_convolutions_over_own_weights(expression, weight, shape):
    parsed = parse(LAYER.format(weight=weight, other=(1,), expression=f"{expression} + self.v"))
    assert parsed.module(torch.zeros(2, 3, 9, 8, device="meta")).shape == (2, *shape)
    assert sum(p.numel() for p in parsed.module.parameters()) == torch.Size(weight).numel() + 1


def test_a_separable_convolution_over_own_weights():
    call = "tf.nn.separable_conv2d(x, self.w, self.v, [1, 1, 1, 1], 'SAME')"
    parsed = parse(LAYER.format(weight=(3, 3, 3, 2), other=(1, 1, 6, 7), expression=call))
    assert parsed.module(torch.zeros(2, 3, 9, 8, device="meta")).shape == (2, 7, 9, 8)
    assert sum(p.numel() for p in parsed.module.parameters()) == 54 + 42


def test_a_batch_norm_and_a_lookup_over_own_weights():
    call = "tf.nn.batch_normalization(x, 0.0, 1.0, self.w, self.v, 1e-3)"
    parsed = parse(LAYER.format(weight=(3,), other=(3,), expression=call))
    assert parsed.module(torch.zeros(2, 3, 9, 8, device="meta")).shape == (2, 3, 9, 8)
    assert sum(p.numel() for p in parsed.module.parameters()) == 6
    words = parse(
        "import tensorflow as tf\nx = tf.placeholder(tf.int32, [None, 7])\n"
        "table = tf.Variable(tf.random_uniform([20, 5]))\ny = tf.nn.embedding_lookup(table, x)\n"
        "out = tf.layers.dense(tf.reduce_mean(y, 1), 2)"
    )
    assert sum(p.numel() for p in words.module.parameters()) == 20 * 5 + 5 * 2 + 2


def test_lambda_takes_its_arguments_and_a_network_keeps_notes():
    text = """
import os
from keras.layers import *
from keras.models import Model
def scaled(x, scale, shift=0):
    return x * scale + shift
def build(weights="none.h5"):
    if not (weights in {"imagenet"} or os.path.exists(weights)):
        raise ValueError("no such file")
    x = Input((8, 8, 3))
    y = Lambda(scaled, arguments={"scale": 0.1})(Conv2D(4, 3)(x))
    model = Model(x, y)
    model.mode = "tf"
    if os.path.exists(os.path.join("a", weights)):
        model.load_weights(weights)
    return model
build.__doc__ = "A network."
"""
    parsed = parse(text)
    assert parsed.network == "build"
    assert parsed.module(torch.zeros(2, 3, 8, 8, device="meta")).shape == (2, 4, 6, 6)


def test_a_network_that_is_built_by_hand_has_that_input():
    text = """
import keras
class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.unused = (keras.layers.Dense(n) for n in (4, 2, 1))
    def build(self, shape):
        self.a.build(shape)
        self.b.build(self.a.compute_output_shape(shape))
    def call(self, inputs):
        return self.b(self.a(inputs=inputs))
net = Own()
net.build((None, 3))
"""
    parsed = parse(text)
    assert parsed.input_shape == (3,)
    assert sum(p.numel() for p in parsed.module.parameters()) == 3 * 4 + 4 + 4 * 2 + 2


def test_channels_that_are_left_open_are_typed():
    parsed = parse("import keras\nx = keras.Input((None, None))\nnet = keras.Model(x, keras.layers.LSTM(3)(x))",
                   input_shape=(5, 20))  # fmt: skip
    assert parsed.input_shape == (5, 20)


def test_how_many_values_come_out_is_a_number():
    text = """
from tensorflow import keras
from tensorflow.keras.layers import *
class Net(keras.Model):
    def __init__(self, input_shape, output_shape):
        super().__init__()
        self.out = Dense(output_shape)
    def call(self, x):
        return self.out(Flatten()(x))
"""
    parsed = parse(text, input_shape=(1, 4, 4))
    assert sum(p.numel() for p in parsed.module.parameters()) == 16 * 10 + 10
