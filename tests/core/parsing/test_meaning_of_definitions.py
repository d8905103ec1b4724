"""What a text defines means what Python makes of it, down to names of weights: each text is run for real beside it."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

SHAPE = (3, 32, 32)
HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
TEXTS = {
    "a builder that a decorator wraps": """
import functools
def double(f):
    @functools.wraps(f)
    def inner(*a, **k): return nn.Sequential(f(*a, **k), nn.ReLU(), nn.Conv2d(4, 4, 1))
    return inner
@double
def conv(i, o): return nn.Conv2d(i, o, 1)
net = conv(3, 4)
""",
    "a registry that a decorator fills": """
REG = {}
def register(name):
    def deco(cls):
        REG[name] = cls
        return cls
    return deco
@register('small')
class Small(nn.Module):
    def __init__(self, w=3):
        super().__init__()
        self.a = nn.Conv2d(3, w, 1)
    def forward(self, x): return self.a(x)
@register('big')
class Big(Small):
    def __init__(self): super().__init__(w=30)
net = REG['small']()
""",
    "a property that is set": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self._w = 4
        self.w = 9
        self.a = nn.Conv2d(3, self.w, 1)
    @property
    def w(self): return self._w
    @w.setter
    def w(self, value): self._w = value * 2
    def forward(self, x): return self.a(x)
net = Net()
""",
    "a builder with a cache gives the same layer again": """
from functools import lru_cache
@lru_cache(maxsize=None)
def conv(i, o): return nn.Conv2d(i, o, 1)
net = nn.Sequential(conv(3, 3), conv(3, 3), conv(3, 4))
""",
    "a property that is cached": """
from functools import cached_property
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, self.w, 1)
    @cached_property
    def w(self): return 6
    def forward(self, x): return self.a(x)
net = Net()
""",
    "a hook after a layer": """
net = nn.Sequential(nn.Conv2d(3, 8, 1), nn.ReLU())
net[0].register_forward_hook(lambda m, i, o: o.mean(1))
""",
    "a hook before a layer": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 1)
        self.a.register_forward_pre_hook(self.pad)
    def pad(self, m, inp): return (F.pad(inp[0], (1, 1, 1, 1)),)
    def forward(self, x): return self.a(x)
net = Net()
""",
    "a function in forward's place": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 1); self.b = nn.Conv2d(8, 2, 1)
    def forward(self, x): return self.b(self.a(x))
net = Net()
def new_forward(x): return net.a(x)
net.forward = new_forward
""",
    "a method in forward's place": """
import types
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 1); self.b = nn.Conv2d(8, 2, 1)
    def forward(self, x): return self.b(self.a(x))
net = Net()
net.forward = types.MethodType(lambda self, x: self.a(x), net)
""",
    "a function in the place of a class's forward": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 1); self.b = nn.Conv2d(8, 2, 1)
    def forward(self, x): return self.b(self.a(x))
def fwd(self, x): return self.a(x)
Net.forward = fwd
net = Net()
""",
    "weights of another shape": """
net = nn.Sequential(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 2, 1))
net[0].weight = nn.Parameter(torch.zeros(8, 3, 5, 5))
net[1].weight.data = torch.zeros(4, 8, 1, 1)
net[1].bias.data = torch.zeros(4)
""",
    "a layer that is copied keeps its weights": """
import copy
l = nn.Conv2d(3, 3, 1)
m = copy.copy(l)
lst = [l, m]
lst2 = copy.copy(lst)
net = nn.Sequential(*lst, *lst2)
""",
    "counts of items": """
from collections import Counter
c = Counter('aab')
net = nn.Sequential(nn.Conv2d(3, c['a'], 1), nn.Conv2d(c['a'], c['b'] + c['z'], 1))
""",
    "a dictionary that makes what is missing, with items": """
from collections import defaultdict
d = defaultdict(int, {'a': 4})
d['b'] += 5
net = nn.Sequential(nn.Conv2d(3, d['a'], 1), nn.Conv2d(d['a'], d['b'], 1))
""",
    "objects that are added and compared": """
class V:
    def __init__(self, n): self.n = n
    def __add__(self, o): return V(self.n + o.n)
    def __mul__(self, k): return V(self.n * k)
    def __eq__(self, o): return self.n == o.n
    def __int__(self): return self.n
    def __lt__(self, o): return self.n < o.n
v = V(2) + V(3) * 2
net = nn.Conv2d(3, int(v), 3 if v == V(8) else 1)
net = nn.Sequential(net)
""",
    "objects with items, a length and a truth": """
class L:
    def __init__(self): self.v = [4, 5]
    def __getitem__(self, i): return self.v[i] + 1
    def __len__(self): return 7
    def __iter__(self): return iter([9])
    def __contains__(self, k): return k == 3
    def __bool__(self): return False
l = L()
net = nn.Sequential(nn.Conv2d(3, l[0], 1), nn.Conv2d(l[0], len(l), 1), nn.Conv2d(len(l), [*l][0], 1),
    nn.Conv2d(9, 2 if 3 in l else 1, 1), nn.Conv2d(2, 3 if l else 4, 1))
""",
    "what a context gives": """
class C:
    def __enter__(self):
        self.n = 6
        return self.n
    def __exit__(self, *a): pass
