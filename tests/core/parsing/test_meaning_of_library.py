"""What a text does with Python's library means what Python makes of it: each text is run for real beside it."""

from __future__ import annotations

import pytest

from tests.core.parsing.test_meaning_of_definitions import assert_is_what_python_makes_of_it

TEXTS = {
    "flags that are combined where they are defined": """
from enum import Flag, auto
class Part(Flag):
    STEM = auto()
    HEAD = auto()
    BOTH = STEM | HEAD
    TAIL = auto()
some = Part.STEM | Part.TAIL
net = nn.Sequential(nn.Linear(32, Part.BOTH.value), nn.Linear(3, len(list(Part))), nn.Linear(3, some.value),
    nn.Linear(5, 4 if Part.HEAD in Part.BOTH and Part.HEAD not in some else 2),
    nn.Linear(4, 6 if some & Part.HEAD else 7), nn.Linear(7, 8 if Part.BOTH == Part.STEM | Part.HEAD else 9))
""",
    "letters that are translated": """
table = str.maketrans('ab', '46')
net = nn.Sequential(nn.Linear(32, int('b'.translate(table))), nn.Linear(6, int('a'.translate(table))))
""",
    "classes of contextlib to inherit from": """
import contextlib
class Width(contextlib.AbstractContextManager):
    n = 6
    def __exit__(self, *details): self.n = 7
class Twice(contextlib.ContextDecorator):
    n = 1
    def __enter__(self): self.n *= 2
    def __exit__(self, *details): return False
twice = Twice()
@twice
def build(): return nn.Linear(32, 3 * twice.n)
with Width() as width:
    net = nn.Sequential(build(), nn.Linear(6, width.n))
net.append(nn.Linear(6, width.n))
""",
    "command lines that the text writes out": """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("kind")
parser.add_argument("--width", type=int, default=8)
parser.add_argument("--sizes", nargs="+", type=int)
parser.add_argument("--no-bias", action="store_false", dest="bias")
args, rest = parser.parse_known_args(["plain", "--width=16", "--sizes", "3", "4", "--no-bias", "--other"])
fixed = argparse.Namespace(depth=len(args.kind))
net = nn.Sequential(nn.Linear(32, args.width, args.bias), nn.Linear(16, sum(args.sizes)), nn.Linear(7, fixed.depth))
""",
    "words that a pattern finds": """
import re
digits = [int(one.group()) for one in re.finditer('[0-9]', 'a6b7')]
word = re.sub('A', lambda found: found.group().upper() + '5', 'xax', flags=re.IGNORECASE)
net = nn.Sequential(nn.Linear(32, digits[0]), nn.Linear(6, len(word)),
    nn.Linear(4, len(re.sub('x', '', word, count=1))))
""",
    "flags and counts that follow a pattern": """
import re
sizes = [int(n) for kind, n in re.findall('(conv)-([0-9]+)', 'Conv-16, CONV-8', re.I)]
rest = re.split(' *, *', 'a , b, c', 1, re.A)
net = nn.Sequential(nn.Linear(32, sizes[0]), nn.Linear(16, 6 if re.match('CONV', 'conv', re.I) else 7),
    nn.Linear(6, len(rest)), nn.Linear(2, len(re.sub('A', '', 'aAa', 2, re.I))),
    nn.Linear(1, 4 if re.compile('b').match('ab', 1) else 5))
""",
    "all orders and pairs that there are": """
import itertools
codes = list(itertools.product([0, 1], repeat=9))
later = next(itertools.islice(itertools.count(), 40, None))
first, *others = itertools.tee(range(3), 18)
net = nn.Sequential(nn.Linear(32, len(codes)), nn.Linear(512, later), nn.Linear(40, len(others)))
""",
    "numbers of mathematics": """
import math, operator, os
net = nn.Sequential(nn.Linear(32, math.comb(5, 2)), nn.Linear(10, math.factorial(3)),
    nn.Linear(6, operator.indexOf([4, 5, 6], 6) + operator.countOf([1, 1], 1)), nn.Linear(4, int('101', base=2)),
    nn.Linear(5, len(os.path.splitext(os.path.basename('a/net.yaml'))[0])), nn.Linear(3, (6).numerator))
""",
    "fields of texts": """
net = nn.Sequential(nn.Linear(32, int('{sizes[1]}'.format(sizes=[3, 4]))), nn.Linear(4, int('%(n)d' % {'n': 5})),
    nn.Linear(5, len(str(torch.float32))), nn.Linear(13, 3 if 'out_features=2' in str(nn.Linear(1, 2)) else 4))
""",
    "errors and what they come from": """
def width():
    try:
        raise ValueError('four')
    except ValueError as error:
        raise RuntimeError('no', 4) from error
try:
    width()
except RuntimeError as error:
    net = nn.Sequential(nn.Linear(32, len(str(error.__cause__))), nn.Linear(4, len(str(error))),
        nn.Linear(9, 3 if error.__context__ is error.__cause__ else 2))
try:
    raise KeyError
except KeyError as error:
    net.append(nn.Linear(3, 5 if error.__cause__ is None else 6))
""",
    "hooks that keep what layers give": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.seen = nn.Conv2d(3, 8, 1), nn.Conv2d(8, 2, 1), {}
        self.a.register_forward_hook(self.kept('a'))
        self.b.register_forward_hook(self.look)
    def kept(self, name):
        def hook(module, inputs, output):
            self.seen[name] = output
        return hook
    def look(self, module, inputs, output): self.last = output
    def forward(self, x): return torch.cat([self.b(self.a(x)), self.seen['a'], self.last], 1)
net = Net()
""",
    "an except for an item of a number": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        total = 0
        for _ in range(2):
            y = self.a(x)
            try:
                total = y + total[:, :, :4]
            except TypeError:
                total = y[:, :, :4]
                x = x[:, :, :6]
        return total
net = Net()
""",
    "what Python does not take, and except": """
sizes, lone, three, word = [], nn.ReLU(), 3, "a"
def unpacked():
    a, b = [1, 2, 3]
def put():
    lone[0] = lone
def taken():
    values = {1: 2}
    del values[3]
def tried(make):
    try:
        make()
    except TypeError:
        sizes.append(2)
    except (KeyError, ValueError):
        sizes.append(3)
for make in (lambda: tuple(1), lambda: [*None], lambda: three(), lambda: None + 1, lambda: -None, unpacked,
             lambda: {[]: 1}, lambda: word["b"], put, taken):
    tried(make)
net = nn.Sequential(nn.Conv2d(3, sum(sizes), 1), nn.Conv2d(sum(sizes), len(sizes), 1))
""",
    "attributes that the class changes when they are set": """
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 5, 1)
    def __setattr__(self, k, v):
        if k == 'c': v = nn.Conv2d(3, 6, 1)
        super().__setattr__(k, v)
    def forward(self, x): return self.c(x)
net = N()
""",
    "an attribute that is deleted by its name": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 1)
        self.b = nn.Conv2d(8, 2, 1)
        delattr(self, 'b')
    def forward(self, x):
        return self.a(x)
