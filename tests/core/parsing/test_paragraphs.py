"""Pages and questions whose sentences begin with code, quote it, or show what an error printed."""

import pytest

from core.parsing import parse

CODE = """import torch
from torch import nn
net = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))"""
TEXTS = {
    "a call that is said something of": f"What is it?\nnn.Linear(8, 4) multiplies each row by its weights.\n{CODE}",
    "a call that is to be used": f"Make a network.\nUse nn.Linear(8, 4)\nto begin with.\n{CODE}",
    "shapes": f"What comes out:\n(batch, 8) -> (batch, 4) -> (batch, 2) # of each row\n{CODE}",
    "quotes of a kind that Python has": f"'{CODE}\n'\n\nIt fails for me, why is that so?",
    "frames of an error without a head": (
        f"Why does it fail?\n\n```\n{CODE}\n```\n\n```\n"
        "  File \"<ipython-input-1>\", line 1, in <module>\n    run('net.py', wdir='.')\n\n"
        '  File "/usr/lib/run.py", line 8, in run\n    execfile(filename, namespace)\n```\n'
    ),
    "a backquote too many": f"```\n{CODE}\n```\n```\nnet.fit(x, y, `verbose=2)\n```\nIt does not work.",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_no_code_is_left_out(text):
    parsed = parse(text)
    assert sum(p.numel() for p in parsed.module.parameters()) == 36 + 10


def test_several_activations_are_words():
    text = """
import tensorflow.keras as K
def build(nx, layers, activations):
    net = K.Sequential()
    for i in range(len(layers)):
        net.add(K.layers.Dense(layers[i], activation=activations[i], input_shape=(nx,)))
    return net
"""
    assert parse(text).assumed["activations"] == ("relu", "relu", "relu")


def test_code_that_is_two_tabs_deep_under_a_list():
    code = CODE.replace("nn.ReLU(), ", "\n    nn.ReLU(),\n\t").replace("\n", "\n\t\t")
    assert (
        sum(p.numel() for p in parse(f"## A lesson\n1. Build it\n2. Train it\n\n\t\t{code}\n").module.parameters())
        == 46
    )
