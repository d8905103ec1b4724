"""Code among other text, and texts without their imports: what is said around or beside it changes nothing."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse


def parameters(text, **more):
    return sum(p.numel() for p in parse(text, **more).module.parameters())


def test_numbers_of_remarks_are_taken_off():
    text = "i = Input((8,))  <1>\nx = Dense(4)(i) <2>\nnet = Model(i, x) ③\n"
    assert parameters(text) == 36
    assert "Numbers of remarks at the end of lines were taken off." in parse(text).notes


QUESTION = "Hi,\n\nI've got this and it doesn't work:\n\n{}\n\nThe error is: expected 3, found 2. What's wrong? :)\n"


def test_code_that_is_indented_under_a_question():
    code = "    i = Input((8,))\n    x = Dense(4)(i)\n    net = Model(i, x)"
    assert parameters(QUESTION.format(code)) == 36
    with pytest.raises(ParseError, match="it needs an input with 1 spatial dimension and channels"):
        parse(QUESTION.format(code.replace("Dense(4)", "Conv1D(4, 3)")))


def test_a_class_is_not_taken_for_a_sentence():
    with pytest.raises(ParseError, match="is not Python"):
        parse("class Net(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(3, 4\n    x = (\n")


def test_paddle_without_its_import():
    """`nn.Layer` is Paddle's, and a wrong number of axes is no reason to refuse: another input is tried."""
    text = (
        "class Net(nn.Layer):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(64, 8)\n"
        "    def forward(self, x):\n        steps, width = x.shape[1:]\n"
        "        return self.a(x).reshape((-1, steps * 8))\n"
    )
    assert parse(text).dialect == "paddle"
    assert parameters(text) == 64 * 8 + 8


def test_the_input_that_a_single_layer_is_called_with():
    text = "import paddle\nx = paddle.{}\nconv = paddle.nn.Conv2DTranspose(4, 6, (3, 3))\ny = conv(x)"
    assert parse(text.format("uniform((2, 4, 8, 9), min=-1., max=1.)")).input_shape == (4, 8, 9)
    assert parse(text.format("normal(0.0, 1.0, (2, 4, 8, 9))")).input_shape == (4, 8, 9)


def test_keras_by_the_arguments_of_its_layers():
    assert parse("Sequential([Embedding(1000, 8, input_length=20), LSTM(4)])").dialect == "keras"


def test_more_steps_where_a_few_do_not_go_through():
    text = (
        "i = Input((MAX_LEN,))\nx = Embedding(words, 8)(i)\nx = MaxPooling1D(7)(Conv1D(4, 9)(x))\n"
        "x = Conv1D(4, 9)(x)\nnet = Model(i, GlobalMaxPooling1D()(x))"
    )
    parsed = parse(text.replace("words", "50"))
    assert parsed.input_shape == (256,)
    assert parsed.assumed == {"MAX_LEN": 256}
    with pytest.raises(ParseError, match="does not fit"):
        parse(text, values={"words": 50, "MAX_LEN": 30})


def test_an_argument_under_another_name():
    """Keras's first interface named the shape of a symbol so."""
    text = (
        "def se(input, ratio=4):\n    init = input\n    width = init._keras_shape[-1]\n"
        "    x = Dense(width // ratio, use_bias=False)(GlobalAveragePooling2D()(init))\n"
        "    x = Dense(width, use_bias=False)(x)\n    return multiply([init, Reshape((1, 1, width))(x)])\n"
    )
    assert parameters(text, input_shape=(16, 9, 9)) == 2 * 16 * 4


def test_a_number_of_the_text_for_the_argument_of_its_name():
    text = (
        "latent_dim = 7\nclass Net(keras.Model):\n    def __init__(self, latent_dim, width):\n"
        "        super().__init__()\n        self.a, self.b = Dense(latent_dim), Dense(width)\n"
        "    def call(self, x):\n        return self.b(self.a(x))\n"
    )
    parsed = parse(text, input_shape=(5,))
    assert parsed.assumed["latent_dim"] == 7
    assert sum(p.numel() for p in parsed.module.parameters()) == 6 * 7 + 8 * parsed.assumed["width"]


def test_open_names_inside_of_a_shape():
    text = (
        "i = Input((seq_len,))\nx = Reshape((seq_len, emb_dim, 1))(Embedding(50, emb_dim)(i))\n"
        "net = Model(i, Flatten()(Conv2D(2, (3, emb_dim))(x)))\n"
    )
    parsed = parse(text)
    length, width = parsed.assumed["seq_len"], parsed.assumed["emb_dim"]
    assert sum(p.numel() for p in parsed.module.parameters()) == 50 * width + 2 * (3 * width + 1)
    assert parsed.input_shape == (length,)


BRANCHES = "from keras import layers\na = layers.Conv2D(8, 1)(x)\nb = layers.Conv2D(8, 3, padding='same')(x)\n"


def test_layers_on_a_name_without_a_value():
    """A text without an input takes the typed one; where it has an input, the name is a slip."""
    text = f"{BRANCHES}y = layers.concatenate([a, b])"
    assert parameters(text, input_shape=(3, 9, 9)) == 8 * 3 + 8 + 8 * 27 + 8
    with pytest.raises(ParseError, match="type it beside the code"):
        parse(text)
    with pytest.raises(ParseError, match="the name x has no value"):
        parse("from keras import Input, Model, layers\ni = Input((9, 9, 3))\nnet = Model(i, layers.Conv2D(8, 1)(x))")
