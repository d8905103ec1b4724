"""Names that are used before a text gives them a value, and names of modules that are slips of the pen."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.errors import MissingShapeError, ParseError
from core.parsing import parse

KERAS = "from tensorflow import keras\nfrom tensorflow.keras import layers\n"


def test_layers_on_a_name_that_gets_its_value_later():
    text = KERAS + "base = keras.Input((8, 8, 3))\nx = layers.Flatten()(x)\nx = layers.Dense(3)(base)\n"
    with pytest.raises(ParseError, match="Line 4 uses x above line 5, which gives it a value: put it below"):
        parse(text + "net = keras.Model(base, x)\n")


def test_a_local_name_without_a_value_is_no_typed_input():
    text = KERAS + "class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.one, self.two = layers.Dense(4), layers.Dense(5)\n    def call(self, t):\n"
    text += "        x = self.one(x)\n        x = self.two(t)\n        return x\n"
    with pytest.raises(ParseError, match="Line 8: the name x has no value"):
        parse(text, input_shape=(6,))


def test_a_name_that_is_only_made_of_itself_is_the_typed_input():
    text = KERAS + "x = layers.Dense(4)(x)\nx = layers.Dense(5)(x)\n"
    with pytest.raises(MissingShapeError):
        parse(text)
    assert sum(p.numel() for p in parse(text, input_shape=(6,)).module.parameters()) == 28 + 25


def test_a_misspelt_module_is_no_module_without_import():
    text = KERAS + "net = keras.Sequential([layers.Dense(4, input_shape=(3,)), {}.Dense(2)])\n"
    with pytest.raises(ParseError, match="the name layrs has no value"):
        parse(text.format("layrs"))
    assert sum(p.numel() for p in parse(text.format("kl")).module.parameters()) == 26


def test_states_that_have_no_value_are_refused():
    text = KERAS + "i = keras.Input((5, 3))\na, h, c = layers.LSTM(4)(i)\n"
    with pytest.raises(ParseError, match="Line 4"):
        parse(text + "net = keras.Model(i, layers.LSTM(4)(i, initial_state=[h, c]))\n")


@pytest.mark.parametrize(
    ("use", "definition"),
    [("width", "width = 5"), ("len(names)", "names = ['a', 'b']"), ("cfg.width", "class cfg: width = 5")],
)
def test_no_number_is_taken_for_what_a_later_line_says(use: str, definition: str):
    with pytest.raises(ParseError, match=r"Line 2 uses .* (in line 3|above line 3, which)"):
        parse(f"from torch import nn\nnet = nn.Linear(4, {use})\n{definition}\n")
    assert parse(f"from torch import nn\nnet = nn.Linear(4, {use})\n").assumed


def test_what_python_remarks_of_a_text_is_not_written_to_the_log():
    text = "n = 3 if 1 is 1 else 4\nname = '\\\\d'\nnet = nn.Sequential(nn.Linear(0x3or 4, n))\n"
    run = f"from core.parsing import parse\nprint(len(parse({text!r}).module))"
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", run], capture_output=True, text=True, timeout=120, check=False
    )
    remarks = [line for line in done.stderr.splitlines() if "pasted" in line or "Syntax" in line]
    assert (done.stdout, remarks) == ("1\n", [])
