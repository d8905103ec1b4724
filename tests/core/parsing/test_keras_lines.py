"""The lines of a Keras network give the same network again; several inputs have the shapes that the text states."""

import pytest
import torch

from core.parsing import parse

IMPORTS = "import keras\nfrom keras.layers import *\n"
SCALED = """
class Scaled(Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=shape[-1:])

    def call(self, x):
        return x * self.scale

"""


@pytest.mark.parametrize(
    "text",
    [
        "net = keras.Sequential([Input((5,)), Embedding(10, 4), LSTM(3)])",
        "net = keras.Sequential([Input((5, 2)), GRU(4, return_sequences=True), RNN(LSTMCell(3)), Dense(2)])",
        f"{SCALED}i = Input((4,))\nnet = keras.Model(i, Dense(2)(Scaled()(i)))",
        "a = Input((6,)); b = Input((4,))\nx = Dense(3)(a); y = LSTM(2)(Embedding(9, 5)(b))\n"
        "net = keras.Model([a, b], x + Dense(3)(y))",
        "net = keras.Sequential([Input((6,)), Embedding(7, 3), Flatten(), Dense(2)])",
    ],
)
def test_lines_give_the_same_weights(text):
    parsed = parse(IMPORTS + text)
    again = parse(parsed.lines, input_shape=parsed.input_shape)
    shapes = [sorted(tuple(one.shape) for one in net.module.parameters()) for net in (parsed, again)]
    assert shapes[0] == shapes[1] != []


def test_inputs_of_several_shapes():
    """A network that is called with its first input alone gets zeros in the shapes of the others."""
    parsed = parse(
        f"{IMPORTS}a, b = Input((10, 8), name='steps'), Input((5,), name='row')\n"
        "net = keras.Model([a, b], [Concatenate()([LSTM(4)(a), Dense(3)(b)]), Dense(2)(b)])"
    )
    outputs = parsed.module(torch.zeros(2, *parsed.input_shape, device="meta"))
    assert [tuple(one.shape) for one in outputs] == [(2, 7), (2, 2)]
    assert any("Besides its first input the network takes row (5)" in note for note in parsed.notes)


def test_inputs_of_one_shape_are_given_the_same():
    parsed = parse(f"{IMPORTS}a, b = Input((5,)), Input((5,))\nnet = keras.Model([a, b], Subtract()([a, b]))", "cpu")
    assert not parsed.module(torch.randn(2, 5)).any()


@pytest.mark.parametrize("given", ["np.zeros((1, 4))", "tf.zeros((1, 4))"])
def test_objects_that_are_called_with_data(given):
    text = f"import numpy as np\nimport tensorflow as tf\n{IMPORTS}{SCALED}"
    text += (
        "class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.part = Scaled()\n"
    )
    text += f"    def call(self, x):\n        return self.part(x)\nnet = Net()\nnet({given})\n"
    assert [tuple(one.shape) for one in parse(text).module.parameters()] == [(4,)]
