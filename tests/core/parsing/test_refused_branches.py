"""What a text itself refuses is not passed over, also where its functions are entered statement by statement."""

import pytest

from core.errors import ParseError
from core.parsing import parse

NET = """
from keras.models import Model
from keras.layers import *
def net({argument}):
    inp = Input(shape=(10,))
    x = Embedding(50, 8)(inp)
    if {value} == "GRU":
        x = GRU(4)(x)
    elif {value} in ("LSTM", "rnn"):
        x = LSTM(4)(x)
    else:
        raise Exception("Unknown cell")
    return Model(inputs=inp, outputs=Dense(3)(x))
"""


def test_a_branch_that_raises_is_not_passed_over():
    with pytest.raises(ParseError, match="Unknown cell"):
        parse(NET.format(argument="cell='none'", value="cell"))


def test_a_setting_that_has_to_be_one_of_some_words_is_the_first():
    parsed = parse(NET.format(argument="args", value="args.cell"))
    assert parsed.assumed == {"args.cell": "GRU"}
    assert sum(p.numel() for p in parsed.module.parameters()) == 50 * 8 + 3 * 4 * (8 + 4 + 2) + 4 * 3 + 3


HEAD = "from keras.models import Model, Sequential\nfrom keras.layers import *\ndef net(k=3):\n"
HEAD += "    inp = Input(shape=(10,))\n    x = Dense(4)(inp)\n"
LEAVING = {
    "if": "    if k == 3:\n        return Model(inp, x)\n",
    "else": "    if k == 4:\n        x = Dense(2)(x)\n    else:\n        return Model(inp, x)\n",
    "try": "    try:\n        return Model(inp, x)\n    finally:\n        pass\n",
    "with": "    with open('log') as log:\n        return Model(inp, x)\n",
    "for": "    for n in range(9):\n        if n:\n            return Model(inp, x)\n",
}


@pytest.mark.parametrize("leaving", LEAVING.values(), ids=LEAVING)
@pytest.mark.parametrize("called", ["", "model = net()\n", "model = net(3)\n"])
def test_a_function_ends_where_it_returns(leaving, called):
    text = f"{HEAD}{leaving}    x = Dense(5)(x)\n    return Model(inp, x)\n{called}"
    assert sum(p.numel() for p in parse(text).module.parameters()) == 44


def test_a_function_that_returns_before_it_builds_builds_nothing():
    text = "from keras.models import *\nfrom keras.layers import *\ndef train(path=None):\n    if path is None:\n"
    text += "        return\n    model = Sequential([Dense(2, input_shape=(3,))])\ntrain()\n"
    assert (
        sum(p.numel() for p in parse(text + "net = Sequential([Dense(4, input_shape=(3,))])").module.parameters()) == 16
    )
