"""What a function that yields means: it runs when it is asked, as far as it is asked, as in Python."""

from __future__ import annotations

import time

import pytest

from core.parsing import ParseError, parse
from tests.core.parsing.test_meaning_of_definitions import HEAD, SHAPE, assert_is_what_python_makes_of_it

TEXTS = {
    "nothing runs before the first item is asked for": """
made = []
def convs():
    for width in (4, 5):
        made.append(width)
        yield nn.Conv2d(3, 3, 1)
waiting = convs()
net = nn.Sequential(nn.Conv2d(3, 3, len(made) + 1), *waiting, nn.Conv2d(3, len(made), 1))
""",
    "what it uses may change until it runs": """
width = 4
def convs():
    yield nn.Conv2d(3, width, 1)
waiting = convs()
width = 6
net = nn.Sequential(*waiting)
""",
    "one without end": """
def widths(width=3):
    while True:
        yield width
        width *= 2
source = widths()
net = nn.Sequential(nn.Conv2d(next(source), next(source), 1))
for (name, width), _ in zip(enumerate(widths(6)), 'ab'):
    net.append(nn.Conv2d(width, 2 * width, 1))
""",
    "what is sent to it": """
def widths():
    width = 3
    while width:
        width = (yield width) or width + 1
source = widths()
one, two, three = next(source), source.send(9), next(source)
net = nn.Sequential(nn.Conv2d(one, two, 1), nn.Conv2d(two, three, 1))
""",
    "what another returns": """
def inner(n):
    for _ in range(n):
        yield nn.Conv2d(3, 3, 1)
    return n + 5
def outer():
    width = yield from inner(2)
    yield nn.Conv2d(3, width, 1)
net = nn.Sequential(*outer())
""",
    "lists in lists": """
def flat(items):
    for one in items:
        if isinstance(one, list):
            yield from flat(one)
        else:
            yield one
net = nn.Sequential(*flat([nn.Conv2d(3, 4, 1), [nn.PReLU(4), [nn.Conv2d(4, 2, 1)]]]))
""",
    "an end by return, and nothing behind the end": """
def first(items, n):
    for index, one in enumerate(items):
        if index == n:
            return
        yield one
source = first([3, 4, 5, 6], 3)
widths = list(source)
net = nn.Sequential(*[nn.Conv2d(a, b, 1) for a, b in zip(widths, widths[1:])], nn.Conv2d(5, 1 + len(list(source)), 1))
""",
    "its end is an error that is caught": """
def widths():
    yield 3
    yield 4
source, taken = widths(), []
while True:
    try:
        taken.append(next(source))
    except StopIteration:
        break
net = nn.Sequential(nn.Conv2d(*taken, len(taken)))
""",
    "finally runs where it is closed": """
log = []
def widths():
    try:
        yield 4
        log.append('not reached')
    finally:
        log.append('closed')
source = widths()
width = next(source)
source.close()
net = nn.Sequential(nn.Conv2d(3, width, 1), nn.Conv2d(width, len(log), 1))
""",
    "an error that is thrown into it": """
def widths():
    try:
        yield 3
    except ValueError:
        yield 7
source = widths()
net = nn.Sequential(nn.Conv2d(next(source), source.throw(ValueError), 1))
""",
    "blocks that it waits in": """
depth = []
class Level:
    def __enter__(self):
        depth.append(1)
        return len(depth)
    def __exit__(self, *error):
        depth.pop()
def widths(kind):
    with Level() as level, Level() as inner:
        match kind:
            case 'wide':
                yield 8 + level
            case _:
                yield 2 + inner
    for width in (3, 4):
        if width > 3:
            continue
        yield width + len(depth)
    else:
        yield 5
sizes = [3, *widths('wide'), *widths('')]
net = nn.Sequential(*[nn.Conv2d(a, b, 1) for a, b in zip(sizes, sizes[1:])])
""",
    "in an object and in forward": """
class Blocks:
    def __iter__(self):
        for width in (3, 4):
            yield nn.Conv2d(3, 3, 1, bias=width > 3)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(Blocks())
    def stages(self, x):
        for block in self.blocks:
            x = block(x)
            yield x
    def forward(self, x):
        return torch.cat(list(self.stages(x)), 1)
net = Net()
""",
    "one in brackets over two loops": """
seen = []
items = (seen.append(a) or nn.Conv2d(3, 3, b) for a in (1, 2) for b in (1, 3))
net = nn.Sequential(next(items), nn.Conv2d(3, len(seen), 1))
""",
    "a call alone does nothing": """
net = nn.Sequential(nn.Conv2d(3, 4, 1))
def grow():
    net.append(nn.Conv2d(4, 5, 1))
    yield
grow()
""",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_it_is_what_python_makes_of_it(text: str):
    assert_is_what_python_makes_of_it(text)


REFUSED = {
    "an end that never comes": "def ones():\n    while True:\n        yield 1\nnet = nn.Sequential(*ones())\n",
    "a sum without end": "def ones():\n    while True:\n        yield 1\nnet = nn.Linear(sum(ones()), 1)\n",
    "each calls itself": "def deep():\n    yield from deep()\nnet = nn.Sequential(*deep())\n",
    "an item too many": "def one():\n    yield 3\nit = one()\nnext(it)\nnet = nn.Linear(3, next(it))\n",
    "a yield behind a call": "def one():\n    n = max(len('ab'), (yield 3))\n    yield n\nnet = nn.Linear(*one())\n",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_has_no_end_or_no_item_is_refused_soon(text: str):
    start = time.process_time()
    with pytest.raises(ParseError):
        parse(HEAD + text, input_shape=SHAPE)
    assert time.process_time() - start < 3


def test_a_network_runs_again_after_its_generator_was_left_half_way():
    text = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(3, 4, 1), nn.Conv2d(4, 5, 1)])
    def stages(self, x):
        for layer in self.layers:
            x = layer(x)
            yield x
    def forward(self, x):
        return next(self.stages(x))
net = Net()
"""
    assert_is_what_python_makes_of_it(text)
