"""Which of the networks of a text is meant, and what it is built with where the text itself builds it in passing."""

from __future__ import annotations

import pytest
from torch import nn

from core.errors import ParseError
from core.parsing import parse

HEAD = "import torch\nimport torch.nn as nn\nimport torchvision\nfrom torchsummary import summary\n"
NET = """
class Net(nn.Module):
    def __init__(self, classes, width):
        super().__init__()
        self.a = nn.Conv2d(3, width, 1)
        self.b = nn.Linear(width, classes)
    def forward(self, x):
        return self.b(self.a(x).mean((2, 3)))
"""
OF_2_AND_5 = 3 * 5 + 5 + 5 * 2 + 2


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    "use",
    [
        "print(Net(2, width=5)(torch.zeros(1, 3, 40, 40)).shape)",
        "y = Net(2, 5)(torch.zeros(1, 3, 40, 40))",
        "summary(Net(classes=2, width=5), (3, 40, 40))",
        "def test():\n    y = Net(2, 5)(torch.zeros(1, 3, 40, 40))\n    print(y.size())\ntest()",
    ],
)
def test_a_network_built_in_passing_is_shown_as_it_is_built(use: str):
    parsed = parse(HEAD + NET + use)
    assert count(parsed.module) == OF_2_AND_5
    assert parsed.input_shape == (3, 40, 40)
    assert not parsed.assumed
    assert not any("assumed" in note for note in parsed.notes)
    assert count(parse(parsed.lines).module) == OF_2_AND_5


def test_one_that_is_never_built_has_assumed_sizes():
    assert parse(HEAD + NET).assumed == {"classes": 10, "width": 64}


def test_a_ready_made_network_beside_it_is_only_compared_with():
    text = HEAD + NET + "net = Net(2, 5)\nother = torchvision.models.resnet18()\n"
    assert parse(text).network == "net"
    assert parse(text, network="other").network == "other"


def test_a_ready_made_network_with_another_head_is_meant():
    text = HEAD + NET + "net = Net(2, 5)\nmodel = torchvision.models.resnet18()\nmodel.fc = nn.Linear(512, 3)\n"
    assert parse(text).network == "model"


def test_a_function_that_trains_comes_before_the_class_that_it_trains():
    train = """
def fit(depth_of_search, x, y):
    net = Net(2, depth_of_search)
    loss = (net(x) - y).mean()
    loss.backward()
    return net
"""
    text = HEAD + NET.replace("classes, width", "classes=2, width=5") + train
    assert parse(text).network == "Net"
    assert count(parse(text).module) == OF_2_AND_5


def test_a_function_that_returns_a_class_gives_its_network():
    text = """
def make(width=8):
    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Conv2d(3, width, 1)
        def forward(self, x):
            return self.a(x)
    return Small
"""
    parsed = parse(HEAD + text)
    assert (parsed.network, count(parsed.module)) == ("make", 32)
    assert count(parse(parsed.lines).module) == 32


PARTS = """
def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 1), nn.ReLU())
class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = block(3, 4)
        self.b = {head}
    def forward(self, x):
        return self.b(self.a(x))
"""


def test_a_function_that_a_class_calls_is_a_part_of_it():
    assert parse(HEAD + PARTS.format(head="nn.Conv2d(4, 2, 1)")).networks == ("Whole",)


def test_it_is_not_shown_instead_of_a_class_that_cannot_be_read():
    with pytest.raises(ParseError, match="Line 12"):
        parse(HEAD + PARTS.format(head="nn.Conv2d(4, 2, 1, groups=3)"))


@pytest.mark.parametrize(
    "change",
    [
        "net.apply(lambda m: setattr(m, 'bias', None) if isinstance(m, nn.Conv2d) else None)",
        "net[0].weight.data = torch.zeros(8, 3, 5, 5)",
        "net[0].stride = (2, 2)",
        "net[0].register_forward_hook(lambda m, i, o: o[:, :, ::2])",
    ],
)
def test_the_lines_keep_what_is_changed_after_building(change: str):
    parsed = parse(
        HEAD + f"net = nn.Sequential(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 2, 1))\n{change}\n", input_shape=(3, 9, 9)
    )
    again = parse(parsed.lines, input_shape=(3, 9, 9)).module
    assert repr(again) == repr(parsed.module)
    assert count(again) == count(parsed.module)
    assert [len(one._forward_hooks) for one in again.modules()] == [
        len(one._forward_hooks) for one in parsed.module.modules()
    ]


def test_a_list_that_could_not_be_changed_as_the_text_says_is_not_used():
    text = "widths = [4, 8]\nwidths.rotate(1)\nnet = nn.Sequential(nn.Conv2d(3, widths[0], 1), nn.Conv2d(4, 2, 1))\n"
    with pytest.raises(ParseError, match="Line 6: list has no rotate"):
        parse(HEAD + text)


def test_a_class_of_classes_goes_on_building_what_they_build():
    text = """
class Meta(type):
    def __call__(cls, *args):
        made = super().__call__(*args)
        made.extra = nn.Conv2d(3, 3, 1)
        return made
class Net(nn.Module, metaclass=Meta):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 1)
    def forward(self, x):
        return self.a(x)
net = Net()
"""
    module = parse(HEAD + text).module
    assert [name for name, _ in module.named_children()] == ["a", "extra"]


BODY = "net = torchvision.models.resnet18()\nhead = nn.Sequential(nn.Linear(512, 9), nn.ReLU(), nn.Linear(9, 2))\n"
WITH_HEAD = 11176512 + 512 * 9 + 9 + 9 * 2 + 2  # a ResNet-18 without its fc, and the head


