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