net = Net()
""",
    "a list that is sorted in its place": """
w = [4, 2, 8]
w.sort(reverse=True)
r = w.pop(0)
w.extend((r,))
w.insert(-1, 6)
net = nn.Sequential(*[nn.Conv2d(a, b, 1) for a, b in zip([3] + w, w)])
""",
    "a generator inside of another": """
def inner():
    yield nn.Conv2d(3, 3, 1)
    return 2
def gen():
    n = yield from inner()
    for _ in range(n): yield nn.Conv2d(3, 3, 1)
net = nn.Sequential(*gen())
""",
    "counting, combinations and chains": """
import itertools
c = itertools.count(3)
w = list(itertools.accumulate([3, 1, 1]))
p = [a * b for a, b in itertools.product([1, 2], [3])]
z = list(itertools.zip_longest([1, 2, 3], [4], fillvalue=5))
net = nn.Sequential(nn.Conv2d(next(c), w[1], 1), nn.Conv2d(next(c), sum(p), 1),
    nn.Conv2d(9, z[2][1], 1), nn.Conv2d(5, len(list(itertools.combinations(range(4), 2))), 1),
    nn.Conv2d(6, len(list(itertools.chain.from_iterable([[1], [2]]))), 1))
""",
    "turns that begin again": """
import itertools
k = itertools.cycle([1, 3])
net = nn.Sequential(*[nn.Conv2d(3, 3, next(k)) for _ in range(3)])
""",
    "operators as functions": """
