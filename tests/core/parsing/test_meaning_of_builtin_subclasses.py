"""Classes of a text that inherit from Python's own: their objects are dictionaries, lists, words or numbers, too."""

from __future__ import annotations

import pytest

from tests.core.parsing.library_imports import IMPORTS
from tests.core.parsing.test_meaning_of_definitions import assert_is_what_python_makes_of_it

TEXTS = {
    "items between two places": """
class Widths:
    def __getitem__(self, at):
        return [4 + 3 * n for n in range(*at.indices(4))] if isinstance(at, slice) else 4
some, few = Widths()[::-2], slice(3, 9, 2)
net = nn.Sequential(nn.Linear(4, some[0]), nn.Linear(some[0], some[1]), nn.Linear(some[1], few.start * few.step))
""",
    "a dictionary whose items are attributes": """
class AttrDict(dict):
    def __getattr__(self, k):
        try:
            return self[k]
        except KeyError:
            raise AttributeError(k)
    def __setattr__(self, k, v):
        self[k] = v
cfg = AttrDict(width=5, depth=2)
cfg.act = "relu"
if not hasattr(cfg, "nothing"):
    cfg["extra"] = 7
net = nn.Sequential(nn.Linear(4, cfg.width), nn.Linear(cfg.width, cfg["depth"] + len(cfg)),
    nn.Linear(6, cfg.extra), nn.Linear(7, cfg.get("zz", 3)))
""",
    "a dictionary that is its own attributes": """
class Config(dict):
    def __init__(self, *args, **kwargs):
        super(Config, self).__init__(*args, **kwargs)
        self.__dict__ = self
cfg = Config(width=5)
cfg.depth = 2
net = nn.Sequential(nn.Linear(4, cfg.width), *[nn.Linear(5, 5) for _ in range(cfg["depth"])],
    nn.Linear(5, len(cfg)))
""",
    "a registry with a default": """
class Reg(dict):
    def __missing__(self, key):
        return nn.ReLU
    def register(self, name):
        def deco(f):
            self[name] = f
            return f
        return deco
REG = Reg()
@REG.register("lin")
class Lin(nn.Linear):
    pass
net = nn.Sequential(REG["lin"](4, 5), REG["nothing"](), REG["lin"](5, len(REG)))
""",
    "copies of such a dictionary": """
class D(dict):
    def copy(self): return D(self)
    def merge(self, o):
        r = self.copy(); r.update(o); return r
a = D(w=4)
b = a.merge({"w": 6, "q": 2})
c = copy.deepcopy(b); c["q"] = 3
net = nn.Sequential(nn.Linear(a["w"], b["w"]), nn.Linear(6, c["q"]),
    nn.Linear(3, len(b) + isinstance(c, D) + isinstance(c, dict)))
""",
    "a dictionary that changes what it is given": """
class Upper(dict):
    def __setitem__(self, k, v):
        super().__setitem__(k.upper(), v * 2)
    def __getitem__(self, k):
        return super().__getitem__(k.upper())
    def __contains__(self, k): return super().__contains__(k.upper())
u = Upper()
u["a"] = 3
net = nn.Sequential(nn.Linear(4, u["a"]), nn.Linear(6, 3 if "a" in u else 2), nn.Linear(3, len(u)))
""",
    "one that inherits from defaultdict": """
class DD(defaultdict):
    def total(self): return sum(self.values())
d = DD(int)
d["a"] += 3; d["b"] += 4
net = nn.Sequential(nn.Linear(4, d.total()), nn.Linear(7, len(d)))
""",
    "a list with methods of its own": """
class Stack(list):
    def push(self, m):
        self.append(m)
        return self
    @property
    def top(self):
        return self[-1]
s = Stack().push(nn.Linear(4, 5)).push(nn.ReLU())
s += [nn.Linear(5, 3)]
net = nn.Sequential(*s, nn.Linear(s.top.out_features, len(s)))
""",
    "a list that appends more": """
class L(list):
    def append(self, x):
        super().append(x); super().append(nn.ReLU())
    def __getitem__(self, i): return list.__getitem__(self, i)
l = L()
l.append(nn.Linear(4, 5)); l.append(nn.Linear(5, 3))
net = nn.Sequential(*l[:-1], nn.Linear(3, len(l)))
""",
    "words": """
class Name(str):
    def layer(self): return getattr(nn, self.title())
    @property
    def short(self): return self[:2]
n = Name("linear")
net = nn.Sequential(n.layer()(4, 5), nn.Linear(5, len(n)), nn.Linear(6, len(n.short)),
    nn.Linear(2, len(n + "ab") + n.count("n") + (n == "linear")))
d = {n: 3}
net.append(nn.Linear(10, d["linear"]))
""",
    "tuples": """
class Size(tuple):
    def __new__(cls, a, b): return super().__new__(cls, (a, b))
    @property
    def area(self): return self[0] * self[1]
s = Size(2, 3)
a, b = s
net = nn.Sequential(nn.Linear(4, s.area), nn.Linear(6, a + b), nn.Linear(5, len(s)))
""",
    "numbers": """
class Even(int):
    def __new__(cls, v): return super().__new__(cls, v // 2 * 2)
    def __add__(self, o): return Even(int(self) + o)
e = Even(5)
net = nn.Sequential(nn.Linear(e, e + 3), nn.Linear(6, Even(9) - 2))
""",
    "sets": """
class S(set):
    def has(self, *xs): return all(x in self for x in xs)
s = S([1, 2, 3]); s.add(4)
net = nn.Sequential(nn.Linear(4, len(s)), nn.Linear(4, 3 if s.has(1, 4) else 2))
""",
    "a dictionary by UserDict": """
class D(collections.UserDict):
    def __getitem__(self, k):
        return super().__getitem__(k) * 2
d = D(a=2)
d["b"] = 3
net = nn.Sequential(nn.Linear(4, d["a"]), nn.Linear(4, d["b"]))
""",
    "objects in sets": """
class K:
    def __init__(self, v): self.v = v
    def __hash__(self): return hash(self.v)
    def __eq__(self, o): return self.v == o.v
s = {K(1), K(1), K(2)}
d = {K(1): 5}
net = nn.Sequential(nn.Linear(4, len(s)), nn.Linear(2, d[K(1)]))
""",
    "an order that is completed": """
@functools.total_ordering
class V:
    def __init__(s, v): s.v = v
    def __lt__(s, o): return s.v < o.v
    def __eq__(s, o): return s.v == o.v
a, b = V(4), V(6)
net = nn.Sequential(nn.Linear(4, 5 if a <= b else 6), nn.Linear(5, 3 if b >= a else 2), nn.Linear(3, max(a, b).v))
""",
    "operators of objects": """
class V:
    def __init__(s, v): s.v = v
    def __add__(s, o): return V(s.v + (o.v if isinstance(o, V) else o))
    __radd__ = __add__
    def __mul__(s, k): return V(s.v * k)
    def __rshift__(s, o): return V(s.v + o.v * 10)
    def __neg__(s): return V(-s.v)
    def __int__(s): return s.v
    def __index__(s): return s.v
t = sum([V(1), V(2)])
net = nn.Sequential(nn.Linear(4, t.v), nn.Linear(3, (t * 2).v), nn.Linear(6, int(-V(-5))),
    nn.Linear(5, len(range(V(3)))))
""",
    "objects that are iterators": """
class It:
    def __init__(self, n): self.i, self.n = 0, n
    def __iter__(self): return self
    def __next__(self):
        if self.i >= self.n: raise StopIteration
        self.i += 1
        return nn.Linear(4, 4)
it = It(3)
a = next(it)
net = nn.Sequential(a, *it)
""",
    "match of objects by place": """
@dataclass
class Conv:
    i: int
    o: int
@dataclass
class Act:
    name: str = "ReLU"
def build(s):
    match s:
        case Conv(i, o):
            return nn.Linear(i, o)
        case Act(name=n):
            return getattr(nn, n)()
        case {"type": "lin", **rest}:
            return nn.Linear(**rest)
        case [a, *more] if more:
            return nn.Sequential(build(a), *map(build, more))
        case str() as n:
            return getattr(nn, n)()
        case int(n) | float(n):
            return nn.Linear(n, n)
        case _:
            return nn.Identity()
net = build([Conv(4, 5), Act("PReLU"), {"type": "lin", "in_features": 5, "out_features": 3}, "Tanh", 3, None])
""",
    "an error of the text with a code": """
class BadCfg(ValueError):
    def __init__(self, msg, code=3):
        super().__init__(msg); self.code = code
def chk(n):
    if n < 3: raise BadCfg("small", code=6) from None
    return n
try:
    w = chk(1)
except BadCfg as e:
    w = e.code
net = nn.Sequential(nn.Linear(4, w))
""",
    "arguments of an error": """
try:
    raise KeyError("abc")
except (KeyError, ValueError) as e:
    w = len(e.args[0]) + 2
    name = type(e).__name__
net = nn.Sequential(nn.Linear(4, w), nn.Linear(5, len(name)))
""",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_it_is_what_python_makes_of_it(text: str):
    assert_is_what_python_makes_of_it(IMPORTS + text, (4,))
