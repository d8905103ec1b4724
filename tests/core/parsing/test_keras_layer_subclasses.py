"""Classes of a text that inherit from a layer of Keras, and what a text asks layers and networks for."""

from __future__ import annotations

import pytest
import torch

from core.parsing import materialize, parse

KERAS = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n"
END = "x = keras.Input((8, 6))\nnet = keras.Model(x, L{}(x))\n"


def count(parsed):
    return sum(parameter.numel() for parameter in parsed.module.parameters())


OWN_CALL = "class L(layers.Dense):\n    def call(self, x):\n        return super().call(x) * 2 + self.units\n"
OWN_INIT = "class L(layers.Dense):\n    def __init__(self, units, **kwargs):\n"
OWN_INIT += (
    "        super().__init__(units, use_bias=False, **kwargs)\n        self.norm = layers.LayerNormalization()\n"
)
OWN_INIT += "    def call(self, x):\n        return self.norm(super(L, self).call(x))\n"
EMPTY = "class L(layers.Dense):\n    pass\n"


@pytest.mark.parametrize(("text", "parameters"), [(OWN_CALL, 21), (OWN_INIT, 18 + 6), (EMPTY, 21)])
def test_a_class_that_inherits_from_a_layer(text, parameters):
    assert count(parse(KERAS + text + END.format("(3)"))) == parameters


def test_what_its_own_call_computes():
    net = materialize(parse(KERAS + OWN_CALL + END.format("(3)")).module, 0).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
        assert torch.equal(net(torch.rand(2, 6, 8)), torch.full((2, 3, 8), 3.0))


def test_a_norm_that_never_trains():
    text = "class L(layers.BatchNormalization):\n    def call(self, x, training=False):\n"
    text += "        return super().call(x, training)\n"
    assert count(parse(KERAS + text + END.format("(name='bn')"))) == 12


def test_a_wrapper_of_the_text():
    text = "class L(layers.Wrapper):\n    def __init__(self, layer, **kwargs):\n"
    text += "        super().__init__(layer, **kwargs)\n    def call(self, x):\n        return self.layer(x) + 1\n"
    assert count(parse(KERAS + text + END.format("(layers.Dense(3))"))) == 21


@pytest.mark.parametrize("shape", ["()", "[]"])
def test_a_weight_that_is_one_number(shape):
    text = "class L(layers.Layer):\n    def build(self, input_shape):\n"
    text += f"        self.gamma = self.add_weight(shape={shape}, initializer='ones')\n"
    text += "    def call(self, x):\n        return x * self.gamma\n"
    net = materialize(parse(KERAS + text + END.format("()")).module, 0)
    assert [tuple(p.shape) for p in net.parameters()] == [()]
    assert torch.equal(net(torch.ones(2, 6, 8)), torch.ones(2, 6, 8))


def test_a_shape_as_tensorflow_has_it():
    text = "class L(layers.Layer):\n    def build(self, input_shape):\n"
    text += "        self.w = self.add_weight(shape=(tf.TensorShape(input_shape)[-1], 3))\n"
    text += "    def call(self, x):\n        return tf.matmul(x, self.w)\n"
    assert count(parse(KERAS + text + END.format("()"))) == 18


CONV = (
    "x = keras.Input((9, 10, 4))\nconv = layers.Conv2D(6, 3, strides=2, padding='SAME', use_bias=False)\ny = conv(x)\n"
)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("filters", 6),
        ("kernel_size", (3, 3)),
        ("strides", (2, 2)),
        ("dilation_rate", (1, 1)),
        ("padding", "same"),
        ("use_bias", False),
        ("data_format", "channels_last"),
    ],
)
def test_settings_that_a_layer_keeps(setting, value):
    for other, width in ((value, 3), ("other", 5)):
        text = CONV + f"net = keras.Model(x, layers.Dense(3 if conv.{setting} == {other!r} else 5)(y))\n"
        assert count(parse(KERAS + text)) == 6 * 36 + 7 * width


def test_a_layer_of_the_settings_of_another():
    text = KERAS + CONV + "net = keras.Model(x, layers.Conv2D.from_config(conv.get_config())(x))\n"
    parsed = parse(text)
    assert count(parsed) == 6 * 36
    assert tuple(parsed.module(torch.zeros(1, 4, 9, 10, device="meta")).shape) == (1, 6, 5, 5)


def test_the_shape_that_a_network_gives():
    text = KERAS + CONV + "base = keras.Model(x, layers.Flatten()(y))\n"
    text += "width = base.compute_output_shape((None, 9, 10, 4))[-1]\n"
    text += "net = keras.Model(base.input, layers.Dense(width // 10)(base.output))\n"
    assert count(parse(text)) == 6 * 36 + 150 * 15 + 15


@pytest.mark.parametrize("layer", ["layers.Activation('linear')", "layers.Identity()"])
def test_a_layer_that_changes_nothing_is_counted(layer):
    text = KERAS + f"x = keras.Input((6,))\nbase = keras.Model(x, layers.Dense(3)({layer}(x)))\n"
    text += "net = keras.Model(x, layers.Dense(len(base.layers))(base.layers[-2].output))\n"
    assert count(parse(text)) == 7 * 3
