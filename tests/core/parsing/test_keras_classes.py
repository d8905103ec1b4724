"""Classes of Keras whose inputs and outputs have names or lie inside of each other, and layers that only measure."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse
from tests.core.parsing.counting import read

KERAS = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers, losses\n"
KERAS += "from tensorflow.keras import backend as K\n"


def count(parsed):
    return sum(p.numel() for p in parsed.module.parameters())


PAIR = """
class Pair(keras.Model):
    def __init__(self):
        super().__init__()
        self.left, self.right = layers.Dense(4), layers.Dense(5)
    def build(self, shape):
        self.scale = self.add_weight(shape=(shape['picture'][-1],))
    def call(self, inputs):
        return {'a': self.left(inputs['picture'] * self.scale), 'b': [self.right(inputs['words']), None]}
"""


def test_inputs_and_outputs_under_names():
    parsed = parse(KERAS + PAIR + "net = Pair()\ny = net({'picture': tf.ones((2, 3)), 'words': tf.ones((2, 7))})\n")
    assert count(parsed) == 3 + 16 + 40
    assert count(parse(KERAS + PAIR, input_shape=(6,))) == 6 + 28 + 35


def test_states_of_each_layer_are_outputs():
    text = "class Steps(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.all = [layers.GRU(3, return_sequences=True, return_state=True) for _ in range(2)]\n"
    text += "    def call(self, x, states=None):\n        kept = []\n        for one in self.all:\n"
    text += "            x, last = one(x, initial_state=states) if states else one(x)\n"
    text += "            kept.append((last,))\n        return x, kept\n"
    assert count(parse(KERAS + text, input_shape=(3, 8))) == 2 * (2 * 27 + 18)


MEASURED = """
class Measured(layers.Layer):
    def call(self, inputs):
        x, y = inputs
        loss = losses.mse(K.flatten(x), K.flatten(y)) + keras.losses.Huber()(x, y)
        self.add_loss(K.mean(loss) + K.mean(K.square(y)), inputs=inputs)
        return x
x = keras.Input((5,))
y = layers.Dense(5)(layers.Dense(2)(x))
net = keras.Model(x, Measured()([x, y]))
"""


def test_what_a_layer_only_measures_is_a_part_of_the_network():
    assert read(KERAS + MEASURED) == (12 + 15, (5,))


def test_a_loss_is_no_output():
    text = "x = keras.Input((5,))\nnet = keras.Model(x, losses.mse(x, layers.Dense(5)(x)))\n"
    with pytest.raises(ParseError, match="depends on data"):
        parse(KERAS + text)


AUGMENT = "more = keras.Sequential([layers.RandomFlip(){}, layers.Rescaling(1 / 255)])\n"
MAKE = "def make():\n    net = keras.Sequential([more, layers.Conv2D(4, 3{}), layers.Flatten(), layers.Dense(2)])\n"
MAKE += "    return net\n"


@pytest.mark.parametrize(("inner", "outer"), [("", ", input_shape=(9, 9, 1)"), ("_", "")])
def test_what_prepares_images_is_not_the_network(inner, outer):
    first = (
        AUGMENT.format("").replace("RandomFlip()", "RandomFlip(input_shape=(9, 9, 1))") if inner else AUGMENT.format("")
    )
    assert read(KERAS + first + MAKE.format(outer)) == (40 + 394, (2,))
    assert parse(KERAS + first + MAKE.format(outer)).networks == ("make",)


def test_what_prepares_images_alone_is_still_refused_with_a_reason():
    with pytest.raises(ParseError, match="No layer was found"):
        parse(KERAS + AUGMENT.format(""), input_shape=(1, 9, 9))


def test_a_network_that_a_class_makes_of_its_input():
    text = "class Maker(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.d = layers.Dense(3)\n"
    text += "    def __call__(self, inputs):\n        return keras.Model(inputs, self.d(inputs))\n"
    assert read(KERAS + text, input_shape=(4,)) == (15, (3,))


def test_a_class_that_never_prepares_what_it_inherits_is_refused():
    text = "class Net(keras.Model):\n    def __init__(self):\n        self.d = layers.Dense(3)\n"
    text += "    def call(self, x):\n        return self.d(x)\n"
    with pytest.raises(ParseError, match="never calls super"):
        parse(KERAS + text, input_shape=(4,))


GATHER = """
class Look(layers.Layer):
    def build(self, shape):
        self.table = self.add_weight(shape=(11, 4))
    def call(self, x{more}):
        return {look}
