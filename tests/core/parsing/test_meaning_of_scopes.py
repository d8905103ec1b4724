"""Which names have a value where, and what wrappers and special methods do with them, as in Python."""

from __future__ import annotations

import pytest

from tests.core.parsing.library_imports import IMPORTS
from tests.core.parsing.test_meaning_of_definitions import assert_is_what_python_makes_of_it

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
    "a wrapper that changes what is handed on": """
def double(f):
    def inner(*a, **k):
        return f(*[v * 2 for v in a], **k)
    return inner
@double
def lin(n): return nn.Linear(4, n)
net = nn.Sequential(lin(3))
""",
    "a wrapper that adds a setting": """
def nobias(f):
    def inner(*a, **k):
        k.setdefault("bias", False)
        return f(*a, **k)
    return inner
@nobias
def lin(i, o, bias=True): return nn.Linear(i, o, bias=bias)
net = nn.Sequential(lin(4, 3))
""",
    "a wrapper that counts": """
log = []
def logged(f):
    @wraps(f)
    def inner(*args, **kwargs):
        log.append(f.__name__)
        out = f(*args, **kwargs)
        return out
    return inner
@logged
def lin(i, o): return nn.Linear(i, o)
net = nn.Sequential(lin(4, 3), lin(3, 2))
net.append(nn.Linear(2, len(log)))
""",
    "a wrapper that keeps arguments": """
def store(init):
    names = inspect.signature(init).parameters
    def inner(self, *args, **kwargs):
        bound = dict(zip(list(names)[1:], args)); bound.update(kwargs)
        object.__setattr__(self, "cfg", bound)
        init(self, *args, **kwargs)
    return inner
class N(nn.Module):
    @store
    def __init__(self, i, o=3):
        super().__init__(); self.fc = nn.Linear(self.cfg["i"], self.cfg.get("o", 5))
    def forward(self, x): return self.fc(x)
net = nn.Sequential(N(4))
""",
    "a property that is made once": """
class N(nn.Module):
    def __init__(self): super().__init__(); self.a = nn.Linear(4, 3)
    @functools.cached_property
    def width(self): return self.a.out_features * 2
    def forward(self, x): return self.a(x)
n = N()
net = nn.Sequential(n, nn.Linear(3, n.width))
""",
    "a name that a function gives a value later": """
w = 4
def f():
    try:
        w = w + 1
    except UnboundLocalError:
        w = 7
    return w
net = nn.Sequential(nn.Linear(4, f()))
""",
    "names of branches": """
def f(kind):
    if kind == "a":
        w = 5
    elif kind == "b":
        w = 6
    return nn.Linear(4, w)
net = nn.Sequential(f("a"))
net.append(nn.Linear(5, 6)); f("b")
""",
    "a name of the function around": """
def outer():
    def inner(): return nn.Linear(4, w)
    w = 5
    return inner()
net = nn.Sequential(outer())
""",
    "attributes by methods of dict": """
class dotdict(dict):
    __getattr__ = dict.get
    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__
args = dotdict({"w": 5, "drop": 0.1})
args.d = 3
del args.drop
net = nn.Sequential(nn.Linear(4, args.w), nn.Linear(5, args.d), nn.Linear(3, len(args)))
if args.nothing is None: net.append(nn.Linear(2, 2))
""",
    "settings in settings": """
class AttrDict(dict):
    def __init__(self, d=None, **kw):
        super().__init__()
        for k, v in {**(d or {}), **kw}.items(): setattr(self, k, v)
    def __setattr__(self, name, value):
        if isinstance(value, dict) and not isinstance(value, AttrDict): value = AttrDict(value)
        super().__setattr__(name, value)
        super().__setitem__(name, value)
    __setitem__ = __setattr__
c = AttrDict({"model": {"w": 5, "ks": [1, 2]}, "n": 3})
net = nn.Sequential(nn.Linear(4, c.model.w), nn.Linear(5, c["model"]["ks"][1]), nn.Linear(2, c.n))
""",
    "items without a length": """
class Seq:
    def __getitem__(self, i):
        if i >= 3: raise IndexError
        return nn.Linear(4, 4)
net = nn.Sequential(*Seq())
a, b, c = Seq()
""",
    "items in reversed order": """
class Pairs:
    def __init__(self, xs): self.xs = xs
    def __getitem__(self, i): return self.xs[i], self.xs[i + 1]
    def __len__(self): return len(self.xs) - 1
    def __reversed__(self): return iter([(b, a) for a, b in zip(self.xs, self.xs[1:])][::-1])
ps = Pairs([4, 5, 6])
net = nn.Sequential(*[nn.Linear(*p) for p in ps], *[nn.Linear(*p) for p in reversed(ps)])
""",
    "a member for other values": """
class Norm(str, Enum):
    BATCH = "batch"
    LAYER = "layer"
    @classmethod
    def _missing_(cls, v): return cls.LAYER
def norm(kind, n):
    kind = Norm(kind)
    if kind is Norm.BATCH: return nn.BatchNorm1d(n)
    return nn.LayerNorm(n, elementwise_affine=kind == "batch")
net = nn.Sequential(nn.Linear(4, 5), norm("batch", 5), norm("layer", 5), norm("zzz", 5))
""",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_it_is_what_python_makes_of_it(text: str):
    assert_is_what_python_makes_of_it(IMPORTS + text, (4,))