@pytest.mark.parametrize(
    "text",
    [
        BODY + "net.fc = head\n",
        "def make():\n    " + BODY.replace("\n", "\n    ") + "net.fc = head\n    return net\n",
        "def make():\n    " + BODY.replace("\n", "\n    ") + "net.fc = head\n    whole = net\n    return whole\n",
        "def make():\n    " + BODY.replace("\n", "\n    ") + "net.fc = head\n    return net, head\nm, h = make()\n",
    ],
)
def test_a_head_that_is_put_into_a_network_is_not_shown_in_its_place(text):
    assert count(parse(HEAD + text).module) == WITH_HEAD


def test_a_part_that_is_taken_out_of_a_network_is_meant():
    parsed = parse(HEAD + "net = torchvision.models.vgg11()\nfeatures = net.features\n")
    assert parsed.network == "features"
    assert count(parsed.module) == 9220480


def test_what_a_function_returns_is_meant_and_not_what_it_builds_last():
    text = "def make():\n    a = nn.Sequential(nn.Linear(3, 2))\n    b = nn.Sequential(nn.Linear(9, 9))\n    return a\n"
    assert count(parse(HEAD + text).module) == 3 * 2 + 2


def test_a_class_whose_function_hands_on_arguments_that_are_missing_is_built_itself():
    text = """
class Net(nn.Module):
    def __init__(self, depth, num_classes=10):
        super().__init__()
        assert (depth - 2) % 6 == 0
        self.layers = nn.Sequential(*[nn.Conv2d(3, 3, 3, padding=1) for _ in range((depth - 2) // 6)])

    def forward(self, x):
        return self.layers(x)

def net(**kwargs):
    return Net(**kwargs)
"""
    parsed = parse(text)
    assert len(parsed.module.layers) == (parsed.assumed["depth"] - 2) // 6


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (
            "for n in (5, 9):\n    base = nn.Linear(4, n)\n    nets[n] = nn.Sequential(base, nn.Linear(n, 2))",
            "nets[9]",
            65,
        ),
        ("for n in (5, 9):\n    net = nn.Sequential(nn.Linear(4, n), nn.Linear(n, 2))\n    nets[n] = net", "net", 65),
        ("base = nn.Sequential(nn.Linear(4, 5))\nrow.append(nn.Sequential(base, nn.Linear(5, 2)))", "row[0]", 37),
        ("nets = {'a': Net(2, 4), 'b': Net(2, 5)}", "nets['b']", OF_2_AND_5),
        ("nets = {'a': Net(2, 4)}\nnet = Net(2, 5)\nsaved = {'net': net, 'loss': nn.MSELoss()}", "net", OF_2_AND_5),
        ("nets['a'] = nn.Sequential(nn.Linear(4, 5))\nnet = nn.Sequential(*nets.values(), nn.Linear(5, 2))", "net", 37),
    ],
)
def test_a_network_that_a_dictionary_or_list_holds_is_one_of_the_text(text, name, expected):
    parsed = parse(HEAD + NET + "nets, row = {}, []\n" + text)
    assert (parsed.network, count(parsed.module)) == (name, expected)
    assert count(parse(parsed.lines).module) == expected
    assert {parse(HEAD + NET + "nets, row = {}, []\n" + text, network=one).network for one in parsed.networks} == set(
        parsed.networks
    )


def test_models_of_keras_in_a_dictionary_are_meant_and_not_what_they_are_made_of():
    text = """
from keras import Model, Sequential, layers
models = {}
for units in (3, 4):
    base = Sequential([layers.Input((8,)), layers.Dense(units)])
    models[units] = Model(base.input, layers.Dense(2)(base.output))
"""
    parsed = parse(text)
    assert (parsed.network, count(parsed.module)) == ("models[4]", 8 * 4 + 4 + 4 * 2 + 2)


def test_a_ready_made_network_with_a_first_layer_of_other_channels_takes_such_images():
    text = "net = torchvision.models.resnet18()\nnet.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)\n"
    assert parse(HEAD + text).input_shape == (1, 224, 224)


@pytest.mark.parametrize("copied", ["old = copy.deepcopy(net)", "old = Net(2, 5)"])
def test_a_frozen_copy_is_kept_beside_the_one_that_is_trained(copied: str):
    text = f"{HEAD}import copy\n{NET}net = Net(2, 5)\n{copied}\n"
    frozen = text + "for one in old.parameters():\n    one.requires_grad = False\n"
    assert parse(text).network == "old"
    assert parse(frozen).network == "net"
    assert not any(one.requires_grad for one in parse(frozen, network="old").module.parameters())
    assert parse(frozen + "old\n").network == "old"


def test_a_frozen_network_of_other_sizes_is_no_copy():
    text = f"{HEAD}{NET}net = Net(2, 5)\nbase = Net(3, 5)\nbase.requires_grad_(False)\n"
    assert parse(text).network == "base"


FUSED = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, 1)
        self.b = nn.BatchNorm2d(4)
    def forward(self, x):
        return self.b(self.a(x))
net = Net().eval()
"""


@pytest.mark.parametrize(("line", "size"), [("", 24), ("net = ", 16)])
def test_a_copy_that_gets_no_name_changes_nothing(line: str, size: int):
    parsed = parse(f"{HEAD}{FUSED}{line}torch.quantization.fuse_modules(net, ['a', 'b'])\n")
    assert (parsed.network, count(parsed.module)) == ("net", size)
