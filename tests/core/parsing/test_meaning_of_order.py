"""When the words of a text are evaluated, and which come first: as in Python, where each text is run beside it."""

from __future__ import annotations

import pytest
import torch

from core.parsing import ParseError, parse

HEAD = "import torch\nfrom torch import nn\n"
SHAPE = (4, 8, 8)
CLASS = """class Net(nn.Module):
    def __init__(self, width=2):
        super().__init__()
        self.a = nn.Conv2d(4, 4, 1)
        self.b = nn.Linear(8, 8)
        self.parts = nn.ModuleDict({'p': nn.Conv2d(4, 4, 3, padding=1), 'q': nn.PReLU(4)})
    def forward(self, x):
        x = self.b(self.a(x))
        for part in self.parts.values():
            x = part(x)
        return x
"""
EQUAL = {
    "a part that is set again keeps its place": f"{CLASS}net = Net()\nnet.a = nn.Conv2d(4, 4, 3, padding=1)\n"
    "net = nn.Sequential(*list(net.children())[:2])\n",
    "a part that was None keeps its place": f"{CLASS}net = Net()\nnet.a = None\nnet.a = nn.PReLU(4)\n",
    "a constructor run twice forgets what was made": """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(4, 4, 1)
        super().__init__()
        self.b = nn.Linear(8, 8)
    def forward(self, x): return self.b(x)
net = Net()
""",
    "a dictionary of layers emptied": f"{CLASS}net = Net()\nnet.parts.clear()\n",
    "a dictionary of layers as a dictionary": f"{CLASS}net = Net()\nnet.parts = nn.ModuleDict(dict(net.parts))\n",
    "a generator inside of a builder": """def make(width):
    def layers():
        yield nn.Conv2d(4, width, 1)
        yield nn.Conv2d(width, 4, 1)
    return nn.Sequential(*layers())
net = make(3)
""",
    "a generator of a list that grows": """widths = [4]
layers = (nn.Conv2d(4, 4, 1, bias=n > 4) for n in widths)
widths.append(5)
net = nn.Sequential(*layers)
""",
    "pairs out of one iterator": """items = iter([4, 3, 3, 4])
net = nn.Sequential(*[nn.Conv2d(m, n, 1) for m, n in zip(items, items)])
""",
    "numbers without an end beside a list": """import itertools
net = nn.Sequential(*[nn.Conv2d(4, 4, 1, bias=n % 2 > 0) for n, _ in zip(itertools.count(), 'abc')])
""",
    "a view of a dictionary that grows": """layers = {'a': nn.Conv2d(4, 4, 1)}
names, parts = layers.keys(), layers.values()
layers['b'] = nn.Linear(8, 8)
net = nn.Sequential(*parts, *[nn.PReLU(4) for _ in names])
""",
    "the names of a dictionary of layers, read twice": f"{CLASS}net = Net()\nnames = net.parts.keys()\n"
    "net = nn.Sequential(*[net.parts[n] for n in names], *[net.parts[n] for n in names])\n",
    "keys without values": "net = nn.Sequential(*[nn.Conv2d(4, n, 1) for n in dict.fromkeys([4, 4, 4])])\n",
    "parts that are replaced while they are gone through": f"""{CLASS}net = Net()
for part in net.modules():
    for name, child in part.named_children():
        if isinstance(child, nn.PReLU):
            setattr(part, name, nn.Sequential(nn.ReLU(), nn.Conv2d(4, 4, 1)))
""",
    "what except catches of numbers and layers": """layers = []
try:
    layers.append(nn.Conv2d(4, 4, 1, bias=1 / 0 > 1))
except ZeroDivisionError:
    layers.append(nn.PReLU(4))
try:
    layers.append(nn.Conv2d(4, 4, 3, groups=3))
except ValueError:
    layers.append(nn.Linear(8, 8))
net = nn.Sequential(*layers)
""",
    "what with does at its end": """layers = []
class Closing:
    def __enter__(self): layers.append(nn.PReLU(4))
    def __exit__(self, *error): layers.append(nn.Conv2d(4, 4, 1))
with Closing():
    layers.append(nn.Linear(8, 8))
with Closing() as nothing:
    layers.append(nn.Linear(8, 8))
net = nn.Sequential(*layers)
""",
    "the same object each time": """class Settings:
    only = None
    def __new__(cls, width):
        if cls.only is None:
            cls.only = super().__new__(cls)
        return cls.only
    def __init__(self, width): self.width = width
first, second = Settings(3), Settings(5)
net = nn.Sequential(nn.Conv2d(4, first.width, 1), nn.Conv2d(second.width, 4, 1))
""",
    "a class that makes another": """class Net(nn.Module):
    def __new__(cls, width): return nn.Sequential(nn.Conv2d(4, width, 1))
net = Net(3)
""",
    "settings one before the other": """from collections import ChainMap
cfg = ChainMap({'width': 3}, {'width': 5, 'bias': False})
net = nn.Sequential(nn.Conv2d(4, cfg['width'], 1, bias=cfg['bias']))
""",
    "an iterator of the text's own": """import itertools
class Halves:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n < 2: raise StopIteration
        self.n //= 2
        return self.n
widths = list(itertools.takewhile(lambda n: n > 1, Halves(16)))
net = nn.Sequential(nn.Conv2d(4, widths[0], 1), *itertools.starmap(nn.Conv2d, [(8, n, 1) for n in widths[1:2]]))
""",
    "a bounded queue": """from collections import deque
widths = deque([9, 4, 3], maxlen=2)
widths.append(5)
widths.rotate(1)
widths.appendleft(4)
net = nn.Sequential(nn.Conv2d(widths.popleft(), widths.pop(), 1))
""",
    "objects in an order of their own": """class Size:
    def __init__(self, width): self.width = width
    def __lt__(self, other): return self.width < other.width
    def __str__(self): return f's{self.width}'
sizes = sorted([Size(5), Size(4)])
parts = {f'{max(sizes)}': nn.Conv2d(4, 4, 1), str(min(sizes)): nn.Linear(8, 8)}
net = nn.Sequential(nn.ModuleDict(parts)['s5'], parts['s4'], nn.Conv2d(sizes[0].width, sizes[1].width, 1))
""",
    "patterns with a rest, of dictionaries and of objects": """class Size:
    def __init__(self, width): self.width = width
layers = []
for part in ([4, 5, 6], {'kind': 'norm', 'n': 4}, Size(3), {'kind': 'act'}, [1]):
    match part:
        case [first, *rest]: layers.append(nn.PReLU(4) if rest else nn.ReLU())
        case {'kind': 'norm', **more}: layers.append(nn.BatchNorm2d(more['n']))
        case Size(width=width): layers += [nn.Conv2d(4, width, 1), nn.Conv2d(width, 4, 1)]
        case {'kind': kind}: layers.append(nn.Linear(8, 8))
net = nn.Sequential(*layers)
""",
    "a sum of branches that the usual input does not fit": """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])
    def forward(self, x): return sum(branch(x) for branch in self.branches)
net = Net()
""",
    "a use above its class that the text catches": f"try: net = Net(3)\nexcept NameError: pass\n{CLASS}net = Net()\n",
    "a loss that never calls the constructor above it": f"""class Loss(nn.Module):
    def __init__(self, weight=1.0): self.weight = weight
{CLASS}net, loss = Net(), Loss()
""",
    "a plain class with a hint in brackets": """import typing
T = typing.TypeVar('T')
class Size(typing.Generic[T]):
    def __init__(self, width): self.width = width
net = nn.Sequential(nn.Conv2d(4, Size(3).width, 1))
""",
    "any and in take no more items than they need": """seen, items = [], iter([9, 4, 3, 4])
any(seen.append(n) or n > 5 for n in [1, 9, 9])
9 in items
net = nn.Sequential(*[nn.Conv2d(4, next(items), 1) for _ in seen[:1]], nn.PReLU(len(seen) * 2))
""",
}
REFUSED = {
    "a list of a function's own before it is made": """layers = [nn.Conv2d(4, 4, 1)]
def shorter():
    layers = layers[:1] + [nn.Conv2d(4, 4, 1)]
shorter()
net = nn.Sequential(*layers)
""",
    "a number of a function's own before it is made": """width = 4
def conv():
    made = nn.Conv2d(4, width, 1)
    width = 5
    return made
net = nn.Sequential(conv())
""",
    "a function that fails half way": """layers = [nn.Conv2d(4, 4, 1)]
def fill(n):
    layers.append(nn.Conv2d(4, n, 1))
    layers.append(nn.Conv2d(n, {}['width'], 1))
for _ in range(1):
    fill(3)
net = nn.Sequential(*layers)
""",
    "a generator that fails half way": """layers = [nn.Conv2d(4, 4, 1)]
def fill():
    layers.append(nn.Conv2d(4, 4, 1))
    yield {}['width']
for width in fill():
    layers.append(nn.Conv2d(4, width, 1))
net = nn.Sequential(*layers)
""",
    "without super()": f"{CLASS.replace('        super().__init__()', '        pass')}net = Net()\n",
    "super misspelt": f"{CLASS.replace('super()', 'suer()')}net = Net()\n",
    "super bound to nothing": f"{CLASS.replace('super()', 'super(Net)')}net = Net()\n",
    "a layer before super()": """class Net(nn.Module):
    def __init__(self):
        self.a = nn.Conv2d(4, 4, 1)
        super().__init__()
    def forward(self, x): return self.a(x)
net = Net()
""",
    "a number in the place of a layer": f"{CLASS}net = Net()\nnet.a = 3\n",
    "a class in the place of a layer": f"{CLASS}net = Net()\nnet.a = nn.ReLU\n",
    "self outside of the methods": f"{CLASS}    self.c = nn.Linear(8, 8)\nnet = Net()\n",
    "a network above its class": f"net = Net(3)\n{CLASS}",
    "a function above its definition": "net = make(3)\ndef make(n):\n    return nn.Sequential(nn.Conv2d(4, n, 1))\n",
    "a layer added above its list": "net.append(nn.PReLU())\nnet = nn.Sequential(nn.Conv2d(4, 4, 1))\n",
    "a layer taken out above its list": "del net[0]\nnet = nn.Sequential(nn.Conv2d(4, 4, 1), nn.PReLU())\n",
    "a layer added to what has no value": "net = nn.Sequential(nn.Conv2d(4, 4, 1))\nnt.append(net[0])\n",
    "an item of a module": "parts = {}\ntorch['b'] = nn.ReLU()\nnet = nn.Sequential(nn.PReLU(), *parts.values())\n",
    "a layer that cannot be set by its name": f"{CLASS}net = Net()\nsetattr(net, 'a', nn.Conv2d(4, 4))\n",
    "a network made anew of what it is not": "net = nn.Sequential(nn.Conv2d(4, 4, 1))\n"
    "net = nn.Sequential(*list(net.children))\nnet = net.append(nn.ReLU())\n",
    "a dictionary that grows while it is gone through": """layers = {'a': nn.Conv2d(4, 4, 1)}
for name in layers.keys():
    layers[name + 'a'] = nn.PReLU()
net = nn.Sequential(*layers.values())
""",
    "an item of keys": "layers = {'a': nn.Conv2d(4, 4, 1)}\nnet = nn.Sequential(layers[layers.keys()[0]])\n",
    "a generator turned round": "net = nn.Sequential(*reversed(nn.Conv2d(4, 4, 1) for _ in range(2)))\n",
}


