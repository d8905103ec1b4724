"""Loops and functions about data: what they build is read, what they do with data is not."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse
from core.parsing.evaluation.values import MISSING
from core.parsing.open_values.assumptions import usual_value

HEAD = "from tensorflow import keras\nfrom tensorflow.keras.layers import Dense\n"


def count(text: str, **options) -> int:
    return sum(p.numel() for p in parse(text, **options).module.parameters())


def test_the_network_of_each_fold_is_read_once():
    parsed = parse(
        f"{HEAD}for train, test in folds.split(X, y):\n"
        "    model = keras.Sequential()\n    model.add(Dense(8, input_dim=4))\n    model.add(Dense(1))\n"
        "    model.fit(X[train], y[train])\n    scores.append(model.evaluate(X[test], y[test])[1])"
    )
    assert sum(p.numel() for p in parsed.module.parameters()) == 4 * 8 + 8 + 9
    assert any("loop in line 3" in note for note in parsed.notes)


@pytest.mark.parametrize(
    "body",
    [
        "model.add(Dense(n))",
        "x = Dense(n)(x)",
        "layers += [Dense(n)]",
        "layers.append(Dense(n))",
        "layers[n] = Dense(n)",
    ],
)
def test_a_loop_over_unknown_items_that_goes_on_building_is_refused(body):
    before = (
        "model = keras.Sequential()\nmodel.add(Dense(8, input_dim=4))\nx = keras.Input((4,))\nlayers = [Dense(8)]\n"
    )
    after = "model.add(Dense(1))\nnet = keras.Model(x, Dense(2)(x))"
    with pytest.raises(ParseError, match="Line"):
        parse(f"{HEAD}{before}for n in sizes_of(data):\n    {body}\n{after}")


def test_a_function_that_compares_networks_offers_the_last():
    text = (
        f"{HEAD}def build(kind):\n    return keras.Sequential([keras.Input((4,)), Dense(8, activation=kind)])\n"
        "def run():\n    (x, y), _ = keras.datasets.mnist.load_data()\n    for kind in ['relu', 'tanh']:\n"
        "        model = build(kind)\n        model.fit(x, y)\n        accuracy = model.evaluate(x, y)[1]\nrun()"
    )
    assert count(text) == 4 * 8 + 8


def test_what_training_returns_may_be_plotted_on_the_way():
    text = (
        f"{HEAD}def show(history):\n    return [value * 100 for value in history.history['loss']]\n"
        "def trained(x):\n    model = keras.Sequential([keras.Input((4,)), Dense(3)])\n    history = model.fit(x)\n"
        "    show(history)\n    return model, history\ndef run():\n    model, history = trained(data)\nrun()"
    )
    parsed = parse(text)
    assert sum(p.numel() for p in parsed.module.parameters()) == 15
    assert parsed.assumed == {}


def test_a_network_that_was_only_begun_is_not_what_a_function_builds():
    text = (
        f"{HEAD}def build(hp):\n    model = keras.Sequential([keras.Input((4,)), Dense(3)])\n"
        "    for _ in range(hp.Int('n', 1, 3)):\n        model.add(Dense(8))\n    return model"
    )
    with pytest.raises(ParseError, match="Line 3: hp proposes other sizes at each call"):
        parse(text)


@pytest.mark.parametrize(
    ("before", "size"),
    [
        ("text = open('a.txt').read()\nchars = sorted(list(set(text)))", "len(chars)"),
        ("frame = pd.read_csv('a.csv')\nX = frame.drop('y', axis=1).values", "X.shape[1]"),
        ("labels = load()['y']", "len(set(labels))"),
        ("y_train = load()", "len(np.unique(y_train))"),
    ],
)
def test_sizes_of_data_are_assumed_and_said(before, size):
    parsed = parse(f"import pandas as pd\nimport torch.nn as nn\n{before}\nnet = nn.Sequential(nn.Linear(7, {size}))")
    assert parsed.assumed == {size: parsed.module[0].out_features}


def test_weights_that_are_loaded_from_a_file_change_no_network():
    text = "import os, numpy as np\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.fc = nn.Linear(3, 4)\n"
    text += (
        "        weights = np.load(os.path.join('a', 'w.npy'))[()]\n        for name, p in self.named_parameters():\n"
    )
    text += (
        "            p.data = torch.FloatTensor(weights[name])\n    def forward(self, x):\n        return self.fc(x)"
    )
    assert count(text) == 16


def test_an_expression_that_grows_with_each_turn_is_usual_for_nothing():
    assert usual_value("_" * 300 + "num_classes") == 10
    assert usual_value("_" * 500 + "num_classes") is MISSING


def test_of_a_long_training_loop_one_turn_is_enough():
    text = (
        "net = nn.Sequential(nn.Linear(5, 3), nn.ReLU(), nn.Linear(3, 1))\nx = torch.rand(8, 5)\n"
        "for step in range(100_000):\n    loss = net(x).mean()\n    net.zero_grad()\n    loss.backward()\n"
        "    for p in net.parameters():\n        p.data -= 0.1 * p.grad\n"
    )
    parsed = parse(text)
    assert (parsed.network, parsed.input_shape) == ("net", (5,))


def test_a_loop_that_trains_and_builds_is_followed_to_its_end():
    text = "net = nn.Sequential(nn.Linear(5, 5))\nfor step in range(3):\n    net.append(nn.Linear(5, 5))\n"
    text += "    net(torch.rand(2, 5)).sum().backward()\n"
    assert len(parse(text).module) == 4


GROWING = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = nn.ModuleList()
    def grow(self):
        {}
    def more(self):
        self.rows.append(nn.Linear(5, 5))
    def forward(self, x):
        for row in self.rows:
            x = row(x)
        return x
net = Net()
for step in range(3):
    net.grow()
    net(torch.rand(2, 5)).sum().backward()
"""


@pytest.mark.parametrize("method", ["self.rows.append(nn.Linear(5, 5))", "self.more()"])
def test_a_loop_that_trains_a_network_which_grows_is_followed_to_its_end(method):
    assert len(parse(GROWING.format(method)).module.rows) == 3
