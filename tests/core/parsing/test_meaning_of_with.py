"""What `with` means: which statements of a block run, and what happens before and behind it, as in Python."""

from __future__ import annotations

import pytest

from core.parsing import ParseError, parse
from tests.core.parsing.test_meaning_of_definitions import HEAD, SHAPE, assert_is_what_python_makes_of_it

LAYERS = "import contextlib\nfrom contextlib import contextmanager, suppress\nlayers = []\n"
NET = "net = nn.Sequential(*layers)\n"
WIDTH = """W = 3
@contextmanager
def width(n):
    global W
    old, W = W, n
    yield
    W = old
"""
IN_FUNCTION = "def fill():\n{}\nfill()\n"
BLOCKS = {
    "an error that is suppressed ends the block": """with contextlib.suppress(ValueError):
    layers.append(nn.PReLU(3))
    raise ValueError('no')
    layers.append(nn.Linear(3, 3))
layers.append(nn.Linear(32, 32))
""",
    "an error of Python's own that is suppressed": """with suppress(KeyError):
    n = {}['k']
    layers.append(nn.Linear(3, 3))
with suppress(IndexError, ZeroDivisionError):
    layers.append(nn.Conv2d(3, 4, 1 // 0))
with suppress(LookupError):
    layers.append([nn.PReLU(3)][1])
layers.append(nn.Linear(32, 32))
""",
    "an error that only the outer block suppresses": """with suppress(ValueError):
    with suppress(KeyError):
        raise ValueError('no')
        layers.append(nn.Linear(3, 3))
    layers.append(nn.Linear(3, 3))
layers.append(nn.Linear(32, 32))
""",
    "an error that an except around the block catches": """try:
    with suppress(KeyError):
        raise ValueError('no')
        layers.append(nn.Linear(3, 3))
    layers.append(nn.Linear(3, 3))
except ValueError:
    layers.append(nn.PReLU(3))
finally:
    layers.append(nn.Linear(32, 32))
""",
    "an error that is suppressed behind a finally": """with suppress(ValueError):
    try:
        raise ValueError('no')
    finally:
        layers.append(nn.PReLU(3))
    layers.append(nn.Linear(3, 3))
layers.append(nn.Linear(32, 32))
""",
    "an error of a condition": """with suppress(KeyError):
    if {}['k']:
        layers.append(nn.Linear(3, 3))
    layers.append(nn.Linear(3, 3))
layers.append(nn.Linear(32, 32))
""",
    "errors of the text's own, by the classes above them": """class Wrong(ValueError): pass
class Wide(Wrong): pass
with suppress(Wrong):
    layers.append(nn.PReLU(3))
    raise Wide('no')
    layers.append(nn.Linear(3, 3))
try:
    raise Wide
    layers.append(nn.Linear(3, 3))
except KeyError:
    layers.append(nn.Linear(3, 3))
except ValueError:
    layers.append(nn.Linear(32, 32))
""",
    "an error of the text's own": """class Full(Exception): pass
with suppress(Full):
    layers.append(nn.PReLU(3))
    raise Full()
    layers.append(nn.Linear(3, 3))
""",
    "a block without a meaning inside of one": """with suppress(ValueError):
    with torch.no_grad():
        raise ValueError('no')
    layers.append(nn.Linear(3, 3))
layers.append(nn.Linear(32, 32))
""",
    "what a manager yields": """@contextlib.contextmanager
def made(n):
    part = nn.Conv2d(3, n, 1)
    layers.append(part)
    yield part
    layers.append(nn.Conv2d(n, 3, 1))
with made(3) as one:
    layers.append(nn.Conv2d(one.out_channels, 3, 3))
with made(5) as one, suppress(KeyError):
    layers.append(nn.PReLU(one.out_channels))
""",
    "a manager with finally, and an error that goes through it": """@contextmanager
def closing(part):
    try:
        yield
    finally:
        layers.append(part)
    layers.append(nn.Linear(32, 32))
with suppress(ValueError):
    with closing(nn.PReLU(3)):
        layers.append(nn.Conv2d(3, 3, 1))
        raise ValueError('no')
with closing(nn.PReLU(3)):
    layers.append(nn.Conv2d(3, 3, 3, padding=1))
""",
    "a manager that catches": """@contextmanager
def tolerant(*kinds):
    try:
        yield
    except KeyError:
        layers.append(nn.PReLU(3))
    else:
        layers.append(nn.Linear(32, 32))
with tolerant():
    layers.append(nn.Conv2d(3, 4, {}['k']))
    layers.append(nn.Linear(3, 3))
with tolerant():
    layers.append(nn.Conv2d(3, 3, 1))
""",
    "a manager in a manager, and one of two yields": """@contextmanager
def outer(first):
    with suppress(KeyError):
        if first:
            yield nn.PReLU(3)
        else:
            yield nn.Linear(32, 32)
    layers.append(nn.Conv2d(3, 3, 1))
for first in (True, False):
    with outer(first) as part:
        layers.append(part)
        layers.append({}['k'])
""",
    "a manager that is a method": """class Maker:
    def __init__(self): self.width = 3
    @contextmanager
    def wide(self, n):
        self.width, old = n, self.width
        yield self
        self.width = old
maker = Maker()
with maker.wide(6) as same:
    layers.append(nn.Conv2d(3, same.width, 1))
layers.append(nn.Conv2d(6, maker.width, 1))
""",
    "an exit that says that the error is dealt with": """class Tolerant:
    def __enter__(self): return self
    def __exit__(self, kind, value, trace):
        layers.append(nn.PReLU(3) if kind is None and value is None and trace is None else nn.Linear(32, 32))
        return True
with Tolerant():
    raise ValueError('no')
    layers.append(nn.Linear(3, 3))
with Tolerant() as tolerant:
    layers.append(nn.Conv2d(3, 3, 1))
""",
    "an exit that looks at the error": """class Only:
    def __init__(self, kind): self.kind = kind
    def __enter__(self): return self
    def __exit__(self, kind, value, trace):
        if not kind:
            return
        layers.append(nn.PReLU(3) if isinstance(value, self.kind) else nn.Linear(32, 32))
        return issubclass(kind, self.kind) and kind is self.kind and bool(trace)
with Only(KeyError):
    with Only(ValueError):
        n = {}['k']
    layers.append(nn.Linear(3, 3))
layers.append(nn.Conv2d(3, 3, 1))
""",
    "a block without a manager": """with contextlib.nullcontext(6) as n:
    layers.append(nn.Conv2d(3, n, 1))
""",
}
ALONE = {
    "a stack of managers": f"{WIDTH}with contextlib.ExitStack() as stack:\n    stack.enter_context(width(6))\n"
    "    layers.append(nn.Conv2d(3, W, 1))\nlayers.append(nn.Conv2d(6, W, 1))\nnet = nn.Sequential(*layers)\n",
    "a stack that swallows an error": """with contextlib.ExitStack() as stack:
    stack.enter_context(suppress(KeyError))
    stack.callback(lambda: layers.append(nn.Linear(32, 5)))
    layers.append({}['k'])
net = nn.Sequential(*layers)
""",
    "a manager that hands on what another yields": """@contextmanager
def manager(n):
    def inner():
        got = yield n
        layers.append(nn.PReLU(3))
    layers.append(nn.Linear(32, 32))
    yield from inner()
    layers.append(nn.Linear(32, 5))
with manager(4) as n:
    layers.append(nn.Linear(32, 32, bias=n > 3))
net = nn.Sequential(*layers)
""",
    "the width of a while": f"""{WIDTH}with width(6):
    first = nn.Conv2d(3, W, 1)
net = nn.Sequential(first, nn.Conv2d(6, W, 1))
""",
    "a return out of a block": f"""{WIDTH}def make():
    with width(6):
        return nn.Conv2d(3, W, 1)
first = make()
net = nn.Sequential(first, nn.Conv2d(6, W, 1))
""",
    "a constructor": f"""{WIDTH}class Net(nn.Module):
    def __init__(self):
        super().__init__()
        with width(6), suppress(ValueError):
            self.a = nn.Conv2d(3, W, 1)
            raise ValueError('no')
        self.b = nn.Conv2d(6, W, 1)
    def forward(self, x): return self.b(self.a(x))
net = Net()
""",
    "finally with an error and without": """layers = []
def add(part):
    try:
        if not layers: return layers.append(part)
        raise ValueError('no')
    finally:
        layers.append(nn.PReLU(3))
add(nn.Linear(32, 32))
try:
    add(nn.Linear(3, 3))
except ValueError:
    layers.append(nn.Conv2d(3, 3, 1))
net = nn.Sequential(*layers)
""",
}
REFUSED = {
    "a second yield": "def manager():\n    yield\n    yield\n",
    "no yield": "def manager(n=0):\n    if n: yield\n",
    "yields of another, twice": "def manager():\n    yield from iter([1, 2])\n",
}


