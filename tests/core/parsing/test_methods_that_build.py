"""Classes that are no networks themselves, and of whose methods some build one and others only a part of it."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse
from tests.core.parsing.counting import read

KERAS = """from tensorflow import keras
from tensorflow.keras import layers
from sklearn.preprocessing import LabelEncoder
"""
WIDE = (
    KERAS
    + """
class Wide:
    def __init__(self, shape, k=2):
        self.__shape, self.__k = shape, k

    def make(self):
        x = keras.Input(self.__shape)
        return keras.Model(x, self.tail(self.block(x, 4 * self.__k)))

    def block(self, x, width):
        return layers.Conv2D(width, 3)(x)

    def tail(self, x):
        return layers.Dense(5)(layers.GlobalAveragePooling2D()(x))
"""
)


def test_the_method_that_calls_the_others_builds_the_network():
    parsed = parse(WIDE, input_shape=(3, 16, 16))
    assert parsed.network == "Wide.make"
    assert read(WIDE, input_shape=(3, 16, 16)) == (8 * 27 + 8 + 5 * 8 + 5, (5,))


def test_a_part_is_not_shown_for_a_method_that_cannot_be_read():
    with pytest.raises(ParseError, match="depth"):
        parse(WIDE.replace("self.block(x, 4 * self.__k)", "self.block(x, self.depth)"), input_shape=(3, 16, 16))


def test_a_method_that_only_trains_builds_what_it_trains():
    text = KERAS + "class Text:\n    def __init__(self):\n        self.net = None\n"
    text += "    def train(self, texts, labels, units=4):\n        coder = LabelEncoder()\n"
    text += "        labels = coder.fit_transform(labels)\n        self.count = len(coder.classes_)\n"
    text += "        self.net = keras.Sequential()\n        self.net.add(layers.Dense(units, input_shape=(3,)))\n"
    text += "        if self.count > 1:\n            self.net.add(layers.Dense(self.count))\n"
    text += "        self.net.fit(texts, labels)\n"
    parsed = parse(text)
    assert (parsed.network, parsed.assumed["len(coder.classes_)"]) == ("Text.train", 10)
    assert read(text) == (16 + 50, (10,))


def test_a_branch_that_adds_to_what_an_object_keeps_is_not_passed_over():
    text = KERAS + "class Text:\n    def build(self):\n"
    text += "        self.net = keras.Sequential([layers.Dense(4, input_shape=(3,))])\n"
    text += "        if read_file('deep.txt').strip():\n            self.net.add(layers.Dense(9))\n"
    text += "        return self.net\n"
    with pytest.raises(ParseError, match="read_file"):
        parse(text)


def test_functions_beside_a_class_whose_base_is_missing_are_its_parts():
    text = KERAS + "from ..base import Base\ndef attend(x):\n    return layers.Dense(4)(x)\n"
    text += "def other(x):\n    return layers.Dense(5)(x)\n"
    text += "class Net(Base):\n    def build(self):\n        x = keras.Input((self.steps, 3))\n"
    text += "        return keras.Model(x, attend(x))\n"
    with pytest.raises(ParseError, match="paste the definition of Base"):
        parse(text, input_shape=(3, 8))


def test_a_layer_that_lacks_an_argument_is_refused_where_it_is_made():
    text = KERAS + "class Nets:\n    def good(self, units):\n"
    text += "        return keras.Sequential([layers.Dense(units, input_shape=(3,))])\n"
    text += "    def bad(self, units):\n"
    text += "        return keras.Sequential([layers.Conv2D(units, input_shape=(8, 8, 3))])\n"
    assert parse(text).network == "Nets.good"
    with pytest.raises(ParseError, match="it needs kernel_size"):
        parse(KERAS + "net = keras.Sequential([layers.Conv2D(4)])\n", input_shape=(3, 8, 8))


def test_one_of_several_sizes_that_have_a_name_gets_a_usual_value():
    text = KERAS + "x = keras.Input((9, 2))\nnet = keras.Model(x, layers.Conv1D(4, filter_sizes[1])(x))\n"
    parsed = parse(text)
    assert parsed.assumed["filter_sizes[1]"] == 3
    assert read(text) == (4 * 2 * 3 + 4, (4, 7))


def test_what_is_added_to_an_empty_network_belongs_to_it():
    text = KERAS + "class Net:\n    def __init__(self):\n        self.model = keras.Sequential()\n"
    text += "    def create(self):\n        self.model.add(layers.Dense(4, input_dim=3))\n"
    text += "        self.model.add(layers.Dense(2))\n"
    assert read(text) == (16 + 10, (2,))


def test_a_network_in_the_body_of_a_class_is_offered():
    text = KERAS + "class Net:\n    x = keras.Input((3,))\n    model = keras.Model(x, layers.Dense(4)(x))\n"
    text += "    def target(self, data):\n        return data[0]\n"
    assert (parse(text).network, read(text)) == ("Net.model", (16, (4,)))


def test_what_another_method_sets_has_a_usual_value():
    text = KERAS + "class Net:\n    def __init__(self):\n        self.vocab_size, self.net = None, None\n"
    text += "    def load(self, texts):\n        self.vocab_size = len(set(texts)) + 1\n"
    text += "    def build(self):\n        if self.net is not None:\n            return\n"
    text += "        self.net = keras.Sequential([layers.Dense(self.vocab_size, input_shape=(3,))])\n"
    assert parse(text).assumed == {"vocab_size": 1000}
    assert read(text) == (4000, (1000,))


def test_a_class_that_uses_a_function_comes_after_it():
    text = KERAS + "def first():\n    return keras.Sequential([layers.Dense(2, input_shape=(5,))])\n"
    text += "def body():\n    return keras.Sequential([layers.Dense(4, input_shape=(3,))])\n"
    text += "class Whole:\n    def __init__(self, classes):\n        x = keras.Input((3,))\n"
    text += "        self.model = keras.Model(x, layers.Dense(classes)(body()(x)))\n"
    assert (parse(text).network, read(text)) == ("Whole.model", (16 + 50, (10,)))


def test_a_method_that_is_written_like_a_function_is_called_on_its_class():
    text = KERAS + "class Nets:\n    def make(width, depth=2):\n        x = y = keras.Input((width,))\n"
    text += "        for _ in range(depth):\n            y = layers.Dense(3)(y)\n        return keras.Model(x, y)\n"
    assert (parse(text).network, parse(text, values={"width": 5}).input_shape) == ("Nets.make", (5,))
    own = text.replace("width, depth=2", "this, depth=2").replace("(width,)", "(this.width,)")
    own += "    def __init__(this, width=4):\n        this.width = width\n"
    assert parse(own).input_shape == (4,)
