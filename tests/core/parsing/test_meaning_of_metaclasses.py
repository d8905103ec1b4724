"""Classes that are made by others or know each other, and attributes that say themselves what they are."""

from __future__ import annotations

import pytest

from tests.core.parsing.library_imports import IMPORTS
from tests.core.parsing.test_meaning_of_definitions import assert_is_what_python_makes_of_it

TEXTS = {
    "a class that makes an object of one below it": """
class Net(nn.Module):
    def __new__(cls, width):
        return super().__new__(Wide if width > 9 else Narrow)
class Narrow(Net):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Linear(4, width)
    def forward(self, x):
        return self.body(x)
class Wide(Narrow):
    def __init__(self, width):
        super().__init__(width * 2)
net = nn.Sequential(Net(5), nn.Linear(5, 4), Net(10))
""",
    "classes made by type in a loop": """
def make(name, n):
    def __init__(self):
        nn.Module.__init__(self)
        self.fc = nn.Linear(4, n)
    def forward(self, x):
        return self.fc(x)
    return type(name, (nn.Module,), dict(__init__=__init__, forward=forward, n=n))
classes = {n: make(f"Net{n}", n) for n in (4, 5)}
net = nn.Sequential(classes[4](), classes[5]())
""",
    "a metaclass with __new__": """
class Meta(type):
    registry = {}
    def __new__(mcs, name, bases, ns):
        cls = super().__new__(mcs, name, bases, ns)
        mcs.registry[name.lower()] = cls
        return cls
class Block(nn.Module, metaclass=Meta):
    pass
class Lin(Block):
    def __init__(self, n):
        super().__init__()
        self.fc = nn.Linear(4, n)
    def forward(self, x):
        return self.fc(x)
net = nn.Sequential(Meta.registry["lin"](3))
""",
    "a metaclass with __init__": """
class RegistryMeta(type):
    def __init__(cls, name, bases, attrs):
        super().__init__(name, bases, attrs)
        if not hasattr(cls, "registry"):
            cls.registry = {}
        else:
            cls.registry[name] = cls
class Base(metaclass=RegistryMeta):
    width = 4
class A(Base):
    width = 5
class B(Base):
    width = 6
ws = [c.width for c in Base.registry.values()]
net = nn.Sequential(nn.Linear(4, ws[0]), nn.Linear(ws[0], ws[1]))
""",
    "a metaclass that makes one object": """
class Singleton(type):
    _instances = {}
    def __call__(cls, *args, **kwargs):
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]
class Config(metaclass=Singleton):
    def __init__(self):
        self.width = 4
Config().width = 7
net = nn.Sequential(nn.Linear(4, Config().width))
""",
    "arguments of a class": """
class Meta(type):
    def __new__(mcs, name, bases, ns, width=4, **kw):
        ns["width"] = width
        return super().__new__(mcs, name, bases, ns)
    def __init__(cls, name, bases, ns, width=4, **kw):
        super().__init__(name, bases, ns)
        cls.double = cls.width * 2
class A(metaclass=Meta, width=6): pass
class B(A): pass
net = nn.Sequential(nn.Linear(4, A.width), nn.Linear(6, A.double), nn.Linear(12, B.width))
""",
    "items, length and methods of a class": """
class Meta(type):
    items = {"a": 5}
    def __getitem__(cls, k): return cls.items[k]
    def __len__(cls): return 3
    def __iter__(cls): return iter([1, 2])
    def __contains__(cls, k): return k in cls.items
    @property
    def first(cls): return 7
    def make(cls): return nn.Linear(7, 2)
class R(metaclass=Meta): pass
net = nn.Sequential(nn.Linear(4, R["a"]), nn.Linear(5, len(R)),
    nn.Linear(3, R.first), R.make(), *[nn.Linear(2, 2) for _ in R])
if "a" in R: net.append(nn.Linear(2, 1))
""",
    "a metaclass that goes on building": """
class Meta(type):
    def __call__(cls, *args, **kw):
        obj = super().__call__(*args, **kw)
        obj.post()
        return obj
class Net(nn.Module, metaclass=Meta):
    def __init__(self, n):
        super().__init__(); self.a = nn.Linear(4, n)
    def post(self): self.b = nn.Linear(self.a.out_features, 3)
    def forward(self, x): return self.b(self.a(x))
net = Net(6)
""",
    "a class that knows those below it": """
class Plugin:
    registry = {}
    def __init_subclass__(cls, name=None, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.registry[name or cls.__name__] = cls
class A(Plugin, name="a"):
    w = 5
class B(Plugin):
    w = 6
net = nn.Sequential(nn.Linear(4, Plugin.registry["a"].w), nn.Linear(5, Plugin.registry["B"].w))
""",
    "layers that register themselves": """
class Layer(nn.Module):
    kinds = {}
    def __init_subclass__(cls, kind, **kw):
        super().__init_subclass__(**kw)
        Layer.kinds[kind] = cls
class Lin(Layer, kind="lin"):
    def __init__(self, n=4):
        super().__init__(); self.fc = nn.Linear(4, n)
    def forward(self, x): return self.fc(x)
net = nn.Sequential(Layer.kinds["lin"](5))
""",
    "items of a class": """
class Conv:
    def __class_getitem__(cls, n):
        return lambda i, o: nn.Sequential(*[nn.Linear(i if k == 0 else o, o) for k in range(n)])
net = Conv[2](4, 6)
""",
    "classes below and above": """
class Base: w = 1
class A(Base): w = 5
class B(Base): w = 6
ws = [c.w for c in Base.__subclasses__()]
net = nn.Sequential(nn.Linear(4, ws[0]), nn.Linear(5, ws[1]), nn.Linear(6, len(A.__mro__)),
    nn.Linear(3, len(A.__bases__)))
""",
    "names of a class": """
class Cfg:
    width = 5
    depth = 2
    _hidden = 3
keys = [k for k in dir(Cfg) if not k.startswith("_")]
d = {k: v for k, v in Cfg.__dict__.items() if not k.startswith("_")}
d2 = {k: v for k, v in vars(Cfg).items() if not k.startswith("__")}
net = nn.Sequential(nn.Linear(4, d["width"]), nn.Linear(5, len(keys)), nn.Linear(2, len(d2)))
""",
    "annotations of a class": """
class Cfg:
    width: int = 5
    depth: int = 2
for k in Cfg.__annotations__:
    setattr(Cfg, k, getattr(Cfg, k) + 1)
net = nn.Sequential(nn.Linear(4, Cfg.width), nn.Linear(6, Cfg.depth), nn.Linear(3, len(get_type_hints(Cfg))))
""",
    "a descriptor that checks": """
class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name
    def __get__(self, obj, owner=None):
        if obj is None: return self
        return getattr(obj, self.name)
    def __set__(self, obj, value):
        if value <= 0: raise ValueError(value)
        setattr(obj, self.name, value * 2)
class Cfg:
    width = Positive()
    depth = Positive()
    def __init__(self, width, depth):
        self.width, self.depth = width, depth
c = Cfg(3, 2)
net = nn.Sequential(nn.Linear(4, c.width), nn.Linear(6, c.depth))
try:
    c.width = -1
except ValueError:
    net.append(nn.Linear(4, c.width + 1))
""",
    "a descriptor that keeps what it made": """
class cached:
    def __init__(self, f): self.f = f; self.n = f.__name__
    def __get__(self, o, t=None):
        v = self.f(o); o.__dict__[self.n] = v; return v
class H:
    calls = 0
    @cached
    def layer(self):
        H.calls += 1
        return nn.Linear(4, 4)
h = H()
net = nn.Sequential(h.layer, h.layer, nn.Linear(4, H.calls + 1))
""",
    "a descriptor with a default": """
class Typed:
    def __init__(self, default): self.default = default
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, o, t):
        return self.default if o is None else o.__dict__.get(self.name, self.default)
    def __set__(self, o, v): o.__dict__[self.name] = v + 1
class Cfg:
    w = Typed(4); d = Typed(2)
c = Cfg(); c.w = 6
net = nn.Sequential(nn.Linear(4, c.w), nn.Linear(7, c.d), nn.Linear(2, Cfg.w))
""",
    "properties of both kinds": """
class C:
    def __init__(self): self._w = 4
    @property
    def w(self): return self._w
    @w.setter
    def w(self, v): self._w = v + 1
c = C()
c.w = 5
d = property(lambda s: 3)
class E:
    q = property(lambda self: 8)
net = nn.Sequential(nn.Linear(4, c.w), nn.Linear(6, E().q))
""",
    "super in a classmethod": """
class A:
    w = 4
    @classmethod
    def make(cls): return cls.w
class B(A):
    w = 6
    @classmethod
    def make(cls): return super().make() + 1
net = nn.Sequential(nn.Linear(4, B.make()), nn.Linear(7, A.make()))
""",
    "objects that are called": """
class Factory:
    def __init__(self, n):
        self.n = n
    def __call__(self, i):
        self.n += 1
        return nn.Linear(i, self.n)
f = Factory(4)
net = nn.Sequential(f(4), f(5), f(6))
print(callable(f))
net = nn.Sequential(*net, nn.Linear(7, 3 if callable(f) else 2))
""",
    "an object before its __init__": """
class P:
    __slots__ = ("a", "b")
    def __new__(cls, *args):
        self = super().__new__(cls)
        self.a = 4
        return self
    def __init__(self, b): self.b = b
q = P(6)
net = nn.Sequential(nn.Linear(q.a, q.b))
""",
    "an attribute that is looked up, or raised again": """
class M(nn.Module):
    def __init__(self):
        super().__init__(); self.blocks = nn.ModuleDict({"a": nn.Linear(4, 5)})
    def __getattr__(self, name):
        try: return super().__getattr__(name)
        except AttributeError:
            if name == "alias": return self.blocks["a"]
            raise
    def forward(self, x): return self.alias(x)
net = M()
""",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_it_is_what_python_makes_of_it(text: str):
    assert_is_what_python_makes_of_it(IMPORTS + text, (4,))