x, n = keras.Input((5, 4)), keras.Input((2,), dtype="int32")
net = keras.Model({inputs}, Look()({arguments}))
"""


@pytest.mark.parametrize(
    ("look", "shape"),
    [
        ("tf.matmul(x, tf.gather(self.table, tf.range(-5, 6) + 5), transpose_b=True)", (11, 5)),
        ("tf.matmul(x, tf.gather(self.table, tf.maximum(tf.range(-1, 2), 0)), transpose_b=True)", (3, 5)),
    ],
)
def test_rows_of_a_weight_under_numbers_that_are_worked_out(look, shape):
    text = GATHER.format(look=look, more="", inputs="x", arguments="x")
    assert read(KERAS + text) == (44, shape)


def test_steps_under_the_numbers_of_another_input():
    text = GATHER.format(
        look="tf.gather(tf.matmul(x, self.table, transpose_b=True), n, batch_dims=1, axis=1)",
        more=", n", inputs="[x, n]", arguments="x, n",
    )  # fmt: skip
    module = parse(KERAS + text).module
    output = module(torch.zeros(3, 4, 5), torch.zeros(3, 2))
    assert tuple(output.shape) == (3, 11, 2)


def test_a_cell_both_ways():
    text = (
        "x = keras.Input((5, 3))\ny = layers.Bidirectional(layers.RNN(layers.LSTMCell(4), return_sequences=True))(x)\n"
    )
    assert read(KERAS + text + "net = keras.Model(x, y)\n") == (2 * 4 * 4 * 8, (8, 5))


def test_a_class_may_hand_itself_to_the_constructor_of_its_base():
    text = (
        "class Net(tf.keras.Model):\n    def __init__(self):\n        super().__init__(self)\n"
        "        self.dense = tf.keras.layers.Dense(7)\n    def call(self, x):\n        return self.dense(x)\n"
        "net = Net()\nnet.build((None, 3))"
    )
    assert sum(p.numel() for p in parse(f"import tensorflow as tf\n{text}").module.parameters()) == 3 * 7 + 7


BEGINNING = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.last, self.first = layers.Dense(2), {}
    def call(self, inputs, training=None):
        {}
        return self.last(x)
"""


@pytest.mark.parametrize(
    ("first", "shape", "parameters"),
    [
        ("layers.Flatten(input_shape=(4, 3))", (3, 4), 0),
        ("layers.Dense(5, input_dim=7)", (7,), 40),
        ("keras.Sequential([layers.Dense(5, input_shape=(7,))])", (7,), 40),
        ("keras.Sequential([layers.Input((7,)), layers.Dense(5)])", (7,), 40),
    ],
)
def test_the_layer_that_call_begins_with_states_the_input(first, shape, parameters):
    parsed = parse(KERAS + BEGINNING.format(first, "x = self.first(inputs)"))
    assert parsed.input_shape == shape
    assert count(parsed) == parameters + (10 + 2 if parameters else 24 + 2)


@pytest.mark.parametrize(
    ("first", "line"),
    [
        ("layers.Dense(5)", "x = self.first(inputs)"),
        ("keras.Sequential([layers.Dense(5)])", "x = self.first(inputs)"),
        ("layers.Dense(5, input_dim=7)", "x = inputs * 2; x = self.first(inputs)"),  # not what call begins with
    ],
)
def test_what_states_no_input_leaves_it_to_be_typed(first, line):
    text = KERAS + BEGINNING.format(first, line)
    with pytest.raises(ParseError, match="states no input shape"):
        parse(text)
    assert count(parse(text, input_shape=(7,))) == 40 + 12


def test_data_of_another_cell_is_the_typed_input():
    text = KERAS + BEGINNING.format("layers.Dense(5)", "x = self.first(inputs)") + "net = Net()\n"
    text += "with tf.GradientTape() as tape:\n    y = net(images)\n    value = loss(y, labels)\n"
    text += "grads = tape.gradient(value, net.trainable_variables)\n"
    assert count(parse(text, input_shape=(7,))) == 40 + 12
    with pytest.raises(ParseError, match="states no input shape"):
        parse(text)