from functools import reduce
import operator
n = reduce(operator.mul, [2, 3], 1)
net = nn.Sequential(nn.Conv2d(3, n, 1), nn.Conv2d(n, operator.add(2, 3), 1))
""",
    "dataclasses with lists of their own": """
from dataclasses import dataclass, field, replace, fields, astuple
@dataclass
class B:
    e: int
    ws: list = field(default_factory=list)
    def __post_init__(self): self.ws.append(self.e)
a = B(3); b = B(4)
c = replace(b, e=7)
net = nn.Sequential(nn.Conv2d(3, len(b.ws), 1), nn.Conv2d(len(b.ws), len(fields(B)), 1),
    nn.Conv2d(2, len(c.ws) + astuple(a)[0], 1))
""",
    "a number that is none, and except": """
def f():
    try:
        return 4
    finally:
        pass
def g():
    try:
        return int('x')
    except (ValueError, TypeError):
        return 5
    return 9
net = nn.Sequential(nn.Conv2d(3, f(), 1), nn.Conv2d(4, g(), 1))
""",
    "an error of the text's own": """
class Stop(Exception): pass
def f(v):
    if v > 2: raise Stop('x')
    return v
try:
    n = f(5)
except Stop:
    n = 7
net = nn.Sequential(nn.Conv2d(3, n, 1))
""",
    "the names of an object": """
class C: pass
c = C()
c.a, c.b = 4, 5
n = len(vars(c))
net = nn.Sequential(*[nn.Conv2d(3, 3, 1) for _ in range(n)])
setattr(c, 'z', 6)
net.append(nn.Conv2d(3, getattr(c, 'z'), 1))
""",
    "an attribute that is not there, and except": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        try:
            self.a = nn.Conv2d(3, self.width, 1)
        except AttributeError:
            self.a = nn.Conv2d(3, 6, 1)
    def forward(self, x):
        return self.a(x)
net = Net()
""",
    "sizes that do not fit, and except": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 1)
        self.b = nn.Linear(32, 4)
    def forward(self, x):
        y = self.a(x)
        try:
            return self.b(y.flatten(1))
        except RuntimeError:
            return self.b(y)
net = Net()
""",
    "a layer as a default is shared": """
def block(c, norm=nn.BatchNorm2d(4)): return nn.Sequential(nn.Conv2d(c, 4, 1), norm)
net = nn.Sequential(block(3), block(4))
""",
    "layers that are the same": """
a = nn.Conv2d(3, 3, 1)
b = nn.Conv2d(3, 3, 1)
net = nn.Sequential(a, b, nn.Conv2d(3, 2 if a == b else 5, 1), nn.Conv2d(5, 4 if a is not b and a in [b, a] else 1, 1))
""",
    "named tuples": """
from typing import NamedTuple
class Sizes(NamedTuple):
    i: int
    o: int = 5
    def wide(self): return self.o * 2
s = Sizes(3)
i, o = s
net = nn.Sequential(nn.Conv2d(i, o, 1), nn.Conv2d(s[1], s.wide(), len(s) - 1))
""",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_gives_the_weights_and_the_output_that_python_gives(text: str):
    assert_is_what_python_makes_of_it(text)
