"""What a text changes on the way: names of modules, arguments of a command, what it draws, shows and keeps."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.parsing import parse
from tests.core.parsing.test_meaning_of_definitions import assert_is_what_python_makes_of_it

NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 4, 3)
        {made}
    def forward(self, x):
        {run}
net = Net()
"""
TEXTS = {
    "a layer of PyTorch under another meaning": """
class Wide(nn.Conv2d):
    def __init__(self, i, o, k):
        super().__init__(i, 2 * o, k)
nn.Conv2d = Wide
net = nn.Sequential(nn.Conv2d(3, 4, 3))
""",
    "a function of PyTorch under another meaning": "F = nn.functional\nF.relu = lambda x: x.mean((2, 3))\n"
    + NET.format(made="pass", run="return F.relu(self.c(x))"),
    "a network that is called in its own way": NET.format(
        made="pass", run="return self.c(x)\n    def __call__(self, x):\n        return super().__call__(x).flatten(1)"
    ),
    "a network that is called, and has no forward": NET.format(
        made="pass", run="return self.c(x)\n    def __call__(self, x):\n        return self.c(x).flatten(1)"
    ).replace("def forward", "def other"),
    "what is only shown takes an item": "def build():\n    sizes = [4, 5]\n    print('not', sizes.pop(0))\n"
    "    return nn.Conv2d(3, sizes[0], 1)\nnet = nn.Sequential(build())",
    "what is only shown gets a name": NET.format(
        made="print(n := 2)", run="print(x := x[:, :, ::2])\n        return self.c(x)"
    ),
    "what is only checked takes an item": "sizes = [4, 5]\nassert isinstance(sizes.pop(0), int)\n"
    "net = nn.Sequential(nn.Conv2d(3, sizes[0], 1))",
    "a norm that is taken away again": "net = nn.Sequential(nn.utils.weight_norm(nn.Conv2d(3, 8, 3)))\n"
    "nn.utils.remove_weight_norm(net[0])",
    "another norm that is taken away again": "net = nn.Sequential(nn.utils.spectral_norm(nn.Conv2d(3, 8, 3)))\n"
    "nn.utils.remove_spectral_norm(net[0])",
    "norms that are taken away where there are any": """
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import weight_norm
net = nn.Sequential(weight_norm(nn.Conv2d(3, 8, 3)), nn.ReLU())
for part in net.modules():
    if parametrize.is_parametrized(part):
        parametrize.remove_parametrizations(part, "weight")
""",
    "a weight that a class of the text works out": """
from torch.nn.utils import parametrize
class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(8, 1, 1, 1))
    def forward(self, weight):
        return weight * self.scale
net = nn.Sequential(nn.Conv2d(3, 8, 3))
parametrize.register_parametrization(net[0], "weight", Scaled())
""",
    "a norm that becomes a part of the layer before it": "net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))\n"
    "net = torch.ao.quantization.fuse_modules(net.eval(), [['0', '1']])",
    "the same in its place": """
class Fusing(nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.n, self.r = nn.Conv2d(3, 4, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU()
    def forward(self, x):
        return self.r(self.n(self.c(x)))
    def fuse_model(self):
        torch.ao.quantization.fuse_modules(self, ["c", "n", "r"], inplace=True)
net = Fusing().eval()
net.fuse_model()
""",
    "the same of two layers": "layer, norm = nn.Conv2d(3, 4, 1, bias=False).eval(), nn.BatchNorm2d(4).eval()\n"
    "net = nn.Sequential(torch.nn.utils.fusion.fuse_conv_bn_eval(layer, norm))",
    "a name that an error had": "e = 5\ntry:\n    1 / 0\nexcept ZeroDivisionError as e:\n    pass\n"
    "try:\n    width = e\nexcept NameError:\n    width = 7\nnet = nn.Sequential(nn.Conv2d(3, width, 1))",
    "a name that torch.nn has nowhere": "try:\n    from torch.nn import Conv2dOfTomorrow as Conv\nexcept ImportError:\n"
    "    from torch.nn import Conv2d as Conv\nnet = nn.Sequential(Conv(3, 4, 3))",
    "a function that torch.nn has nowhere": "try:\n    from torch.nn.functional import act_of_tomorrow as act\n"
    "except ImportError:\n    def act(x):\n        return x.flatten(1)\n"
    + NET.format(made="pass", run="return act(self.c(x))"),
    "a type of numpy's": "import numpy as np\nwidths = (np.array([8, 16]) * 0.5).astype(np.int64).tolist()\n"
    "net = nn.Sequential(nn.Conv2d(3, len(str(widths[1])), 1))",
    "a constant of Python's": "net = nn.Sequential(nn.Conv2d(3, 4 if __debug__ else 8, 1))",
    "what a seed gives": """
import random
random.seed(5)
widths = random.sample(range(3, 90), 4)
random.shuffle(widths)
net = nn.Sequential(nn.Conv2d(3, widths[0], 1), nn.Conv2d(widths[0], random.randint(3, 99) + random.choice(widths), 1))
""",
    "words of a command": """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("kernel", type=int)
parser.add_argument("--width", "-w", type=int, default=5)
parser.add_argument("--deep", action="store_true")
parser.add_argument("--plain", dest="bias", action="store_false")
parser.add_argument("--more", nargs="+", type=int, default=[1])
parser.add_argument("--pair", nargs=2, type=int)
parser.add_argument("--fixed", action="store_const", const=7, default=2)
parser.add_argument("--maybe", nargs="?", const=11, type=int, default=2)
a = parser.parse_args("3 --width=9 --deep --plain --more 4 5 --pair 1 2 --fixed --maybe".split())
width = a.width + sum(a.more) + sum(a.pair) + a.deep + a.fixed + a.maybe
net = nn.Sequential(nn.Conv2d(3, width, a.kernel, bias=a.bias))
""",
    "words that are given twice": """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--width", action="append", type=int)
parser.add_argument("-v", action="count", default=1)
a = parser.parse_args(["--width", "4", "-v", "--width", "6", "-v"])
net = nn.Sequential(nn.Conv2d(3, a.v, 1), nn.Conv2d(a.v, sum(a.width), len(a.width)))
""",
    "some words of a command": "import argparse\nparser = argparse.ArgumentParser()\n"
    "parser.add_argument('-w', type=int, default=5)\na, rest = parser.parse_known_args(['-w', '8'])\n"
    "net = nn.Sequential(nn.Conv2d(3, a.w, 1))",
}


