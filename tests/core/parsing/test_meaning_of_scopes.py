"""Functions that see the names where they are called: `locals`, `globals`, `eval` of words."""

from __future__ import annotations

import pytest

from tests.core.parsing.test_meaning_of_definitions import assert_is_what_python_makes_of_it

IMPORTS = """import collections, contextlib, copy, functools, importlib, inspect, itertools, operator, types
from collections import ChainMap, Counter, OrderedDict, UserDict, defaultdict, deque, namedtuple
from dataclasses import asdict, dataclass, field, replace
from enum import Enum, Flag, IntEnum, IntFlag, auto
from functools import cmp_to_key, partial, reduce, singledispatch, wraps
from typing import *
"""
TEXTS = {
    "names in a dictionary": """
def conv_block(n): return nn.Linear(n, n)
def relu_block(n): return nn.ReLU()
names = ["conv", "relu", "conv"]
net = nn.Sequential(*[globals()[f"{n}_block"](4) for n in names])
def mk():
    a = 4
    b = 5
    d = locals()
    return nn.Linear(d["a"], d["b"])
net.append(mk())
if "net" in globals(): net.append(nn.Linear(5, 3))
""",
    "names that are made": """
for i in range(3):
    globals()[f"fc{i}"] = nn.Linear(4, 4)
net = nn.Sequential(fc0, fc1, fc2)
""",
    "words that are names or not": """
nc = 7
def parse(d, ch):
    layers = []
    for i, (f, n, m, args) in enumerate(d):
        m = eval(m) if isinstance(m, str) else m
        for j, a in enumerate(args):
            try:
                args[j] = eval(a) if isinstance(a, str) else a
            except NameError:
                pass
        layers.append(m(ch, *args))
        ch = args[0]
    return nn.Sequential(*layers)
net = parse([[-1, 1, "nn.Linear", [8]], [-1, 1, "nn.Linear", ["nc"]]], 4)
""",
    "classes in quotes": """
class Blk(nn.Module):
    def __init__(self, n):
        super().__init__(); self.fc = nn.Linear(n, n)
    def forward(self, x): return self.fc(x)
cfg = [["Blk", [4]], ["nn.Linear", [4, 6]], ["nn.ReLU", []]]
layers = []
for m, args in cfg:
    m = eval(m) if isinstance(m, str) else m
    layers.append(m(*args))
net = nn.Sequential(*layers)
""",
    "arguments by locals": """
class Net(nn.Module):
    def __init__(self, i, o, bias=True):
        args = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        super().__init__()
        self.cfg = args
        self.fc = nn.Linear(self.cfg["i"], self.cfg["o"], bias=self.cfg["bias"])
    def forward(self, x): return self.fc(x)
net = Net(4, 5)
""",
    "layers in quotes": """
def act(name): return eval(f"nn.{name}")()
net = nn.Sequential(nn.Linear(4, 5), act("PReLU"), eval("nn.Linear(5, 3)"), eval("nn." + "Linear")(3, 2))
""",
    "attributes in a dictionary": """
class C: pass
c = C()
vars(c).update(w=5)
c.__dict__["d"] = 3
setattr(c, "e", 2)
net = nn.Sequential(nn.Linear(4, c.w), nn.Linear(5, c.d), nn.Linear(3, len(vars(c))),
    nn.Linear(3, 2 if hasattr(c, "e") and not hasattr(c, "f") else 1))
delattr(c, "e")
net.append(nn.Linear(2, len(vars(c))))
""",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_it_is_what_python_makes_of_it(text: str):
    assert_is_what_python_makes_of_it(IMPORTS + text, (4,))