LACKS = {
    "suppressed": "with suppress(Exception):\n    layers.append(nn.Linear(32, 32))\n    layers.append(not_here(3))\n",
    "dealt with": "class All:\n    def __enter__(self): pass\n    def __exit__(self, *error): return True\n"
    "with All():\n    layers.append(nn.Linear(32, 32))\n    layers.append(not_here(3))\n",
}


def indented(text: str) -> str:
    return "".join(f"    {line}" for line in text.splitlines(keepends=True))


@pytest.mark.parametrize("text", BLOCKS.values(), ids=BLOCKS)
def test_a_block_runs_what_python_runs_of_it(text: str):
    assert_is_what_python_makes_of_it(LAYERS + text + NET)


@pytest.mark.parametrize("text", BLOCKS.values(), ids=BLOCKS)
def test_a_block_in_a_function_runs_what_python_runs_of_it(text: str):
    assert_is_what_python_makes_of_it(LAYERS + IN_FUNCTION.format(indented(text)) + NET)


@pytest.mark.parametrize("text", ALONE.values(), ids=ALONE)
def test_what_a_block_changes_is_as_it_was_behind_it(text: str):
    assert_is_what_python_makes_of_it(LAYERS + text)


@pytest.mark.parametrize("text", LACKS.values(), ids=LACKS)
def test_what_cannot_be_evaluated_here_is_no_error_that_a_text_passes_over(text: str):
    with pytest.raises(ParseError, match="known"):
        parse(HEAD + LAYERS + text + NET, input_shape=SHAPE)


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_manager_that_python_refuses_or_that_is_not_read_is_refused(text: str):
    block = "with manager():\n    layers.append(nn.Linear(32, 32))\n"
    with pytest.raises(ParseError, match="yield"):
        parse(f"{HEAD}{LAYERS}@contextmanager\n{text}{block}{NET}", input_shape=SHAPE)
