"""What a file holds is unknown: looking through it builds nothing, and a network that depends on it is refused."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse

HEAD = """
import json
import torch
import torch.nn as nn
from torch.hub import load_state_dict_from_url
from torch.utils import model_zoo

class Net(nn.Module):
    def __init__(self, width=5):
        super().__init__()
        self.first = nn.Conv2d(3, width, 1)
        self.load()

    def forward(self, x):
        return self.first(x)

    def load(self):
"""
LOADING = {
    "a part at a time": """
        stored = model_zoo.load_url("net.pth")
        for name, part in self.named_children():
            if name in stored.keys():
                part.load_state_dict(stored[name])
    """,
    "under other names": """
        stored = torch.load("net.pth", map_location="cpu")["state"]
        renamed = {}
        for key, value in stored.items():
            renamed[key.replace("module.", "")] = value
        self.load_state_dict(renamed)
    """,
    "what fits": """
        own = self.state_dict()
        stored = load_state_dict_from_url("net.pth")
        stored = {key: one for key, one in stored.items() if key in own and one.shape == own[key].shape}
        own.update(stored)
        self.load_state_dict(own)
    """,
    "without the head": """
        stored = torch.load("net.pth")
        if "model" in stored:
            stored = stored["model"]
        for key in list(stored.keys()):
            if "head" in key:
                del stored[key]
        self.load_state_dict(stored, strict=False)
    """,
}


@pytest.mark.parametrize("lines", LOADING.values(), ids=list(LOADING))
def test_weights_that_a_network_loads_change_nothing(lines):
    module = parse(HEAD + lines).module
    assert [(name, tuple(one.shape)) for name, one in module.named_parameters()] == [
        ("first.weight", (5, 3, 1, 1)),
        ("first.bias", (5,)),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "net = nn.Sequential()\nfor key in torch.load('net.pth'):\n    net.append(nn.Linear(3, 3))\n",
        "if 'wide' in torch.load('net.pth'):\n    net = nn.Sequential(nn.Linear(3, 9))\n"
        "else:\n    net = nn.Sequential(nn.Linear(3, 2))\n",
        "def make():\n    layers = []\n    for key in torch.load('net.pth'):\n        layers.append(nn.Linear(3, 3))\n"
        "    return nn.Sequential(nn.ReLU(), *layers)\nnet = make()\n",
    ],
)
def test_layers_that_depend_on_a_file_are_refused(lines):
    with pytest.raises(ParseError, match=r"in a file|is not known"):
        parse(f"import torch\nimport torch.nn as nn\n{lines}")


def test_settings_out_of_a_file_are_the_defaults_with_a_note():
    text = "    pass\nsettings = json.load(open('a.json'))\nnet = Net(**settings['net'])\n"
    parsed = parse(HEAD + "    " + text)
    assert parsed.module.first.out_channels == 5
    assert any("the defaults of Net are taken" in note for note in parsed.notes)


def test_the_names_of_weights_are_those_of_the_network():
    lines = "        pass\nnet = Net(6)\nwidth = net.state_dict()['first.weight'].shape[0]\n"
    assert parse(f"{HEAD}{lines}head = nn.Sequential(net, nn.Conv2d(width, 2, 1))\n").module[1].in_channels == 6
