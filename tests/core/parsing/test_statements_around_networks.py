"""Statements that name networks, and the network that is shown behind them: each text is run for real beside it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.parsing import parse

HEAD = """import contextlib, copy, functools, torch
from torch import nn
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.a = nn.Conv2d(3, width, 1)
        self.act = nn.ReLU()
        self.b = nn.Conv2d(width, 3, 1)
    def forward(self, x):
        return self.b(self.act(self.a(x)))
class Wrap(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner
    def forward(self, x):
        return self.inner(x)
class Holder:
    pass
small, large = Net(2), Net(5)
"""
SHOWN = {
    "a name goes back to a network that was built before": ("net", "net = small\n"),
    "names change places": ("large", "small, large = large, small\n"),
    "a condition chooses": ("net", "net = small if 2 > 1 else large\n"),
    "a function chooses": ("net", "def pick(*nets): return nets[0]\nnet = pick(small, large)\n"),
    "a measure chooses": (
        "net",
        "def count(m): return sum(p.numel() for p in m.parameters())\nnet = min([large, small], key=count)\n",
    ),
    "an outer name that a function sets": ("net", "def choose():\n    global net\n    net = small\nchoose()\n"),
    "a name within an expression": ("net", "print((net := small) is small)\n"),
    "a loop over networks chooses none": ("large", "for net in (large, small):\n    net.eval()\n"),
    "the last name is taken away": ("small", "del large\n"),
    "of two names one is taken away": ("net", "net = large\ndel large\n"),
    "the whole behind its part": ("net", "net = Wrap(small)\n"),
    "the part that is taken again": ("net", "whole = Wrap(small)\nnet = small\n"),
    "one that is made anew beside a whole of its kind": ("net", "whole = Wrap(small)\nnet = Net(4)\n"),
    "a condition that makes one": ("net", "if (net := Net(4)) is not None:\n    pass\n"),
    "the last line shows another one": ("small", "small\n"),
}
CHANGED = {
    "a part beside the others of a plain layer": "net.a.more = nn.Linear(2, 2)\n",
    "a parameter of plain layers": "for m in net.children():\n    m.gain = nn.Parameter(torch.ones(4))\n",
    "a part of a plain layer that is taken away": "net.a.more = nn.Linear(2, 2)\nnet.a.more = None\n",
    "marks of any kind on a Sequential": "net = nn.Sequential(nn.Conv2d(3, 3, 1))\nnet.notes = []\n"
    "net.notes.append(nn.PReLU())\nnet.append(net.notes[0])\n",
    "an item by its method": "net = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())\nnet.__setitem__(1, nn.PReLU())\n",
    "the method of the class": "nn.Module.add_module(net, 'more', nn.Linear(2, 2))\n",
    "past PyTorch, which does not see it": "object.__setattr__(net, 'more', nn.Linear(2, 2))\n",
    "by a partial function": "functools.partial(setattr, net, 'more')(nn.Linear(2, 2))\n",
    "by a cached builder": "build = functools.lru_cache(None)(lambda w: Net(w))\nbuild(6)\nnet = build(6)\n",
    "through an object": "h = Holder()\nsetattr(h, 'net', net)\nnet = getattr(h, 'net')\n",
    "a bias through a list": "found = [m for m in net.modules() if isinstance(m, nn.Conv2d)]\n"
    "found[-1].register_parameter('bias', None)\n",
    "a parameter by its method": "net.register_parameter('gain', nn.Parameter(torch.ones(3)))\n",
    "a parameter of a Sequential": "net = nn.Sequential(nn.Conv2d(3, 3, 1))\nnet.gain = nn.Parameter(torch.ones(3))\n",
    "a hook on a Sequential": "net = nn.Sequential(nn.Conv2d(3, 3, 1))\n"
    "net.register_forward_hook(lambda m, i, o: o.flatten(1))\n",
    "weights that two layers share": "net = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1))\n"
    "net[1].weight = net[0].weight\n",
    "frozen one by one": "for p in net.a.parameters():\n    p.requires_grad = False\n",
    "frozen as a whole": "net.requires_grad_(False)\n",
    "frozen but for one": "net.requires_grad_(False)\nnet.b.bias.requires_grad = True\n",
    "frozen by a function": "def freeze(m):\n    for p in m.parameters(): p.requires_grad_(False)\nfreeze(net)\n",
    "a frozen part of a Sequential": "net = nn.Sequential(net.a, net.b)\nnet[0].requires_grad_(False)\n",
    "code in quotes": "exec('net = nn.Sequential(net, nn.Conv2d(3, 4, 1))')\n",
    "code in quotes in names of its own": "names = {'nn': nn}\nexec('net = nn.Sequential(nn.Conv2d(3, 4, 1))', names)\n"
    "net = names['net']\n",
}


def real(text: str, name: str) -> nn.Module:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "<text>", "exec", dont_inherit=True), names)
    return names[name]


def weights(module: nn.Module) -> list[tuple[str, torch.Size, bool]]:
    return [(name, one.shape, one.requires_grad) for name, one in module.named_parameters()]


def assert_same(read: nn.Module, module: nn.Module):
    assert weights(read) == weights(module)
    with torch.no_grad():
        assert read(torch.zeros(1, 3, 4, 4, device="meta")).shape == module(torch.zeros(1, 3, 4, 4)).shape


@pytest.mark.parametrize(("name", "text"), SHOWN.values(), ids=SHOWN)
def test_the_network_is_shown_that_the_text_names_last(name: str, text: str):
    parsed, module = parse(HEAD + text), real(HEAD + text, name)
    assert_same(parsed.module, module)
    assert_same(parse(parsed.lines).module, module)


@pytest.mark.parametrize("text", CHANGED.values(), ids=CHANGED)
def test_what_a_statement_changes_is_changed(text: str):
    text = f"{HEAD}net = Net(4)\n{text}"
    parsed, module = parse(text), real(text, "net")
    assert_same(parsed.module, module)
    assert_same(parse(parsed.lines).module, module)


def test_a_network_whose_name_another_one_has_got_is_offered_with_its_line():
    text = f"{HEAD}net = Net(3)\nother = Net(4)\nnet = other\n"
    parsed = parse(text)
    assert parsed.networks[-1] == "net"
    line = HEAD.count("\n") + 1
    assert f"net (line {line})" in parsed.networks
    assert parse(text, network=f"net (line {line})").module.a.out_channels == 3
    assert parse(text, network="net").module.a.out_channels == 4


@pytest.mark.parametrize("check", ["assert large.a.out_channels == 2", "assert False, 'never'", "assert not large"])
@pytest.mark.parametrize(
    "text", ["{0}\n", "def main():\n    net = Net(3)\n    {0}\n    net(torch.zeros(1, 3, 4, 4))\nmain()\n"]
)
def test_python_stops_at_an_assertion_that_does_not_hold(text: str, check: str):
    with pytest.raises(ParseError, match=r"Line \d+: the text itself refuses .*: "):
        parse(HEAD + text.format(check))


def test_an_assertion_about_what_is_not_known_is_passed_over():
    assert parse(f"{HEAD}assert len(train_set) > 5\nassert os.path.exists(folder)\n").network == "large"


def test_code_in_quotes_that_builds_no_layer_is_refused_by_its_own_reason():
    with pytest.raises(ParseError, match="there is no layer called Foo"):
        parse(f"{HEAD}exec('net = nn.Foo(3)')\n")


@pytest.mark.parametrize("head", ["import os\n", ""], ids=["imported", "left out"])
def test_folders_that_a_constructor_makes_are_no_matter(head):
    text = f"""{head}class Trainer:
    def __init__(self, args):
        self.model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
        self.args = args
        if not os.path.isdir(self.args.folder):
            os.makedirs(args.folder, exist_ok=True)
        self.path = os.path.join(os.getcwd(), "weights.pt")
"""
    assert sum(one.numel() for one in parse(text).module.parameters()) == 15
