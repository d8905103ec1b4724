"""Python's library in a text: what its functions give is what they give in Python, item by item where they wait."""

from __future__ import annotations

import pytest

from tests.core.parsing.library_imports import IMPORTS
from tests.core.parsing.test_meaning_of_definitions import assert_is_what_python_makes_of_it

TEXTS = {
    "maps that change below": """
base = {"w": 4, "k": 3}
over = {"k": 5}
cm = ChainMap(over, base)
base["w"] = 6
child = cm.new_child({"z": 2})
net = nn.Sequential(nn.Linear(4, cm["w"]), nn.Linear(cm["w"], cm["k"]), nn.Linear(5, child["z"] + len(child)))
""",
    "maps that are written to": """
cm = ChainMap({}, {"a": 4})
cm["a"] = 8
net = nn.Sequential(nn.Linear(4, cm["a"]), nn.Linear(8, cm.maps[1]["a"]), nn.Linear(4, cm.get("q", 3)),
    nn.Linear(3, len(cm.parents)))
""",
    "counts": """
c = Counter("aabbbc")
w, n = c.most_common(1)[0]
c.update("cc"); c.subtract({"a": 1})
net = nn.Sequential(nn.Linear(4, n), nn.Linear(n, sum(c.values())), nn.Linear(sum(c.values()), c["c"]),
    nn.Linear(3, len(list(c.elements()))))
""",
    "sums of counts": """
c = Counter(a=3, b=1) + Counter(a=1, c=2)
net = nn.Sequential(nn.Linear(4, c["a"]), nn.Linear(4, c.total() if hasattr(c, "total") else 7))
""",
    "an order that is changed": """
d = OrderedDict(a=nn.Linear(4, 4), b=nn.ReLU())
d["c"] = nn.Linear(4, 2)
d.move_to_end("b")
k, last = d.popitem()
d.move_to_end("c", last=True)
net = nn.Sequential(d)
net.add_module(k, last)
""",
    "groups of neighbours": """
spec = ["c", "c", "p", "c"]
layers = []
for kind, items in itertools.groupby(spec):
    n = len(list(items))
    layers.append(nn.Linear(4, 4, bias=n > 1))
rows = sorted([("a", 3), ("b", 4), ("a", 5)], key=operator.itemgetter(0))
for k, g in itertools.groupby(rows, key=lambda r: r[0]):
    layers.append(nn.Linear(4, 4) if sum(v for _, v in g) == 8 else nn.ReLU())
net = nn.Sequential(*layers)
""",
    "groups that are counted": """
rows = [1, 1, 2, 3, 3, 3]
runs = [(k, sum(1 for _ in g)) for k, g in itertools.groupby(rows)]
layers, prev = [], 4
for k, n in runs:
    for _ in range(n): layers.append(nn.Linear(prev, prev + k)); prev += k
gs = {k: list(g) for k, g in itertools.groupby(sorted("abcab"))}
net = nn.Sequential(*layers, nn.Linear(prev, len(gs["a"])))
""",
    "more of itertools": """
a = list(itertools.chain.from_iterable([[4, 5], [6]]))
b = list(itertools.accumulate([1, 2, 3], operator.mul, initial=1))
c = list(itertools.compress("abc", [1, 0, 1]))
d = list(itertools.filterfalse(lambda v: v % 2, range(5)))
e1, e2 = itertools.tee([1, 2, 3])
f = list(itertools.combinations_with_replacement([1, 2], 2))
r = list(itertools.repeat(3, 2)) + list(itertools.islice(itertools.repeat(2), 2))
ws = [4, a[2], b[-1], len(c) + 1, len(d), sum(e1) + len(list(e2)), len(f), sum(r)]
net = nn.Sequential(*[nn.Linear(i, o) for i, o in zip(ws, ws[1:])])
""",
    "items without end": """
def nat():
    n = 1
    while True:
        yield n; n += 1
a = list(itertools.islice(nat(), 2, 8, 2))
b = list(itertools.islice(itertools.chain([9], nat()), 3))
c = list(itertools.takewhile(lambda v: v < 4, nat()))
d = list(itertools.islice(itertools.cycle("ab"), 3))
e = list(zip(itertools.count(2), "xyz"))
f = list(itertools.islice(map(lambda v: v * v, nat()), 3))
g = list(itertools.islice((x for x in nat() if x % 3 == 0), 2))
h = list(itertools.accumulate(c))
net = nn.Sequential(nn.Linear(4, sum(a)), nn.Linear(sum(a), b[0]), nn.Linear(9, len(c)),
    nn.Linear(3, len(d) + e[-1][0]), nn.Linear(7, f[-1]), nn.Linear(9, g[1]), nn.Linear(6, h[-1]))
""",
    "operators as functions": """
cfg = {"a": 4, "b": [5, 6]}
get = operator.itemgetter("a", "b")
a, b = get(cfg)
L = nn.Linear(a, b[1])
w = operator.attrgetter("out_features")(L)
m = operator.methodcaller("upper")("x")
t = {"+": operator.add, "<": operator.lt, "neg": operator.neg}
net = nn.Sequential(L, nn.Linear(w, t["+"](2, 3)), nn.Linear(5, 3 if t["<"](1, 2) else 9),
    nn.Linear(3, len(m) + operator.mod(7, 4) - t["neg"](1)))
net = nn.Sequential(*net, nn.Linear(5, operator.getitem([1, 2], 1) + operator.contains([1], 1)))
""",
    "a function by class": """
@singledispatch
def build(spec):
    raise TypeError(spec)
@build.register
def _(spec: int):
    return nn.Linear(4, 4, bias=spec > 1)
@build.register(str)
def _(spec):
    return getattr(nn, spec)()
@build.register(list)
def _(spec):
    return nn.Sequential(*[build(s) for s in spec])
net = build([1, "ReLU", 2, ["Tanh"]])
""",
    "a method by class": """
class B:
    @functools.singledispatchmethod
    def make(self, x):
        return nn.Identity()
    @make.register
    def _(self, x: int):
        return nn.Linear(x, x)
    @make.register
    def _(self, x: tuple):
        return nn.Linear(*x)
b = B()
net = nn.Sequential(b.make(4), b.make((4, 5)), b.make("q"))
""",
    "the nearest class": """
class A: pass
class B(A): pass
@singledispatch
def w(x): return 3
@w.register(A)
def _(x): return 5
@w.register
def _(x: float): return 6
@w.register
def _(x: bool): return 7
net = nn.Sequential(nn.Linear(4, w(B())), nn.Linear(5, w(1.0)), nn.Linear(6, w(True)), nn.Linear(7, w("s")),
    nn.Linear(3, w(2)))
""",
    "a method with settings": """
class B:
    def make(self, i, o): return nn.Linear(i, o)
    small = functools.partialmethod(make, o=3)
net = nn.Sequential(B().small(4))
""",
    "attributes of a wrapper": """
def repeat(n):
    def deco(f):
        @wraps(f)
        def inner(*a, **k):
            return nn.Sequential(*[f(*a, **k) for _ in range(n)])
        inner.times = n
        return inner
    return deco
@repeat(3)
def block(w): return nn.Linear(w, w)
net = nn.Sequential(block(4), nn.Linear(4, block.times), nn.Linear(3, len(block.__name__)))
""",
    "attributes of a function": """
def f(): f.n += 1; return f.n
f.n = 3
net = nn.Sequential(nn.Linear(f(), f()), nn.Linear(5, f()))
""",
    "what a class takes": """
class Blk(nn.Module):
    def __init__(self, i, o, bias=True, **kw):
        super().__init__(); self.fc = nn.Linear(i, o, bias=bias)
    def forward(self, x): return self.fc(x)
def build(cls, **cfg):
    sig = inspect.signature(cls.__init__)
    names = [n for n, p in sig.parameters.items() if n != "self" and p.kind != p.VAR_KEYWORD]
    return cls(**{k: v for k, v in cfg.items() if k in names})
net = nn.Sequential(build(Blk, i=4, o=5, junk=3), nn.Linear(5, len(inspect.signature(Blk).parameters)),
    nn.Linear(4, len(inspect.getfullargspec(Blk.__init__).args)))
""",
    "defaults of a function": """
def f(a, b=6, *, c=7): return a
ps = inspect.signature(f).parameters
d = {k: v.default for k, v in ps.items() if v.default is not inspect.Parameter.empty}
net = nn.Sequential(nn.Linear(4, d["b"]), nn.Linear(6, d["c"]))
""",
    "a stack of contexts": """
class M:
    n = 0
    def __enter__(self): M.n += 1; return self
    def __exit__(self, *a): M.n += 10; return False
with contextlib.ExitStack() as st:
    a = st.enter_context(M())
    b = st.enter_context(M())
    k = M.n
net = nn.Sequential(nn.Linear(4, k), nn.Linear(k, M.n))
""",
    "calls at the end": """
log = []
with contextlib.ExitStack() as st:
    st.callback(log.append, 1)
    st.callback(lambda: log.append(2))
    n = len(log)
net = nn.Sequential(nn.Linear(4, n + 3), nn.Linear(3, log[0] + len(log)))
""",
    "modules by name": """
mod = importlib.import_module("torch.nn")
net = mod.Sequential(mod.Linear(4, 5), getattr(importlib.import_module("torch.nn"), "Linear")(5, 3))
m2 = __import__("math")
net.append(nn.Linear(3, m2.ceil(4.2)))
""",
    "classes by their path": """
def get_obj_from_str(string):
    module, cls = string.rsplit(".", 1)
    return getattr(importlib.import_module(module, package=None), cls)
def instantiate(config):
    return get_obj_from_str(config["target"])(**config.get("params", dict()))
wide = {"target": "torch.nn.Linear", "params": {"in_features": 4, "out_features": 7}}
net = nn.Sequential(instantiate(wide), instantiate({"target": "torch.nn.ReLU"}))
""",
    "items up to an end": """
vals = [4, 5, 0, 9]
it = iter(vals)
got = list(iter(lambda: next(it), 0))
net = nn.Sequential(nn.Linear(*got), nn.Linear(got[-1], len(got)))
""",
    "words from fields": """
names = "{a}_{b}".format_map({"a": 1, "b": 2})
d = nn.ModuleDict({names: nn.Linear(4, 4), "%s-%d" % ("x", 3): nn.Linear(4, 3), f"{'q':>3}".strip(): nn.Linear(3, 2)})
net = nn.Sequential(*d.values())
""",
    "sets": """
A = frozenset({1, 2}); B = {2, 3}
net = nn.Sequential(nn.Linear(4, len(A | B)), nn.Linear(3, len(A & B)), nn.Linear(1, len(A - B)),
    nn.Linear(1, len(A ^ B)), nn.Linear(2, len(A.union(B, [7]))))
B.discard(9); B.update([4]); B.remove(2)
net.append(nn.Linear(4, len(B)) if 4 in B and not B.isdisjoint({3}) else nn.ReLU())
""",
    "a layer that PyTorch lacks": """
def pick(name):
    try:
        cls = getattr(nn, name)
    except AttributeError:
        return nn.PReLU()
    else:
        return cls()
    finally:
        pass
net = nn.Sequential(nn.Linear(4, 4), pick("Nope"), pick("ReLU"))
""",
    "searching and heaps": """
import bisect, heapq, string, random, statistics, numbers, decimal, fractions
i = bisect.bisect([1, 3, 5], 4)
h = [5, 1, 4]; heapq.heapify(h); top = heapq.heappop(h)
big = heapq.nlargest(2, [1, 9, 5])
net = nn.Sequential(nn.Linear(4, i + 1), nn.Linear(3, top + 3), nn.Linear(4, big[0]))
""",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_it_is_what_python_makes_of_it(text: str):
    assert_is_what_python_makes_of_it(IMPORTS + text, (4,))
