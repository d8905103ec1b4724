"""What the words of a text mean is what Python makes of them: each text is run for real beside it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.parsing import parse

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
TEXTS = {
    "closure late binding": (
        (3, 8, 8),
        """
fs = [lambda c: nn.Conv2d(c, i + 1, 1) for i in range(3)]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Sequential(fs[0](3), fs[1](3))
    def forward(self, x): return self.l(x)
net = Net()
""",
    ),
    "shared default module": (
        (3, 8, 8),
        """
class Net(nn.Module):
    def __init__(self, act=nn.PReLU()):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 1); self.act1 = act; self.act2 = act
    def forward(self, x): return self.act2(self.act1(self.a(x)))
net = nn.Sequential(Net(), nn.Conv2d(8, 3, 1), Net())
""",
    ),
    "copies and the same layer again": (
        (8,),
        """
import copy
l = nn.Linear(8, 8)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.same = nn.ModuleList([l for _ in range(3)])
        self.own = nn.ModuleList([copy.deepcopy(l) for _ in range(3)])
    def forward(self, x):
        for a, b in zip(self.same, self.own):
            x = a(x) + b(x)
        return x
net = Net()
""",
    ),
    "a list multiplied": (
        (8,),
        """
net = nn.Sequential(*[nn.Linear(8, 8)] * 4)
""",
    ),
    "weight tying": (
        (8,),
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 8, bias=False); self.b = nn.Linear(8, 8, bias=False)
        self.b.weight = self.a.weight
    def forward(self, x): return self.b(self.a(x))
net = Net()
""",
    ),
    "nonlocal": (
        (3, 8, 8),
        """
def make():
    c = 3
    def step():
        nonlocal c
        l = nn.Conv2d(c, c * 2, 1)
        c *= 2
        return l
    return nn.Sequential(step(), step(), step())
net = make()
""",
    ),
    "the order of bases": (
        (8,),
        """
class Mix:
    def head(self, n): return nn.Linear(n, 3)
class Mix2(Mix):
    def head(self, n): return nn.Sequential(super().head(n), nn.Linear(3, 2))
class Net(Mix2, nn.Module):
    def __init__(self):
        super().__init__()
        self.h = self.head(8)
    def forward(self, x): return self.h(x)
net = Net()
""",
    ),
    "parts deleted and replaced": (
        (8,),
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.s = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 4))
        self.extra = nn.Linear(100, 100)
        del self.extra
        self.s[2] = nn.Linear(8, 3)
        del self.s[1]
    def forward(self, x): return self.s(x)
net = Net()
""",
    ),
    "a counter of the class": (
        (8,),
        """
class Net(nn.Module):
    count = 0
    def __init__(self):
        super().__init__()
        Net.count += 1
        self.l = nn.Linear(8, Net.count)
    def forward(self, x): return self.l(x)
a = Net()
net = Net()
""",
    ),
    "a list of the class": (
        (8,),
        """
class B(nn.Module):
    sizes = []
    def __init__(self, n):
        super().__init__()
        self.sizes.append(n)
        self.l = nn.Linear(8, sum(self.sizes))
    def forward(self, x): return self.l(x)
B(3)
net = B(2)
""",
    ),
    "a generator used up": (
        (8,),
        """
gen = (nn.Linear(8, 8) for _ in range(3))
a = nn.Sequential(*gen)
net = nn.Sequential(nn.Linear(8, 8), *gen)
""",
    ),
    "two names of one list": (
        (8,),
        """
base = [8, 8]
alias = base
alias += [4]
copy = base[:]
copy.append(2)
net = nn.Sequential(*[nn.Linear(a, b) for a, b in zip(base, base[1:])])
""",
    ),
    "default evaluated once at def": (
        (8,),
        """
W = 4
def make(n=W): return nn.Linear(8, n)
W = 6
net = nn.Sequential(make(), nn.Linear(4, W))
""",
    ),
    "a network taken out of DataParallel": (
        (8,),
        """
base = nn.Sequential(nn.Linear(8, 4), nn.ReLU())
net = nn.Sequential(base, nn.Linear(4, 2), nn.LogSoftmax(-1))
net = nn.DataParallel(net).module
""",
    ),
    "a class or a layer as an argument": (
        (8,),
        """
def mlp(dims, act=nn.ReLU, last=None):
    if isinstance(dims, int): dims = [8, dims]
    ls = []
    for n, (i, o) in enumerate(zip(dims, dims[1:])):
        ls.append(nn.Linear(i, o))
        a = act if n < len(dims) - 2 else last
        if a: ls.append(a() if isinstance(a, type) else a)
    return nn.Sequential(*ls)
net = nn.Sequential(mlp(6), mlp([6, 4, 2], last=nn.PReLU(2)))
""",
    ),
    "a global set by a function": (
        (8,),
        """
class Net(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.l = nn.Sequential(nn.Linear(8, hidden), nn.Linear(hidden, 1))
    def forward(self, x): return self.l(x)
def main(hidden=16):
    global net
    net = Net(hidden)
    return net
main(12)
""",
    ),
    "a loop that breaks off": (
        (8,),
        """
for width in [4, 8, 16]:
    net = nn.Sequential(nn.Linear(8, width), nn.ReLU(), nn.Linear(width, 2))
    if sum(q.numel() for q in net.parameters()) > 50:
        break
""",
    ),
    "names defined twice": (
        (8,),
        """
def make(n):
    return nn.Linear(8, n)
def make(n, m=2):
    return nn.Linear(8, n * m)
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.l = make(3)
    def forward(self, x): return self.l(x)
class Net(Net):
    def __init__(self):
        super().__init__(); self.k = nn.Linear(6, 1)
    def forward(self, x): return self.k(self.l(x))
net = Net()
""",
    ),
    "a dataclass of settings": (
        (8,),
        """
from dataclasses import dataclass, field
@dataclass
class Cfg:
    width: int = 8
    depths: tuple = (4, 2)
    mult: float = 1.5
    names: list = field(default_factory=lambda: ["a", "b"])
class Net(nn.Module):
    def __init__(self, cfg: Cfg):
        super().__init__()
        w = cfg.width; ls = []
        for d in cfg.depths:
            ls.append(nn.Linear(w, int(d * cfg.mult))); w = int(d * cfg.mult)
        self.l = nn.Sequential(*ls)
    def forward(self, x): return self.l(x)
net = Net(Cfg(depths=(6, 4)))
""",
    ),
    "a walrus in a comprehension": (
        (8,),
        """
net = nn.Sequential(*[nn.Linear(n, m := n * 2) for n in (8, 16)], nn.Linear(m, 2))
""",
    ),
    "a network shown before another is made": (
        (8,),
        """
def make(n):
    return nn.Sequential(nn.Linear(8, n), nn.ReLU())
make(2)
net = make(3)
""",
    ),
}


def outcome(network: nn.Module, shape: tuple[int, ...]) -> tuple[int, list[torch.Size]]:
    """The number of parameters, those that are shared counted once, and the shape of every output."""
    parameters = sum(parameter.numel() for parameter in network.parameters())
    with torch.no_grad():
        output = network(torch.zeros(2, *shape, device=next(network.parameters()).device))
    return parameters, [one.shape for one in (output if isinstance(output, tuple) else (output,))]


@pytest.mark.parametrize(("shape", "text"), TEXTS.values(), ids=TEXTS)
def test_a_text_means_what_python_makes_of_it(shape: tuple[int, ...], text: str):
    names = {"__name__": "__main__"}
    exec(HEAD + text, names)
    assert outcome(parse(HEAD + text, input_shape=shape).module, shape) == outcome(names["net"], shape)