@pytest.mark.parametrize("kind", TEXTS)
def test_the_network_is_the_one_that_python_makes(kind, monkeypatch):
    monkeypatch.setattr(nn, "Conv2d", nn.Conv2d)
    monkeypatch.setattr(nn.functional, "relu", nn.functional.relu)
    assert_is_what_python_makes_of_it(TEXTS[kind])


COUNTING = NET.format(
    made="self.calls, self.seen = 0, []",
    run="self.calls += 1\n        self.seen.append(x)\n        return self.c(x)[:, : len(self.seen) + self.calls - 1]",
)
GROWING = NET.format(
    made="self.last = None",
    run="x = self.c(x).flatten(1)\n        if self.last is None:\n            self.last = nn.Linear(x.shape[1], 5)\n"
    "        return self.last(x)",
)


@pytest.mark.parametrize("shape", [None, (3, 16, 16)])
def test_trials_count_for_nothing_that_forward_counts(shape):
    module = parse("import torch\nfrom torch import nn\n" + COUNTING, input_shape=shape).module
    widths = [module(torch.zeros(1, 3, 16, 16, device="meta")).shape[1] for _ in range(2)]
    assert widths == [1, 3]


def test_layers_that_forward_makes_are_there_once_it_was_tried():
    module = parse("import torch\nfrom torch import nn\n" + GROWING, input_shape=(3, 16, 16)).module
    assert module.last.in_features == 4 * 14 * 14


@pytest.mark.parametrize("name", ["forward", "__init__"])
def test_a_method_of_every_such_layer_is_not_replaced_without_a_word(name):
    with pytest.raises(ParseError, match=f"Line 2: {name} of every Conv2d"):
        parse(f"from torch import nn\nnn.Conv2d.{name} = lambda self, x: x\nnet = nn.Sequential(nn.Conv2d(3, 4, 1))")


@pytest.mark.parametrize("draw", ["randint(4, 90)", "choice([4, 5])", "sample([4, 5], 1)[0]", "randrange(4, 8)"])
def test_what_is_drawn_is_said(draw):
    parsed = parse(f"import random\nfrom torch import nn\nnet = nn.Sequential(nn.Conv2d(3, random.{draw}, 1))")
    assert parsed.module[0].out_channels == 4
    assert any(note.startswith(f"Line 3: random.{draw.partition('(')[0]} draws") for note in parsed.notes)


def test_what_forward_draws_is_not_said():
    text = NET.format(made="pass", run="return self.c(x) if random.random() < 0.9 else x")
    assert not any("draws" in note for note in parse("import random\nfrom torch import nn\n" + text).notes)


@pytest.mark.parametrize("function", ["convert", "quantize_dynamic"])
def test_weights_that_are_packed_are_said_to_be_counted(function):
    text = f"import torch\nfrom torch import nn\nnet = torch.quantization.{function}(nn.Sequential(nn.Linear(3, 4)))"
    parsed = parse(text)
    assert sum(p.numel() for p in parsed.module.parameters()) == 16
    assert any(note.startswith(f"Line 3: {function}() packs weights") for note in parsed.notes)


RESNET = "import torchvision\nfrom torchvision.models.feature_extraction import create_feature_extractor as create\n"


def test_what_parts_of_a_ready_made_network_give_ends_with_the_last_of_them():
    module = parse(RESNET + "net = create(torchvision.models.resnet18(), ['layer1', 'layer2'])").module
    assert [name for name, _ in module.named_children()][-1] == "layer2"
    first, second = module(torch.zeros(1, 3, 64, 64, device="meta"))
    assert (first.shape[1], second.shape[1]) == (64, 128)


def test_what_stands_within_a_part_is_refused():
    with pytest.raises(ParseError, match="only whole parts"):
        parse(RESNET + "net = create(torchvision.models.resnet18(), ['layer1.0.relu'])")
