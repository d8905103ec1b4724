"""A statement that would change or make a network by a misspelt name is refused, since Python refuses it, too."""

import pytest

from core.errors import ParseError
from core.parsing import parse, parse_model
from core.parsing.evaluation.misspelt_names import MisspeltNameError

HEAD = "import torch\nimport torch.nn as nn\nfrom collections import OrderedDict\n"
LIST = HEAD + "parts = [nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 5, 3)]\n{}\nnet = nn.Sequential(*parts)"
NETWORK = HEAD + "net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 5, 3))\n{}"
CLASS = """
class Small(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        parts = [nn.Conv2d(3, width, 3)]
        {init}
        self.parts = nn.Sequential(*parts)

    def forward(self, x):
        out = self.parts(x)
        {forward}
        return out

def make_small(width):
    return Small(width)
"""
BRANCHES = (
    "import tensorflow as tf\nfrom tensorflow.keras import layers, models\ni = layers.Input((8, 8, 3))\n"
    "x = layers.Conv2D(4, 1)(i)\ny = {}\ny = layers.concatenate([x, y])\nmodel = models.Model(i, y)"
)
MISSPELT = {
    "appended": (LIST.format("partz.append(nn.ReLU())"), "partz.*nearest is parts"),
    "added": (LIST.format("partz += [nn.ReLU()]"), "partz.*nearest is parts"),
    "no method of a list": (LIST.format("parts.popp()"), "no method popp: the nearest is pop"),
    "unknown layers": (LIST.format("parts.extend(stem_parts)"), "stem_parts has no value"),
    "item": (
        LIST.replace("nn.Sequential(*parts)", "partz[0]").format("partz[0] = nn.ReLU()"),
        "partz.*nearest is parts",
    ),
    "item of an empty dictionary": (
        HEAD
        + "parts = OrderedDict()\npartz['a'] = nn.Conv2d(3, 4, 3)\nparts['b'] = nn.ReLU()\nnet = nn.Sequential(parts)",
        "partz.*nearest is parts",
    ),
    "deleted": (NETWORK.format("del nett[2]"), "nett.*nearest is net"),
    "attribute": (NETWORK.format("nett.head = nn.Linear(3, 4)"), "nett.*nearest is net"),
    "method": (NETWORK.format("nett.add_module('more', nn.ReLU())"), "nett.*nearest is net"),
    "class": (HEAD + CLASS.format(init="", forward="") + "net = Smal(2)", "Smal has .*nearest is Small"),
    "function": (
        HEAD + CLASS.format(init="", forward="") + "net = make_smal(2)",
        "make_smal has .*nearest is make_small",
    ),
    "list in a method": (HEAD + CLASS.format(init="partz.append(nn.ReLU())", forward=""), "partz.*nearest is parts"),
    "self": (HEAD + CLASS.format(init="sel.head = nn.ReLU()", forward=""), "sel .*nearest is self"),
    "tensor": (HEAD + CLASS.format(init="", forward="out2 += self.parts(x)"), "out2.*nearest is out"),
    "other name": (HEAD + CLASS.format(init="", forward="result += self.parts(x)"), "result has no value"),
    "layer, and another layer below": (
        HEAD + "net = nn.Sequential(nn.Conv2dd(3, 4, 3), nn.Flatten())\nprobabilities = nn.Softmax(dim=1)",
        "Conv2dd; the nearest is Conv2d",
    ),
    "Keras": (
        "from tensorflow.keras import layers, models\nmodel = models.Sequential([layers.Input((8, 8, 3))])\n"
        "model.add(layers.Conv2D(4, 3))\nmodels2.add(layers.Dense(3))\nmodell.add(layers.Flatten())",
        "nearest is model",
    ),
    "method of a Keras network": (
        "from tensorflow.keras import layers, models\nmodel = models.Sequential([layers.Input((8, 8, 3)), "
        "layers.Conv2D(4, 3), layers.Conv2D(9, 3)])\nmodel.popp()",
        "no method popp: the nearest is pop",
    ),
    "branch that is never made": (BRANCHES.format("layers.concatenate([side, x])"), "the name side has no value"),
    "branch of a misspelt layer": (BRANCHES.format("layers.Conv2Dd(4, 3)(x)"), "there is no layer called Conv2Dd"),
    "branch that is no output of a layer": (BRANCHES.format("tf.concat([x, 2.0], -1)"), "is none"),
    "word in quotes that stands for nothing": (
        HEAD + "class Net(nn.Module):\n    def __init__(self, size=5):\n        super().__init__()\n"
        "        self.conv = nn.Conv2d(3, 4, eval('sizze'))\n    def forward(self, x):\n        return self.conv(x)",
        "the name sizze has no value",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), MISSPELT.values(), ids=MISSPELT)
def test_a_misspelt_change_is_refused_with_its_neighbour(text, sentence):
    with pytest.raises(ParseError, match=sentence):
        parse_model(text)


@pytest.mark.parametrize(
    "line",
    [
        "trainer.model = net",
        "history = fit(net)",
        "results.append(net(torch.zeros(1, 3, 9, 9)))",
        "x_tests[0] = 3",
        "logger.info(net)",
        "cfg.width = 3",
        "del loaders",
    ],
)
def test_what_is_done_to_other_things_is_passed_over(line):
    parsed = parse(NETWORK.format(f"x_test = [1, 2]\n{line}"))
    assert sum(one.numel() for one in parsed.module.parameters()) == 297


def test_a_name_in_other_letters_is_named_where_nothing_else_is_found():
    text = "from keras.models import Sequential\nfrom keras.layers import Dense\nnet = sequential()\nnet.add(dense(3))"
    with pytest.raises(MisspeltNameError, match="Line 3: the name sequential has no value: the nearest is Sequential"):
        parse(text)


def test_functions_that_are_nowhere_defined_are_named():
    with pytest.raises(ParseError, match="make_weight and squashed are not in it"):
        parse("w = make_weight([3, 4])\ny = squashed(w)\n")
