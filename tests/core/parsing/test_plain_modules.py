"""Classes that compute with layers or weights and are no `nn.Module` in the text."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

LAYERS = """class Net{base}:
    def __init__(self):
        self.first = nn.Linear(8, 5)
        self.last = nn.Linear(5, 2)

    def forward(self, x):
        return self.last(torch.relu(self.first(x)))
"""
WEIGHTS = '''class MLP(object):
    """Größe: 8."""
    def __init__(self, width=8):
        """Makes it."""
        self.width = width
        self.W = torch.randn(width, 4,
            requires_grad=True)
        self.b = torch.zeros(4, requires_grad=True)
        self.params = [self.W, self.b]
    def __call__(self, x):
        return self.act(x @ self.W + self.b)
    def act(self, x):
        return x.clamp(min=0)
    def parameters(self):
        return self.params
net = MLP()
for p in net.parameters():
    p.data -= 0.1 * p.grad
'''


@pytest.mark.parametrize("base", ["", "()", "(object)"])
@pytest.mark.parametrize("use", ["", "net = Net()\nprint(net.forward(torch.randn(3, 8)).shape)\n"])
def test_layers_of_a_class_without_a_base(base, use):
    parsed = parse(LAYERS.format(base=base) + use)
    assert len(parsed.networks) == 1
    assert [name for name, _ in parsed.module.named_parameters()] == [
        f"{layer}.{kind}" for layer in ("first", "last") for kind in ("weight", "bias")
    ]
    assert tuple(parsed.module(torch.empty(2, 8, device="meta")).shape) == (2, 2)
    assert "Net is no nn.Module in the text; it is read as one." in parsed.notes


def test_weights_of_a_class_without_a_base():
    parsed = parse(WEIGHTS)
    assert {name: tuple(one.shape) for name, one in parsed.module.named_parameters()} == {"W": (8, 4), "b": (4,)}
    assert tuple(parsed.module(torch.empty(2, 8, device="meta")).shape) == (2, 4)
    assert sum(one.numel() for one in parse(parsed.lines).module.parameters()) == 36


@pytest.mark.parametrize(
    "text",
    [
        LAYERS.format(base="").replace("nn.Linear(8, 5)", "nn.Sequential(nn.Linear(8, 5), nn.ReLU())"),
        LAYERS.format(base="").replace("forward", "act"),
        LAYERS.format(base="") + "class Other(Net, nn.Module):\n    pass\n",
        LAYERS.format(base="").replace("def forward", "def \\\n    __call__") + "net = Net()\n",
    ],
    ids=["keeps a network", "no forward", "a class for others", "a name below its def"],
)
def test_other_classes_stay_as_they_are(text):
    assert not any("is no nn.Module" in note for note in parse(text).notes)