@pytest.mark.parametrize("text", EQUAL.values(), ids=EQUAL)
def test_a_text_gives_the_weights_in_the_order_that_python_gives(text: str):
    names = {"__name__": "__main__"}
    exec(HEAD + text, names)
    real, read = names["net"].eval(), parse(HEAD + text, input_shape=SHAPE).module.eval()
    assert [(name, one.shape) for name, one in read.state_dict().items()] == [
        (name, one.shape) for name, one in real.state_dict().items()
    ]
    with torch.no_grad():
        assert read(torch.zeros(2, *SHAPE, device="meta")).shape == real(torch.zeros(2, *SHAPE)).shape


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_python_refuses_is_refused(text: str):
    with pytest.raises((NameError, AttributeError, TypeError, RuntimeError, KeyError)):
        exec(HEAD + text, {"__name__": "__main__"})
    with pytest.raises(ParseError):
        parse(HEAD + text)


def test_a_forward_that_returns_a_function_itself_is_refused():
    text = CLASS.replace("return x", "return torch.relu") + "net = Net()\n"
    with pytest.raises(ParseError, match=r"returns torch\.relu itself"):
        parse(HEAD + text, input_shape=SHAPE)


def test_on_a_page_with_sentences_lines_above_the_class_may_only_show_its_use():
    page = f"Instead of this old call\n\nnet = Net(5)\n\nyou should now write it in this way:\n\n{CLASS}net = Net(3)\n"
    assert parse(HEAD + page, input_shape=SHAPE).network == "net"


def test_a_name_that_an_import_of_everything_may_bring_is_no_early_use():
    assert parse(f"{HEAD}from models import *\nnet = Net(5)\n{CLASS}net = Net(3)\n", input_shape=SHAPE).network == "net"
