"""What a text says about sizes in settings, branches and imports of its own is what its network is built from."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

NET = "class Net(nn.Module):\n    def __init__(self, c):\n        super().__init__()\n"
NET += "        self.a = nn.Linear({0}, {1})\n    def forward(self, x):\n        return self.a(x)\n"
SETTINGS = {
    "a named tuple": "from collections import namedtuple\nC = namedtuple('C', 'wide, deep')\nc = C(wide=6, deep=9)\n",
    "its defaults": "from collections import namedtuple\n"
    "C = namedtuple('C', ['wide', 'deep'], defaults=[9])\nc = C(6)\n",
    "a namespace": "from types import SimpleNamespace\nc = SimpleNamespace(wide=6, deep=9)\n",
    "a class of another library": "from easydict import EasyDict\nc = EasyDict(wide=6)\nc.deep = 9\n",
    "a dictionary in one": "from munch import munchify\nc = munchify({'wide': 6, 'deep': 9})\n",
    "a dataclass with factories": "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    wide: int = 6\n"
    "    more: list = field(default_factory=lambda: [9])\n    @property\n"
    "    def deep(self):\n        return self.more[0]\nc = C()\n",
}


@pytest.mark.parametrize("first", SETTINGS.values(), ids=SETTINGS)
def test_numbers_of_settings(first):
    parsed = parse(first + NET.format("c.wide", "c.deep") + "net = Net(c)\n")
    assert (tuple(parsed.module.a.weight.shape), parsed.assumed) == ((9, 6), {})


def test_settings_inside_settings():
    text = "from box import Box\nc = Box({'model': {'wide': 6, 'out': {'deep': 9}}})\n"
    parsed = parse(text + NET.format("c.model.wide", "c.model['out']['deep']") + "net = Net(c)\n")
    assert (tuple(parsed.module.a.weight.shape), parsed.assumed) == ((9, 6), {})


MATCH = """
def layer(kind):
    match kind:
        case "wide" | "WIDE":
            return nn.Linear(4, 40)
        case (a, b) if a < b:
            return nn.Linear(a, b)
        case int() as n:
            return nn.Linear(n, n)
        case None:
            return nn.ReLU()
        case _:
            return nn.Linear(4, 1)
"""


@pytest.mark.parametrize(
    ("kind", "shape"), [("'WIDE'", (40, 4)), ("(2, 3)", (3, 2)), ("(3, 2)", (1, 4)), ("7", (7, 7)), ("'?'", (1, 4))]
)
def test_match_takes_the_case_that_python_takes(kind, shape):
    text = MATCH + f"net = nn.Sequential(layer({kind}), layer(None))\n"
    scope = {"nn": torch.nn}
    exec(text, scope)
    assert tuple(parse(text).module[0].weight.shape) == tuple(scope["net"][0].weight.shape) == shape


FAILED = {
    "another module": ("from apex.normalization import Fused as Norm", "from torch.nn import LayerNorm as Norm"),
    "none": ("import apex\n    Norm = apex.Norm", "Norm = nn.LayerNorm"),
}


@pytest.mark.parametrize(("tried", "instead"), FAILED.values(), ids=FAILED)
@pytest.mark.parametrize("kind", [" ImportError", " (ModuleNotFoundError, AttributeError)", " Exception as e", ""])
def test_a_module_that_is_not_known_is_not_installed(tried, instead, kind):
    text = f"try:\n    {tried}\nexcept{kind}:\n    {instead}\nnet = nn.Sequential(Norm(5), nn.Linear(5, 2))\n"
    assert tuple(parse(text).module[0].weight.shape) == (5,)


def test_a_known_module_is_taken():
    text = "try:\n    from torch.nn import Linear as L\nexcept ImportError:\n    L = None\nnet = nn.Sequential(L(3, 2))"
    assert tuple(parse(text).module[0].weight.shape) == (2, 3)


def test_imports_of_either_branch_mean_the_same():
    text = "if version() == 1:\n    from keras.layers import Dense, Input\nelse:\n"
    text += "    from tensorflow.keras.layers import Dense, Input\n"
    assert tuple(parse(text + "net = keras.Sequential([Input((3,)), Dense(2)])").module[0].weight.shape) == (2, 3)


CHECKED = "class Net(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        assert {}\n"
CHECKED += "        self.a = nn.Linear(n, n)\n    def forward(self, x):\n        assert x.shape[-1] == 12\n"
CHECKED += "        return self.a(x)\nnet = Net(12)\n"


def test_a_check_of_sizes_is_the_texts_word():
    assert parse(CHECKED.format("n % 4 == 0")).module.a.in_features == 12
    with pytest.raises(Exception, match="the text itself refuses these sizes: n % 5"):
        parse(CHECKED.format("n % 5 == 0"))


def test_a_check_of_other_things_is_not_run():
    assert parse(CHECKED.format("torch.cuda.is_available() == True")).module.a.in_features == 12
    with pytest.raises(AssertionError, match=r"x\.shape"):
        parse(CHECKED.format("n > 0")).module(torch.zeros(2, 11, device="meta"))
