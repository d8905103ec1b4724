"""Texts that are no network, or one too many: loops without end, numbers without bound, deep nests."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.hostile import WORDS

PIECES = (
    *("nn.Conv2d(3, 8, 3, padding=1)", "nn.ReLU()", "nn.Flatten()", "nn.Linear(72, 10)", "nn.MaxPool2d(2)"),
    *("nn.BatchNorm2d(8)", "nn.Sequential(nn.ReLU(), nn.Dropout(0.5))", "lambda x: x", "None", "...", "-1", "'text'"),
)
NUMBERS = ("0", "-1", "10**9", "9**9**9", "1e308 * 10", "float('nan')", "2**63", "True", "'8'", "None", "1j", "1_000")
CODE = (
    "__import__('os').system('id')",
    "open('/etc/passwd').read()",
    "().__class__.__mro__[1].__subclasses__()",
    "eval('1+1')",
    "exec('import os')",
    "while True: pass",
    "for i in range(10**9): pass",
    "[i for i in range(10**9)]",
    "'a' * 10**10",
    "[0] * 10**10",
    "list(range(10**9))",
    "sum(range(10**10))",
    "(lambda f: f(f))(lambda f: f(f))",
    "nn.Sequential(*[nn.Linear(9, 9) for _ in range(10**7)])",
    "getattr(nn, '__loader__')",
    "torch.load('x.pt')",
    "torch.hub.load('a/b', 'c')",
    "f'{().__class__}'",
    "'{0.__class__}'.format(1)",
    "match 1:\n    case _: pass",
    "x := nn.ReLU()",
)
CLASS = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = {}
    def forward(self, x):
        return {}
"""


def sequence(dice: random.Random) -> str:
    """Layers in a row, some of which are none, with numbers that no layer can have."""
    parts = [dice.choice(PIECES) for _ in range(dice.choice((0, 1, 5, 60)))]
    text = f"nn.Sequential({', '.join(parts)})"
    for number in ("3", "8", "72", "10"):
        if dice.random() < 0.3:
            text = text.replace(number, dice.choice(NUMBERS), 1)
    return text


def nest(dice: random.Random) -> str:
    depth = dice.choice((10, 90, 1000, 20_000))
    begin, end = dice.choice((("nn.Sequential(", ")"), ("[", "]"), ("(", ")"), ("-", ""), ("not ", ""), ("{1: ", "}")))
    return begin * depth + "nn.ReLU()" + end * depth


def code(dice: random.Random) -> str:
    """Code that should never run, alone or as a part of a class."""
    line = dice.choice(CODE)
    return dice.choice(
        (line, CLASS.format(line.replace("\n", " "), f"self.a({line})"), f"model = {line}", f"nn.Linear({line}, 3)")
    )


def recursion(dice: random.Random) -> str:
    """A class that calls itself, or makes itself."""
    return CLASS.format(
        dice.choice(("Net()", "self", "nn.ModuleList([self])")), dice.choice(("self(x)", "self.forward(x)"))
    )


def changed(dice: random.Random) -> str:
    """A text with letters changed, lines repeated or control signs in it."""
    text = list(dice.choice((sequence, code, recursion))(dice))
    for _ in range(dice.randint(1, 9)):
        text.insert(
            dice.randrange(len(text) + 1),
            dice.choice(("\0", "\t", "\n", "\\", "'", '"""', "#", "\u202e", ")", "(", "é", "\ud800")),
        )
    return "".join(text)


def words(dice: random.Random) -> str:
    return dice.choice(("\n", " ", "")).join(dice.choice(WORDS) for _ in range(dice.choice((1, 5, 500))))


WAYS: tuple[Callable[[random.Random], str], ...] = (sequence, sequence, nest, code, recursion, changed, changed, words)


def hostile_text(seed: int) -> str:
    """One of them; the same seed gives the same text."""
    dice = random.Random(seed)
    return dice.choice(WAYS)(dice)
