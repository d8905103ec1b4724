"""Values that a text leaves open: usual ones are taken and named, the class itself agrees with what is read."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.errors import ParseError
from core.parsing import parse

HEAD = "class Net(nn.Module):\n    def __init__(self, {}):\n        super().__init__()\n"
TEXTS = {
    "numbers": HEAD.format("in_channels, num_classes") + "        self.c = nn.Conv2d(in_channels, 8, 3)\n"
    "        self.f = nn.Linear(8, num_classes)\n"
    "    def forward(self, x):\n        return self.f(self.c(x).mean((2, 3)))\n",
    "a shape": HEAD.format("input_shape, n_actions") + "        self.c = nn.Conv2d(input_shape[0], 8, 8, 4)\n"
    "        n = self.c(torch.zeros(1, *input_shape)).numel()\n"
    "        self.f = nn.Linear(n, n_actions)\n"
    "    def forward(self, x):\n        return self.f(self.c(x).flatten(1))\n",
    "channels of stages": HEAD.format("width_of_stages")
    + "        sizes = zip([3, *width_of_stages], width_of_stages)\n"
    "        self.s = nn.Sequential(*[nn.Conv2d(a, b, 3) for a, b in sizes])\n"
    "        self.n = len(width_of_stages)\n    def forward(self, x):\n        return self.s(x)\n",
    "a name that nothing is usual for": HEAD.format("zebra")
    + "        self.f = nn.Linear(28 * 28, zebra)\n    def forward(self, x):\n        return self.f(x.flatten(1))\n",
    "a ratio of channels": HEAD.format("channels, reduction=16")
    + "        self.a = nn.Conv2d(channels, channels // reduction, 1)\n"
    "        self.b = nn.Conv2d(channels // reduction, channels, 1)\n"
    "    def forward(self, x):\n        return x * torch.sigmoid(self.b(F.relu(self.a(x.mean((2, 3), True)))))\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_assumed_values_build_what_the_class_builds_with_them(text):
    parsed = parse(text)
    scope = {"nn": nn, "torch": torch, "F": F}
    exec(text, scope)
    original = scope["Net"](**parsed.assumed)
    theirs = {name: tuple(p.shape) for name, p in original.named_parameters()}
    assert {name: tuple(p.shape) for name, p in parsed.module.named_parameters()} == theirs
    assert all(any(name in note for note in parsed.notes) for name in parsed.assumed)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_lines_say_the_assumed_values_and_are_read_again(text):
    parsed = parse(text)
    again = parse(parsed.lines)
    assert [p.shape for p in again.module.parameters()] == [p.shape for p in parsed.module.parameters()]
    assert not again.assumed


def test_given_values_are_taken_instead():
    assert parse(TEXTS["numbers"], values={"num_classes": 7}).module.f.out_features == 7


def test_a_function_that_builds_is_called_with_usual_values():
    text = "def build(in_channels, num_classes):\n    return nn.Sequential(nn.Conv2d(in_channels, num_classes, 1))\n"
    parsed = parse(text)
    assert parsed.assumed == {"in_channels": 3, "num_classes": 10}
    assert parse(parsed.lines).module[0].weight.shape == (10, 3, 1, 1)


def test_settings_and_objects_are_read_by_their_names():
    text = HEAD.format("config, args") + (
        "        self.f = nn.Linear(config['in_features'], args.num_classes)\n"
        "        config['depth'] = 3\n        self.g = nn.ModuleList([nn.ReLU()] * config['depth'])\n"
        "    def forward(self, x):\n        return self.f(x)\n"
    )
    parsed = parse(text)
    assert parsed.module.f.out_features == 10
    assert len(parsed.module.g) == 3
    assert set(parsed.assumed) == {"in_features", "num_classes"}


@pytest.mark.parametrize("argument", ["transform", "path: str", "backbone: nn.Module"])
def test_what_no_number_can_stand_for_is_asked_for(argument):
    name = argument.split(":")[0]
    use = f"{name}(x)" if name == "transform" else "x"
    text = HEAD.format(argument) + (
        f"        self.f = nn.Linear(3, 4)\n        self.e = {name}\n"
        f"        x = torch.zeros(1)\n        self.y = {use}\n"
        "    def forward(self, x):\n        return self.f(x)\n"
    )
    with pytest.raises(ParseError, match=rf"Net needs a value for {name}: write the line that builds it"):
        parse(text)


def test_a_list_of_layers_with_something_unknown_is_refused():
    text = "stem = nn.Sequential(nn.Conv2d(1, 8, 3))\nblocks = []\nfor i in range(3):\n"
    text += "    blocks.append(DenseBlock(i))\n    blocks.append(nn.ReLU())\n"
    with pytest.raises(ParseError, match="Line 4: DenseBlock is not a layer"):
        parse(text)


def test_a_class_that_inherits_from_an_unknown_layer_is_the_reason():
    text = "class A(nn.Moule):\n    pass\n\nclass B(nn.Module):\n    def __init__(self, n, **k):\n"
    text += "        self.c = nn.Conv2d(3, 4, **k)\n"
    with pytest.raises(ParseError, match="Line 1: there is no layer called Moule; the nearest is Module"):
        parse(text)


def test_what_lightning_keeps_of_a_constructor():
    text = (
        "import pytorch_lightning as pl\nclass Net(pl.LightningModule):\n"
        "    def __init__(self, hidden=12, classes=5):\n"
        "        super().__init__()\n        self.save_hyperparameters()\n"
        "        self.f = nn.Linear(self.hparams.hidden, self.hparams.classes)\n"
        "    def forward(self, x):\n        return self.f(x)\nnet = Net(hidden=7)\n"
    )
    assert parse(text).module.f.weight.shape == (5, 7)


@pytest.mark.parametrize("name", ["init", "_init_"])
def test_init_without_its_underscores(name):
    text = f"class Net(nn.Module):\n    def {name}(self):\n        super(Net, self).{name}()\n"
    text += "        self.f = nn.Linear(3, 4)\n    def forward(self, x):\n        return self.f(x)\n"
    parsed = parse(text)
    assert parsed.module.f.out_features == 4
    assert any("underscores" in note for note in parsed.notes)


def test_types_are_compared_as_python_does():
    text = "a = [1] if type([2]) is list else [1, 1]\nb = 3 if type(2) in (list, tuple) else 4\n"
    text += "net = nn.Sequential(*[nn.Linear(b, b)] * len(a))\n"
    text += "c = [m for m in net.modules() if type(m) == nn.Linear]\nnet.append(nn.Linear(4, len(c)))\n"
    assert [tuple(layer.weight.shape) for layer in parse(text).module] == [(4, 4), (1, 4)]


RESNET = """
class Block(nn.Module):
    def __init__(self, planes):
        super().__init__()
        self.a = nn.Conv2d(planes, planes, 3, padding=1)

    def forward(self, x):
        return x + self.a(x)


