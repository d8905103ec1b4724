"""Keras layers where a text has the channels first: what has no data_format still means Keras's last axis."""

from __future__ import annotations

import pytest
import torch

from core.parsing import materialize, parse
from tests.core.parsing.counting import read

FIRST = "K.set_image_data_format('channels_first')\n"
IMAGE = "i = Input((3, 16, 20))\nx = Conv2D(4, 3, padding='same')(i)\n"


@pytest.mark.parametrize(
    ("layer", "parameters", "shape"),
    [
        ("MaxPooling2D()", 0, (4, 8, 10)),
        ("BatchNormalization(axis=1)", 2 * 4, (4, 16, 20)),
        ("BatchNormalization()", 2 * 20, (20, 4, 16)),
        ("LayerNormalization()", 2 * 20, (20, 4, 16)),
        ("Dense(7)", 20 * 7 + 7, (7, 4, 16)),
        ("ZeroPadding2D(((1, 2), (0, 3)))", 0, (4, 19, 23)),
        ("GlobalAveragePooling2D()", 0, (4,)),
        ("GlobalAveragePooling2D(data_format='channels_last')", 0, (20,)),
        ("PReLU(shared_axes=[2, 3])", 4, (20, 4, 16)),
    ],
)
def test_layers_behind_a_convolution(layer, parameters, shape):
    assert read(f"{FIRST}{IMAGE}net = keras.Model(i, {layer}(x))") == (3 * 9 * 4 + 4 + parameters, shape)


@pytest.mark.parametrize(
    ("layers", "parameters", "shape"),
    [
        ("LSTM(5, return_sequences=True), TimeDistributed(Dense(4))", 4 * ((6 + 5) * 5 + 5) + 24, (4, 12)),
        ("Conv1D(4, 3)", 12 * 3 * 4 + 4, (4, 4)),
        ("Dense(5)", 6 * 5 + 5, (5, 12)),
        ("Reshape((3, 4, 6)), Conv2D(2, 1)", 3 * 2 + 2, (2, 4, 6)),
    ],
)
def test_sequences(layers, parameters, shape):
    assert read(f"{FIRST}net = Sequential([Input((12, 6)), {layers}])") == (parameters, shape)


def test_a_layer_without_the_order_keeps_keras_default():
    """The order that one layer names goes for that layer alone."""
    text = "net = Sequential([Input((3, 16, 20)), Conv2D(4, 3, data_format='channels_first'), {}])"
    assert read(text.format("GlobalMaxPooling2D()"))[1] == (18,)
    assert read(text.format("MaxPooling2D((2, 7), data_format='channels_first')"))[1] == (4, 7, 2)


def test_a_mean_over_the_values_of_each_step_says_nothing_of_the_input():
    text = (
        "net = Sequential([Input((12, 6)), Dense(5), GlobalAveragePooling1D(data_format='channels_first'), Dense(2)])"
    )
    assert read(text) == (6 * 5 + 5 + 12 * 2 + 2, (2,))
    assert parse(text).input_shape == (6, 12)


def test_values_of_a_merge_of_both_orders():
    text = f"{FIRST}{IMAGE}net = keras.Model(i, add([x, LeakyReLU(1.0)(Permute((1, 2, 3))(x))]))"
    net = materialize(parse(text).module, 0)
    x = torch.randn(2, 3, 16, 20)
    assert torch.allclose(net(x), 2 * net.conv2d(x), atol=1e-5)
