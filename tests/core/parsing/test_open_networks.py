"""Arguments that stand for a network, a class, a word or settings of the text: the class itself is built so."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.errors import ParseError, PlaygroundError
from core.parsing import parse
from core.training.export.own_class import own_class

PARTS = """
class Encoder(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.a = nn.Linear(784, width)

    def forward(self, x):
        return self.a(x.flatten(1))


class Decoder(nn.Module):
    def __init__(self, width, attention):
        super().__init__()
        self.attention = attention
        self.b = nn.Linear(width, 784)

    def forward(self, z):
        return self.b(self.attention(z))


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.q = nn.Linear(width, width)

    def forward(self, z):
        return z * self.q(z).sigmoid()

"""
WHOLE = "class Whole(nn.Module):\n    def __init__(self, {}):\n        super().__init__()\n"
TEXTS = {
    "networks in each other": PARTS
    + WHOLE.format("encoder, decoder")
    + "        self.encoder, self.decoder = encoder, decoder\n        self.n = encoder.width\n"
    "    def forward(self, x):\n        return self.decoder(self.encoder(x))\n",
    "a class that makes blocks": PARTS.replace("Attention", "GateBlock")
    + WHOLE.format("block, layers")
    + "        self.body = self._stage(block, layers[0])\n        self.first = nn.Linear(784, 32)\n"
    "    def _stage(self, block, count):\n        return nn.Sequential(*[block(32) for _ in range(count)])\n"
    "    def forward(self, x):\n        return self.body(self.first(x.flatten(1)))\n",
    "a layer that is copied": "def clones(module, count):\n"
    "    return nn.ModuleList([copy.deepcopy(module) for _ in range(count)])\n"
    + PARTS.replace("Attention", "MixLayer").replace("Decoder", "Reader")
    + WHOLE.format("mix_layer, depth")
    + "        self.layers = clones(mix_layer, depth)\n"
    "    def forward(self, x):\n        for layer in self.layers:\n            x = layer(x)\n        return x\n",
    "an activation, as a class and as a layer": WHOLE.format("act_layer, activation")
    + "        self.a, self.b = act_layer(), activation\n"
    "        self.c = nn.Sequential(nn.Linear(784, 8), activation)\n"
    "    def forward(self, x):\n        return self.a(self.b(self.c(x.flatten(1))))\n",
    "an activation that a function gets": "def mlp(sizes, act, last=nn.Identity):\n    layers = []\n"
    "    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):\n        kind = act if i == 0 else last\n"
    "        layers += [nn.Linear(a, b), kind()]\n    return nn.Sequential(*layers)\n"
    + WHOLE.format("activation")
    + "        self.net = mlp([784, 16, 4], activation)\n    def forward(self, x):\n"
    "        return self.net(x.flatten(1))\n",
    "a word": WHOLE.format("kind")
    + "        self.a = nn.Linear(784, 8)\n        if kind == 'wide':\n            self.b = nn.Linear(8, 80)\n"
    "        elif kind == 'narrow':\n            self.b = nn.Linear(8, 2)\n        else:\n"
    "            raise ValueError(kind)\n    def forward(self, x):\n        return self.b(self.a(x.flatten(1)))\n",
    "a key of a table": "WIDTHS = {'tiny': [784, 5], 'large': [784, 50]}\n"
    + WHOLE.format("name")
    + "        self.a = nn.Linear(*WIDTHS[name])\n    def forward(self, x):\n        return self.a(x.flatten(1))\n",
    "settings of a class of the text": "class Config:\n    def __init__(self, width=24):\n        self.width = width\n"
    + WHOLE.format("config")
    + "        self.a = nn.Linear(784, config.width)\n    def forward(self, x):\n        return self.a(x.flatten(1))\n",
    "settings under the same name": "opt = dict(width=20)\n"
    + WHOLE.format("opt")
    + "        self.a = nn.Linear(784, opt['width'])\n    def forward(self, x):\n        return self.a(x.flatten(1))\n",
    "word vectors": WHOLE.format("weights, classes")
    + "        self.e = nn.Embedding.from_pretrained(weights, freeze=False)\n        self.f = nn.Linear(300, classes)\n"
    "    def forward(self, x):\n        return self.f(self.e(x).mean(1))\n",
    "stages of one length": WHOLE.format("depths, heads")
    + "        assert len(depths) == len(heads)\n        pairs = zip(depths, heads)\n"
    "        self.s = nn.ModuleList([nn.Linear(784, d * h) for d, h in pairs])\n"
    "    def forward(self, x):\n        return [s(x.flatten(1)) for s in self.s]\n",
}


def sizes(module):
    return {name: tuple(p.shape) for name, p in module.named_parameters()}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_class_itself_is_built_so(text):
    parsed = parse(text)
    assert parsed.network == "Whole"
    scope = {"nn": nn, "torch": torch, "F": F, "copy": copy}
    exec(text, scope)
    *_, last = parsed.lines.strip().split("\n")
    original = eval(last, scope)
    assert sizes(parsed.module) == sizes(original)
    again = parse(parsed.lines)
    assert (sizes(again.module), again.assumed) == (sizes(original), {})


@pytest.mark.parametrize(("features", "parts"), [(512, 18), (2048, 50)])
def test_a_ready_made_network_gives_features_where_no_class_does(features, parts):
    text = WHOLE.format("backbone") + (
        "        self.f = nn.Sequential(*list(backbone.children())[:-1])\n"
        f"        self.g = nn.Linear({features}, 7)\n"
        "    def forward(self, x):\n        return self.g(self.f(x).flatten(1))\n"
    )
    parsed = parse(text)
    assert parsed.module(torch.zeros(2, 3, 64, 64, device="meta")).shape == (2, 7)
    assert any(f"resnet{parts}() is assumed" in note for note in parsed.notes)


@pytest.mark.parametrize("kept", ["decoder", "transform", "loss_fn"])
def test_without_a_network_of_that_name_it_is_asked_for(kept):
    text = WHOLE.format(kept) + (
        f"        self.k = {kept}\n        self.a = nn.Linear(3, 4)\n"
        "    def forward(self, x):\n        return self.k(self.a(x))\n"
    )
    with pytest.raises(ParseError, match=f"Whole needs a value for {kept}"):
        parse(text)


def test_the_exported_script_says_where_the_ready_made_network_is_from():
    text = WHOLE.format("encoder") + (
        "        self.e = encoder\n        self.g = nn.Linear(1000, 7)\n"
        "    def forward(self, x):\n        return self.g(self.e(x))\n"
    )
    script = own_class(text)
    assert script.startswith("import torchvision\n")
    assert script.rstrip().endswith("return Whole(encoder=torchvision.models.resnet18())")
    compile(script, "script", "exec")


def test_a_class_without_forward_is_not_exported():
    text = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 2)\n"
    )
    with pytest.raises(PlaygroundError, match=r"Net has no forward\(\), so no script can train it"):
        own_class(text + "    def act(self, x):\n        return self.a(x)\n")


ASKING = "class C{0}(nn.Module):\n    def __init__(self, c{1}, d{1}):\n        super().__init__()\n"
ASKING += "        self.a, self.b = c{1}, d{1}\n"
ASKING += "        self.l = nn.Linear(2, 2)\n    def forward(self, x):\n        return self.a(x) + self.b(x)\n"


def test_classes_that_ask_for_each_other_end_in_a_sentence():
    with pytest.raises(ParseError, match=r"steps to evaluate|needs a value"):
        parse("".join(ASKING.format(n, n + 1) for n in range(150)))


def test_functions_that_call_each_other_are_looked_through_once():
    calls = [f"def f{n}(a):\n    return [{', '.join(f'f{one}(a)' for one in range(60))}]\n" for n in range(60)]
    text = "".join(calls) + WHOLE.format("block") + "        self.a = nn.Linear(3, 3)\n        f0(block)\n"
    with pytest.raises(ParseError):
        parse(text)


def test_an_argument_gets_the_class_of_its_name_among_those_that_have_what_is_read_of_it():
    text = """
class Reader(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.width, self.layer = width, nn.Linear(4, width)

    def forward(self, x):
        return self.layer(x)

class Writer(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.width, self.layer = width, nn.Linear(width, 3)

    def forward(self, x, state):
        return self.layer(x + state)

class Both(nn.Module):
    def __init__(self, reader, writer):
        super().__init__()
        self.reader, self.writer = reader, writer
        assert reader.width == writer.width

    def forward(self, x):
        y = self.reader(x)
        return self.writer(y, y)
"""
    module = parse(text).module
    assert [type(part).__name__ for part in (module.reader, module.writer)] == ["Reader", "Writer"]


def test_a_network_that_a_method_hands_on_is_no_class():
    text = (
        PARTS
        + WHOLE.format("decoder")
        + (
            "        self.decoder = decoder\n    def forward(self, x):\n        return self.decoder(x)\n"
            "    def get_embedding(self, x):\n        return self.decoder(x)\n"
        )
    )
    assert isinstance(parse(text, network="Whole").module.decoder, nn.Module)


def test_of_two_widths_that_do_not_match_the_one_is_changed_with_which_an_input_goes_through():
    parsed = parse(
        "class Segments(nn.Module):\n    def __init__(self, seq_len, d_model, enc_in, seg_len):\n"
        "        super().__init__()\n        self.seg_len, self.count = seg_len, seq_len // seg_len\n"
        "        self.project = nn.Linear(seg_len, d_model)\n"
        "        self.places = nn.Parameter(torch.randn(1, self.count, enc_in, d_model))\n"
        "    def forward(self, x):\n        b, l, d = x.shape\n        x = x.reshape(b, self.count, self.seg_len, d)\n"
        "        return self.project(x.permute(0, 1, 3, 2)) + self.places\n"
    )
    assert (parsed.assumed["seg_len"], parsed.assumed["enc_in"]) == (4, 4)
    assert tuple(parsed.module(torch.empty(2, 32, 4, device="meta")).shape) == (2, 8, 4, 64)
