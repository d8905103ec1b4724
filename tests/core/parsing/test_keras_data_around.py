"""Networks of Keras among what loads and prepares their data, out of files and modules that are not in the text."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse
from tests.core.parsing.counting import read

KERAS = (
    "import numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n"
)
LOADER = """
import json
import database
from PIL import Image

shelf = database.Client("here")
SIDES = (12, 10)

def load():
    names, images = {}, []
    for row in shelf.find():
        names.setdefault(row, len(names))
        images.append(Image.open(row))
    return np.array(images), names

def stored(path):
    with open(path) as file:
        return json.load(file)

def prepare(rows):
    found, kinds = [], {}
    for key, kind in rows.items():
        if kind not in kinds:
            kinds[kind] = len(kinds)
        found.append(key)
    return np.array(found), len(kinds)

def build(input_shape, count):
    return keras.Sequential([layers.Flatten(input_shape=input_shape), layers.Dense(count)])
"""


def test_what_a_module_of_data_gives_is_open_and_the_network_beside_it_is_read():
    text = KERAS + LOADER + "def train():\n    images, names = load()\n"
    text += "    net = build((SIDES[0], SIDES[1], 3), count=len(names))\n    net.fit(images)\n"
    parsed = parse(text)
    assert parsed.input_shape == (3, 12, 10)
    assert sum(p.numel() for p in parsed.module.parameters()) == 361 * parsed.assumed["len(names)"]


def test_what_a_file_holds_is_open_and_the_network_beside_it_is_read():
    text = KERAS + LOADER + "def main():\n    images, count = prepare(stored('rows.json'))\n"
    text += "    net = build(images.shape[1:], count)\n    net.fit(images)\n\nmain()\n"
    parsed = parse(text, input_shape=(2, 4, 4))
    assert sum(p.numel() for p in parsed.module.parameters()) == 33 * parsed.assumed["len(kinds)"]


def test_the_length_of_what_a_file_fills_is_never_taken_for_nothing():
    text = KERAS + LOADER + "images, kinds = prepare(json.load(open('rows')))\n"
    text += "net = keras.Sequential([keras.Input((7,)), layers.Dense(kinds)])\n"
    assert parse(text).assumed == {"len(kinds)": 64}


def test_parts_of_a_file_s_data_have_lengths():
    text = KERAS + "import pickle\nx, y = pickle.load(open('rows', 'rb'))\n"
    text += "net = keras.Sequential([keras.Input((4,)), layers.Dense(len(y[0]))])\n"
    assert read(text) == (50, (10,))


def test_sizes_that_the_text_itself_calls_a_builder_with_come_before_usual_ones():
    text = KERAS + LOADER + "class Trainer:\n    def train(self, x, shape):\n        build(SIZES, 6).fit(x)\n"
    for sizes in ("(*SIDES, 2)", "(SIDES[0], SIDES[1], 1 + 1)"):
        parsed = parse(text.replace("SIZES", sizes))
        assert (parsed.input_shape, parsed.assumed) == ((2, 12, 10), {"input_shape": (12, 10, 2), "count": 6})
    with pytest.raises(ParseError, match="no input shape"):
        parse(text.replace("SIZES", "shape"))


@pytest.mark.parametrize("asked", ["get('units', 9)", "pop('units', 9)", "get('units', default=9)"])
def test_the_default_that_a_text_reads_a_setting_with_comes_before_a_usual_one(asked):
    text = KERAS + "class Agent:\n    def __init__(self, args):\n        self.args = args\n"
    text += f"        self.net = keras.Sequential([keras.Input((3,)), layers.Dense(self.args.{asked})])\n"
    assert read(text) == (36, (9,))


def test_a_block_is_not_shown_in_the_place_of_the_object_that_calls_it():
    text = KERAS + "def block(x, width):\n    return layers.Add()([x, layers.Conv2D(width, 3, padding='same')(x)])\n"
    text += "class Player:\n    def __init__(self, game):\n        self.rows, self.columns = game.size()\n"
    text += "        x = keras.Input((self.rows, self.columns, 1))\n"
    text += "        y = layers.Flatten()(block(layers.Conv2D(4, 1)(x), 4))\n"
    text += "        self.model = keras.Model(x, layers.Dense(2)(y))\n"
    parsed = parse(text, input_shape=(1, 6, 7))
    assert (parsed.network, sum(p.numel() for p in parsed.module.parameters())) == ("Player.model", 8 + 148 + 338)


def test_several_shapes_are_as_many_inputs_of_the_typed_one():
    text = KERAS + "def join(input_shapes):\n    inputs = [keras.Input(shape) for shape in input_shapes]\n"
    text += "    for shape in input_shapes:\n        print(shape)\n"
    text += "    y = layers.Concatenate()([layers.GRU(3)(x) for x in inputs])\n"
    text += "    return keras.Model(inputs, layers.Dense(1)(y))\n"
    parsed = parse(text, input_shape=(2, 9))
    assert sum(p.numel() for p in parsed.module.parameters()) == 2 * 63 + 7


def test_settings_that_a_function_first_looks_for_may_be_left_out():
    text = (
        KERAS
        + "def net(n, **kwargs):\n    drop = 0.0\n    if 'drop' in kwargs.keys():\n        drop = kwargs['drop']\n"
    )
    text += "    return keras.Sequential([keras.Input((5,)), layers.Dense(7, **kwargs), layers.Dropout(drop)])\n"
    assert read(text) == (42, (7,))


def test_a_class_that_leaves_out_what_it_inherits_is_read_alone():
    text = KERAS + "class Guess(Base):\n    def __init__(self, units=4):\n        x = keras.Input((6,))\n"
    text += "        self.model = keras.Model(x, layers.Dense(units)(x))\n"
    assert read(text) == (28, (4,))
    with pytest.raises(ParseError):
        read(text.replace("        x = ", "        super().__init__()\n        x = "))


def test_a_text_without_a_network_names_what_its_class_inherits():
    text = KERAS + "class Guess(Base):\n    def __init__(self):\n        super().__init__()\n        self.make()\n"
    with pytest.raises(ParseError, match="Guess inherits from Base, which is not in this text"):
        parse(text)


@pytest.mark.parametrize(
    "size", ["round(SIDE / 2)", "abs(-SIDE // 2)", "math.ceil(SIDE / 2)", "int(np.floor(SIDE / 2))"]
)
def test_numbers_worked_out_of_open_ones_are_open(size):
    text = KERAS + f"import math\nnet = keras.Sequential([keras.Input((5,)), layers.Dense({size})])\n"
    parsed = parse(text)
    assert parsed.assumed == {"SIDE": 64}
    assert sum(p.numel() for p in parsed.module.parameters()) == 6 * 32


def test_an_input_of_other_axes_than_the_typed_one_has_usual_sizes():
    text = KERAS + "a, b = keras.Input((HIGH, 9, 3, 4)), keras.Input((HIGH, 9, 2))\n"
    text += "y = layers.Concatenate()([layers.GlobalMaxPooling3D()(a), layers.GlobalMaxPooling2D()(b)])\n"
    parsed = parse(text + "net = keras.Model([a, b], layers.Dense(5)(y))\n", input_shape=(2, 16, 16))
    assert (parsed.input_shape, sum(p.numel() for p in parsed.module.parameters())) == ((4, 32, 9, 3), 35)


@pytest.mark.parametrize("name", ["Constant", "constant"])
def test_vectors_of_words_out_of_a_file_among_the_end_of_a_loop(name):
    text = "        index[word] = values\n\nprint('found')\nwords = tokenizer.word_index\ncount = len(words) + 1\n"
    text += "vectors = np.zeros((count, 6))\nfor word, i in words.items():\n    vectors[i] = index.get(word)\n"
    text += (
        f"net = tf.keras.Sequential([layers.Embedding(count, 6, embeddings_initializer=initializers.{name}(vectors)),"
    )
    text += "\n    layers.GlobalAveragePooling1D(), layers.Dense(1)])\n"
    text = text.replace("words = tok", KERAS + "from keras import initializers\nwords = tok")
    assert read(text, input_shape=(8,)) == (1001 * 6 + 7, (1,))
