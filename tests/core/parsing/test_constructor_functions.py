"""Files of model collections: functions that build networks, tests of them, parts that are not in the text."""

from __future__ import annotations

from core.parsing import parse

BLOCK = """
import torch
import torch.nn as nn
from .gate import Gate

class Net(nn.Module):
    def __init__(self, width, has_gate=False):
        super().__init__()
        self.first = nn.Conv2d(3, width, 3)
        if has_gate:
            self.gate = Gate(width)
        else:
            self.gate = nn.Identity()

    def forward(self, x):
        return self.gate(self.first(x))

def small():
    return Net(4)

def large():
    return Net(8)

def gated():
    return Net(16, True)
"""


def test_a_function_with_a_part_that_is_not_in_the_text_comes_after_those_without():
    parsed = parse(BLOCK)
    assert (parsed.network, parsed.module.first.out_channels) == ("large", 8)
    assert set(parsed.networks) == {"small", "large", "gated"}


def test_what_a_test_builds_has_the_name_of_the_function_that_it_calls():
    text = (
        BLOCK.replace("from .gate import Gate\n", "")
        + "\ndef test():\n    net = small()\n    print(net(torch.ones(1, 3, 9, 9)))\n"
    )
    parsed = parse(text)
    assert (parsed.network, parsed.input_shape) == ("small", (3, 9, 9))
    scope: dict = {}
    lines = parsed.lines.rstrip().split("\n")
    exec("\n".join(lines[:-1]), scope)
    assert eval(lines[-1], scope).first.out_channels == parsed.module.first.out_channels == 4


HEADS = """
class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 16))

    def forward(self, x):
        return self.layers(x)

class Margin(nn.Module):
    def __init__(self, width=16, classes=100):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width, classes))

    def forward(self, features, label):
        return torch.mm(features, self.weight) - label.view(-1, 1)
"""


def test_a_head_that_is_given_the_labels_is_not_meant_where_there_is_a_network():
    assert parse(HEADS).network == "Backbone"
    assert parse(HEADS[HEADS.index("class Margin") :]).network == "Margin"


def test_settings_that_an_object_keeps_are_replaced_in_the_lines():
    text = """
class Net(nn.Module):
    def __init__(self, args):
        super().__init__()
        self.args = args
        self.first = nn.Conv2d(args.in_channels, 4, 1)
        self.last = nn.Conv2d(4, 2, 1) if self.args.is_deep else nn.Identity()

    def forward(self, x):
        return self.last(self.first(x))
"""
    lines = parse(text).lines
    assert "self.args.is_deep" not in lines
    assert "args.in_channels" not in lines


def test_a_number_where_the_text_makes_a_list_of_it():
    text = """
class Net(nn.Module):
    def __init__(self, hidden, count=1):
        super().__init__()
        hidden = self._listed(hidden, count)
        assert len(hidden) == count
        self.parts = nn.ModuleList(nn.Conv2d(3 if i == 0 else hidden[i - 1], hidden[i], 1) for i in range(count))

    @staticmethod
    def _listed(value, count):
        return value if isinstance(value, list) else [value] * count

    def forward(self, x):
        for part in self.parts:
            x = part(x)
        return x
"""
    assert len(parse(text).module.parts) == 1


def test_devices_and_counts_of_layers_have_usual_values():
    text = """
def build(width, n_layers_D, gpu_ids):
    layers = []
    for _ in range(n_layers_D):
        layers.append(nn.Conv2d(3, 3, 1))
    net = nn.Sequential(nn.Conv2d(3, 3, width), *layers)
    if len(gpu_ids) > 0:
        net = nn.DataParallel(net, gpu_ids)
    return net
"""
    assert len(parse(text).module) == 3


def test_a_factor_is_one_of_those_that_the_text_tells_apart():
    text = """
class Up(nn.Sequential):
    def __init__(self, scale, n_feats):
        layers = []
        if (scale & (scale - 1)) == 0:
            for _ in range(int(math.log(scale, 2))):
                layers += [nn.Conv2d(n_feats, 4 * n_feats, 3, 1, 1), nn.PixelShuffle(2)]
        elif scale == 3:
            layers += [nn.Conv2d(n_feats, 9 * n_feats, 3, 1, 1), nn.PixelShuffle(3)]
        else:
            raise NotImplementedError
        super().__init__(*layers)

class Net(nn.Module):
    def __init__(self, scale, n_resblocks, n_feats=8):
        super().__init__()
        self.head = nn.Conv2d(3, n_feats, 3, 1, 1)
        self.body = nn.Sequential(*[nn.Conv2d(n_feats, n_feats, 3, 1, 1) for _ in range(n_resblocks)])
        self.tail = Up(scale, n_feats)

    def forward(self, x):
        return self.tail(self.body(self.head(x)))
"""
    parsed = parse(text)
    assert parsed.assumed["scale"] == 2
    assert (len(parsed.module.body), len(parsed.module.tail)) == (2, 2)