with C() as c:
    net = nn.Sequential(nn.Conv2d(3, c, 1))
""",
    "a wrapper that hands attributes on": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Conv2d(3, 8, 1))
    def forward(self, x):
        return self.inner(x)
class W(nn.Module):
    def __init__(self, m):
        super().__init__()
        self.m = m
    def __getattr__(self, k):
        try:
            return super().__getattr__(k)
        except AttributeError:
            return getattr(self.m, k)
    def forward(self, x): return self.inner(x)
net = W(Net())
""",
    "settings that make up their attributes": """
class Cfg:
    def __init__(self): self.d = {'w': 11}
    def __getattr__(self, k): return self.__dict__['d'][k] if 'd' in self.__dict__ and k in self.__dict__['d'] else 5
c = Cfg()
net = nn.Sequential(nn.Conv2d(3, c.w, 1), nn.Conv2d(c.w, c.other, 1))
""",
    "parts under _modules": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 1)
        self.b = nn.Conv2d(8, 2, 1)
    def forward(self, x):
        for m in self._modules.values(): x = m(x)
        return x
net = Net()
net._modules['b'] = nn.Conv2d(8, 3, 1)
net._modules['c'] = nn.Conv2d(3, 1, 1)
""",
    "parts of a Sequential under _modules": """
net = nn.Sequential(nn.Sequential(nn.Conv2d(3, 8, 1)), nn.ReLU())
setattr(net.get_submodule('0'), '0', nn.Conv2d(3, 5, 1))
net._modules['1'] = nn.Conv2d(5, 2, 1)
""",
    "a Sequential added to another": """
a = nn.Sequential(nn.Conv2d(3, 8, 1))
b = nn.Sequential(nn.Conv2d(8, 2, 1))
net = a + b
net.extend(nn.Sequential(nn.Conv2d(2, 2, 1)))
net *= 1
""",
    "a Sequential several times": """
a = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())
net = a * 3
""",
    "a layer of another layer's class": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 1)
        self.b = type(self.a)(8, 4, 1)
        self.c = self.a.__class__(4, 2, 1)
    def forward(self, x):
        return self.c(self.b(self.a(x)))
net = Net()
""",
    "pairs that are used up": """
z = zip([3, 4], [4, 5])
a = [nn.Conv2d(i, o, 1) for i, o in z]
b = [nn.Conv2d(i, o, 1) for i, o in z]
m = map(lambda v: v * 2, [1, 2])
n = len(list(m)) + len(list(m))
net = nn.Sequential(*a, *b, nn.Conv2d(5, n, 1))
""",
    "enumerations": """
from dataclasses import dataclass, field
from enum import Enum
class Size(Enum):
    S = 4
    L = 12
@dataclass
class Cfg:
    w: int = 6
    ks: list = field(default_factory=lambda: [1, 3])
    size: Size = Size.L
c = Cfg(w=7)
net = nn.Sequential(nn.Conv2d(3, c.w, c.ks[1]), nn.Conv2d(c.w, c.size.value, 1),
    nn.Conv2d(Size['L'].value, Size.S.value, 1))
""",
    "an item that is not there, and except": """
cfg = {'a': 4}
try:
    w = cfg['b']
except KeyError:
    w = 6
finally:
    k = 3
net = nn.Conv2d(3, w, k)
net = nn.Sequential(net)
""",
    "parameters and buffers of all kinds": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(5, 3, 3, 3))
        self.register_parameter('b', nn.Parameter(torch.zeros(5)))
        self.register_parameter('none', None)
        self.register_buffer('buf', torch.zeros(4, 4))
        self.register_buffer('tmp', torch.zeros(2), persistent=False)
        self.ps = nn.ParameterList([nn.Parameter(torch.zeros(i)) for i in (1, 2)])
        self.pd = nn.ParameterDict({'k': nn.Parameter(torch.zeros(3))})
    def forward(self, x): return F.conv2d(x, self.w, self.b, stride=2)
net = Net()
""",
    "numbers out of arrays": """
import numpy as np
w = np.linspace(4, 8, 3).astype(int); q = np.prod([2, 3]); r = np.array([[1, 2], [3, 4]])
net = nn.Sequential(nn.Conv2d(3, w[1], 1), nn.Conv2d(int(w[1]), int(q), 1),
    nn.Conv2d(6, int(r[1].sum()), int(r.shape[0])))
""",
}


def assert_is_what_python_makes_of_it(text: str, shape: tuple[int, ...] = SHAPE):
    names = {"__name__": "__main__"}
    exec(compile(HEAD + text, "<text>", "exec", dont_inherit=True), names)
    real, read = names["net"].eval(), parse(HEAD + text, input_shape=shape).module.eval()
    assert {name: one.shape for name, one in read.state_dict().items()} == {
        name: one.shape for name, one in real.state_dict().items()
    }
    assert [one.shape for one in read.parameters()] == [one.shape for one in real.parameters()]
    with torch.no_grad():
        assert read(torch.zeros(2, *shape, device="meta")).shape == real(torch.zeros(2, *shape)).shape


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_gives_the_weights_and_the_output_that_python_gives(text: str):
    assert_is_what_python_makes_of_it(text)
