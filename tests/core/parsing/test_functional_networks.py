"""Networks that are functions of layers and weights outside of them, and classes beside layers that stand alone."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse

WEIGHTS = """W1 = nn.Parameter(torch.randn(784, 30) * 0.01)
b1 = nn.Parameter(torch.zeros(30))
W2 = nn.Parameter(torch.randn(30, 10) * 0.01)
b2 = nn.Parameter(torch.zeros(10))
params = [W1, b1, W2, b2]

def relu(x):
    return torch.max(x, torch.zeros_like(x))

def net(x):
    x = x.reshape((-1, 784))
    return relu(x @ W1 + b1) @ W2 + b2

loss = nn.CrossEntropyLoss()

def accuracy(x, y):
    return ((net(x) @ W2.T @ W2).argmax(1) == y).float().mean()
"""
LAYERS = """conv = nn.Conv2d(1, 8, 3)
heads = [nn.Linear(8, 4), nn.Linear(4, 2)]

def features(x):
    return conv(x).relu().mean((2, 3))

def predict(x):
    x = features(x)
    for head in heads:
        x = head(x)
    return x
"""


def names(text: str) -> dict[str, tuple[int, ...]]:
    return {name: tuple(one.shape) for name, one in parse(text).module.named_parameters()}


def output(text: str, *shape: int) -> tuple[int, ...]:
    return tuple(parse(text).module(torch.empty(2, *shape, device="meta")).shape)


def test_weights_of_a_function():
    assert names(WEIGHTS) == {"W1": (784, 30), "b1": (30,), "W2": (30, 10), "b2": (10,)}
    parsed = parse(WEIGHTS)
    assert (parsed.network, parsed.networks) == ("net", ("net",))
    assert any("read as a class Net" in note for note in parsed.notes)
    assert output(WEIGHTS, 28, 28) == (2, 10)
    assert names(parsed.lines) == names(WEIGHTS)


@pytest.mark.parametrize(
    "made",
    [
        "w = torch.normal(0, 0.01, size=(4, 2), requires_grad=True)\nb = torch.zeros(2, requires_grad=True)\n",
        "w = torch.tensor(np.random.normal(0, 0.1, (4, 2)))\nb = torch.zeros(2)\nfor one in [w, b]:\n"
        "    one.requires_grad_(True)\n",
        "def drawn(*size):\n    return torch.randn(size).requires_grad_()\nw, b = drawn(4, 2), drawn(2)\n",
        "w = torch.randn(4, 2) / 2\nw.requires_grad_()\nb = torch.zeros(2, requires_grad=True)\n",
    ],
    ids=["normal", "a loop", "a function", "afterwards"],
)
@pytest.mark.parametrize("head", ["def line(x):", "def line(x, w, b):"])
def test_tensors_that_are_trained(made, head):
    text = f"{made}{head}\n    return x @ w + b\nfor x, y in loader:\n    loss = (line(x, w, b) - y).pow(2).mean()\n"
    text += "    with torch.no_grad():\n        w -= rate * w.grad\n        b -= rate * b.grad\n"
    assert names(text) == {"w": (4, 2), "b": (2,)}
    assert ".grad" not in parse(text).lines


def test_layers_of_functions():
    assert sorted(names(LAYERS)) == [
        "conv.bias",
        "conv.weight",
        *(f"heads.{n}.{w}" for n in "01" for w in ("bias", "weight")),
    ]
    assert output(LAYERS, 1, 9, 9) == (2, 2)
    called = parse(LAYERS + "out = predict(torch.randn(5, 1, 30, 20))\n")
    assert called.input_shape == (1, 30, 20)


def test_layers_with_others_inside():
    text = "a = nn.MultiheadAttention(4, 1, batch_first=True)\nb = nn.Linear(4, 9)\nt = torch.randn(3, 6, 4)\n\n"
    text += "def model(t):\n    return b(a(t, t, t)[0])\n"
    assert output(text, 6, 4) == (2, 6, 9)


@pytest.mark.parametrize(
    "text",
    [
        "conv = nn.Conv2d(1, 8, 3)\nfc = nn.Linear(8, 2)\ndef loss_of(x):\n    return fc(conv(x)).mean()\n",
        "conv = nn.Conv2d(1, 8, 3)\nfc = nn.Linear(8, 2)\ndef fit(x):\n    out = fc(conv(x))\n"
        "    out.backward()\n    return out\n",
        "conv = nn.Conv2d(1, 8, 3)\nfc = nn.Linear(8, 2)\ndef use(x):\n    conv = x\n    return fc(conv)\n",
    ],
    ids=["measures", "trains", "has variables of those names"],
)
def test_other_functions_are_no_networks(text):
    assert parse(text).networks == ("conv", "fc")


def test_an_input_that_is_trained_is_no_weight():
    text = "x = torch.ones(2, 5, requires_grad=True)\na = nn.Linear(5, 3)\nb = nn.Linear(3, 2)\n"
    text += "def f(x):\n    return b(a(x))\n"
    assert sum(one.numel() for one in parse(text).module.parameters()) == 26
    two = "w = torch.ones(5, 2, requires_grad=True)\nb = torch.ones(2, requires_grad=True)\n"
    with pytest.raises(ParseError, match="No layer was found"):
        parse(f"{two}def f(w, x, b):\n    return x @ w + b\n")


NET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(8, 5)
        self.last = nn.Linear(5, 2)
    def forward(self, x):
        return self.last(torch.relu(self.first(x)))
"""
SHIFT = "class Shift(nn.Module):\n    def forward(self, x):\n        return x + 1\n"


@pytest.mark.parametrize(
    "text",
    [NET + "layer = nn.Linear(3, 4)\n", "layer = nn.Linear(3, 4)\n" + NET, NET + SHIFT + "layer = Shift()\n"],
    ids=["below", "above", "without weights"],
)
def test_a_class_is_meant_rather_than_a_layer_that_shows_something(text):
    parsed = parse(text)
    assert (parsed.network, parsed.networks) == ("Net", ("layer", "Net"))


def test_no_layer_stands_for_a_class_that_cannot_be_built():
    with pytest.raises(ParseError, match="missing_part"):
        parse(NET.replace("nn.Linear(8, 5)", "missing_part(8)") + "layer = nn.Linear(3, 4)\n")


def test_a_layer_of_the_text_goes_where_its_name_is_asked_for():
    text = "words = nn.Embedding(30, 8)\n" + NET.replace("(self)", "(self, words)", 1)
    text = text.replace("        self.first", "        self.words = words\n        self.first", 1)
    assert names(text.replace("self.first(x)", "self.first(self.words(x))"))["words.weight"] == (30, 8)
