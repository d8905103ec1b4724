"""Enumerations, dataclasses, named tuples and hints of types: each as Python has it."""

from __future__ import annotations

import pytest

from tests.core.parsing.library_imports import IMPORTS
from tests.core.parsing.test_meaning_of_definitions import assert_is_what_python_makes_of_it

TEXTS = {
    "members that are words or numbers": """
class Act(str, Enum):
    RELU = "ReLU"
    TANH = "Tanh"
class Size(IntEnum):
    S = 4
    M = 8
net = nn.Sequential(nn.Linear(Size.S, Size.M), getattr(nn, Act.RELU.value)(), nn.Linear(Size.M, Size.M + 1),
    nn.PReLU() if Act("Tanh") is Act.TANH else nn.ReLU(), nn.Linear(9, len(Act)),
    nn.PReLU() if Act.RELU == "ReLU" else nn.ReLU(), nn.Linear(2, max(Size)))
""",
    "defaults of a named tuple": """
class Stage(NamedTuple):
    width: int
    depth: int = 3
    groups: int = 2
net = nn.Sequential(nn.Linear(4, sum(Stage._field_defaults.values()) + len(Stage._field_defaults)))
""",
    "members in a loop and by name": """
class K(Enum):
    CONV = auto()
    POOL = auto()
    def build(self):
        return {K.CONV: lambda: nn.Linear(4, 4), K.POOL: nn.ReLU}[self]()
    @property
    def n(self):
        return self.value * 2
    @classmethod
    def default(cls):
        return cls.CONV
net = nn.Sequential(*[k.build() for k in K], K["CONV"].build(), nn.Linear(4, K.POOL.n), K.default().build(),
    nn.Linear(4, len(K.__members__)))
""",
    "members with attributes": """
class M(Enum):
    SMALL = (4, 1)
    BIG = (8, 2)
    TINY = (4, 1)
    def __init__(self, width, depth):
        self.width = width; self.depth = depth
    @property
    def total(self): return self.width * self.depth
net = nn.Sequential(nn.Linear(4, M.BIG.total), nn.Linear(16, len(M)), nn.Linear(2, M.TINY.width),
    nn.Linear(4, 3 if M.TINY is M.SMALL else 2))
for m in M: net.append(nn.Linear(3, 3))
""",
    "flags": """
class F_(Flag):
    A = auto()
    B = auto()
    C = auto()
from enum import IntFlag
class P(IntFlag):
    R = 1
    W = 2
net = nn.Sequential(nn.Linear(4, F_.C.value), nn.Linear(4, 3 if P.R | P.W == 3 else 2), nn.Linear(3, len(F_)))
""",
    "an enumeration by its names": """
Kind = Enum("Kind", "A B C")
net = nn.Sequential(nn.Linear(4, len(Kind)), nn.Linear(3, Kind.C.value))
""",
    "members in words": """
class A(Enum):
    X = "x"
class B(str, Enum):
    Y = "y"
class C_(IntEnum):
    Z = 3
d = nn.ModuleDict({f"{A.X.name}": nn.Linear(4, 4), f"{B.Y.value}": nn.Linear(4, 3), f"{C_.Z}": nn.Linear(3, 3),
    str(B.Y).replace(".", "_"): nn.Linear(3, 2),
    f"{B.Y}".replace(".", "_") + "_": nn.Linear(2, 2), repr(A.X.value): nn.Linear(2, 2)})
net = nn.Sequential(*d.values())
net = d
class N(nn.Module):
    def __init__(s): super().__init__(); s.d = d
    def forward(s, x):
        for m in s.d.values(): x = m(x)
        return x
net = N()
""",
    "fields by their names": """
@dataclass
class ConvCfg:
    in_features: int
    out_features: int
    bias: bool = False
    @classmethod
    def from_dict(cls, d):
        names = {f.name for f in dataclasses.fields(cls)}
        return cls(**{k: v for k, v in d.items() if k in names})
import dataclasses
c = ConvCfg.from_dict({"in_features": 4, "out_features": 5, "junk": 1})
net = nn.Sequential(nn.Linear(**vars(c)), nn.Linear(**{**dataclasses.asdict(c), "in_features": 5}))
""",
    "fields that are not kept": """
from dataclasses import InitVar, KW_ONLY
@dataclass
class Cfg:
    base: ClassVar[int] = 4
    width: int = 3
    mult: InitVar[int] = 2
    def __post_init__(self, mult):
        self.width *= mult
c = Cfg(width=5, mult=3)
net = nn.Sequential(nn.Linear(Cfg.base, c.width), nn.Linear(c.width, Cfg().width))
""",
    "dataclasses in order": """
@dataclass(order=True)
class W:
    v: int
    n: str = "a"
a = sorted([W(6), W(4), W(5)])
net = nn.Sequential(*[nn.Linear(x.v, y.v) for x, y in zip(a, a[1:])], nn.Linear(6, 3 if W(3) == W(3) else 9),
    nn.Linear(3, 2 if W(1) < W(2) else 1))
""",
    "a network that is a dataclass": """
@dataclass(eq=False)
class Net(nn.Module):
    width: int = 8
    depth: int = 2
    def __post_init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4 if i == 0 else self.width, self.width) for i in range(self.depth)])
    def forward(self, x):
        for l in self.layers:
            x = l(x)
        return x
net = Net(width=6)
""",
    "dataclasses in dataclasses": """
@dataclass
class A:
    w: int = 4
@dataclass
class B:
    a: A = field(default_factory=A)
    many: list = field(default_factory=lambda: [A(5), A(6)])
d = asdict(B())
net = nn.Sequential(nn.Linear(d["a"]["w"], d["many"][1]["w"]), nn.Linear(6, len(d)))
b = B(A(9))
c = replace(b, many=[])
net.append(nn.Linear(2, c.a.w))
net.append(nn.Linear(9, 3 if A(1) == A(1) and A(1) != A(2) and A(2) in [A(1), A(2)] else 2))
""",
    "frozen dataclasses": """
@dataclass(frozen=True)
class K:
    a: int
    b: str = "x"
t = {K(1): 5, K(2, "y"): 6}
s = {K(1), K(1, "x")}
net = nn.Sequential(nn.Linear(4, t[K(1)]), nn.Linear(5, t[K(2, "y")]), nn.Linear(6, len(s)))
try:
    K(1).a = 3
    w = 7
except Exception:
    w = 8
net.append(nn.Linear(1, w))
""",
    "fields given by name, and inherited": """
@dataclass(kw_only=True)
class A:
    w: int
    d: int = 2
@dataclass
class Base:
    x: int = 1
@dataclass
class Sub(Base):
    y: int = 2
    x: int = 3
net = nn.Sequential(nn.Linear(4, A(w=5).w), nn.Linear(5, A(d=3, w=1).d), nn.Linear(3, Sub(7).x),
    nn.Linear(7, Sub().x + Sub(1, 4).y))
""",
    "named tuples": """
Spec = namedtuple("Spec", ["k", "c", "s"], defaults=[1])
specs = [Spec(3, 8), Spec(1, 4, 2)]
net = nn.Sequential(*[nn.Linear(4, 4, bias=s.s == 1) for s in specs], nn.Linear(4, Spec._make([1, 2, 3]).s),
    nn.Linear(3, specs[0]._replace(c=5).c), nn.Linear(5, len(Spec._fields)), nn.Linear(3, specs[0]._asdict()["c"]))
""",
    "hints that make values": """
S = NamedTuple("S", [("w", int), ("d", int)])
s = S(5, d=2)
class Cfg(TypedDict):
    w: int
def f(x: Optional[int] = None) -> Union[int, str]: return x or 6
c: Cfg = {"w": 3}
U = NewType("U", int)
net = nn.Sequential(nn.Linear(4, s.w), nn.Linear(5, s.d), nn.Linear(2, f()), nn.Linear(6, c["w"]),
    nn.Linear(3, U(4)), nn.Linear(4, 2 if isinstance(3, int | str) else 1))
""",
    "hints that change nothing": """
T = TypeVar("T", bound=nn.Module)
Kind = Literal["relu", "gelu"]
class Cfg(TypedDict, total=False):
    width: int
    depth: int
class Builder(Protocol):
    def build(self, n: int) -> nn.Module: ...
@overload
def act(x: str) -> nn.Module: ...
@overload
def act(x: int) -> nn.Module: ...
def act(x):
    return nn.PReLU() if isinstance(x, str) else nn.PReLU(x)
class Holder(Generic[T]):
    def __init__(self, m: T):
        self.m = m
cfg: Cfg = Cfg(width=5)
cfg2: Cfg = {"width": 6, "depth": 1}
kinds = get_args(Kind)
net = nn.Sequential(nn.Linear(4, cfg["width"]), act("relu"), act(5), Holder[nn.Module](nn.Linear(5, cfg2["width"])).m,
    nn.Linear(6, len(kinds)))
net: nn.Sequential = cast(nn.Sequential, net)
""",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_it_is_what_python_makes_of_it(text: str):
    assert_is_what_python_makes_of_it(IMPORTS + text, (4,))