class Net(nn.Module):
    def __init__(self, block, layers, num_classes):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), *[block(8) for _ in range(layers[0])])
        self.fc = nn.Linear(8, num_classes)

    def forward(self, x):
        return self.fc(self.body(x).mean((2, 3)))


def net18(num_classes, **kwargs):
    return Net(Block, [2], num_classes=num_classes, **kwargs)
"""


def test_what_a_function_puts_together_is_meant_rather_than_its_parts():
    parsed = parse(RESNET)
    assert (parsed.network, len(parsed.module.body), parsed.module.fc.out_features) == ("net18", 3, 10)
    assert "Block" in parsed.networks


RESIDUAL = """class Block(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.a = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.b = nn.Conv2d(out_channels, {times} * out_channels, 1)
    def forward(self, x):
        return x + self.b(self.a(x))
"""


@pytest.mark.parametrize(("times", "width"), [(1, 64), (4, 256)])
def test_widths_that_a_sum_needs_to_be_equal_are_made_so(times: int, width: int):
    parsed = parse(RESIDUAL.format(times=times))
    assert parsed.assumed == {"in_channels": width, "out_channels": 64}
    assert parsed.module(torch.zeros(1, width, 8, 8, device="meta")).shape == (1, width, 8, 8)


def test_a_width_that_was_typed_stays():
    parsed = parse(RESIDUAL.format(times=1), values={"in_channels": 3})
    assert parsed.assumed == {"in_channels": 3, "out_channels": 3}
