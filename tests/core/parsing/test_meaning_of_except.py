"""What `except` means: which errors of Python it catches, under whichever name, as in Python."""

from __future__ import annotations

import pytest

from tests.core.parsing.test_meaning_of_definitions import assert_is_what_python_makes_of_it

WIDTH = """
Absent = (KeyError, IndexError)
Wrong = ValueError
sizes = {"a": 4}
try:
    {statement}
    width = 4
except %s:
    width = 9
except Exception:
    width = 16
net = nn.Sequential(nn.Conv2d(3, width, 1), nn.Conv2d(width, 5, 1))
"""
CAUGHT = {
    "one of several in a variable": ("Absent", "sizes['b']"),
    "another of them": ("Absent", "[1][3]"),
    "not those": ("Absent", "int('x')"),
    "one in a variable": ("Wrong", "int('x')"),
    "a variable beside a name": ("(Wrong, KeyError)", "sizes['b']"),
    "words and a number": ("TypeError", "'a' + 1"),
    "words less words": ("TypeError", "'a' - 'b'"),
    "a list and a pair": ("TypeError", "[1] + (2,)"),
    "a number and words in order": ("TypeError", "5 < 'a'"),
    "a number of a pair": ("(TypeError, KeyError)", "int((3, 5))"),
    "a number of nothing": ("TypeError", "float(None)"),
    "a layer without its sizes": ("TypeError", "nn.Linear(3)"),
    "a layer with an argument that it has not": ("TypeError", "nn.ReLU(slope=1)"),
    "a layer as wide as words": ("TypeError", "nn.Linear(3, 'wide')"),
    "a layer of half a channel": ("TypeError", "nn.Conv2d(3, 1 / 2, 1)"),
    "a layer of fewer channels than none": ("RuntimeError", "nn.Conv2d(3, -4, 1)"),
    "groups that do not fit": ("ValueError", "nn.Conv2d(3, 4, 1, groups=2)"),
    "heads that do not fit": ("AssertionError", "nn.MultiheadAttention(10, 3)"),
    "a transformer without its heads": ("TypeError", "nn.TransformerEncoderLayer(8)"),
    "words among layers": ("TypeError", "nn.Sequential(nn.ReLU(), 'relu')"),
    "a class among layers": ("TypeError", "nn.Sequential(nn.Linear(3, 4), nn.ReLU)"),
    "a layer behind the last of a list": ("IndexError", "nn.ModuleList([nn.ReLU()])[3]"),
    "weights of other sizes": ("RuntimeError", "nn.Linear(3, 4).load_state_dict(nn.Linear(3, 5).state_dict())"),
    "weights under other names": ("RuntimeError", "nn.PReLU().load_state_dict(nn.Linear(3, 5).state_dict())"),
    "a name without a value": ("NameError", "height"),
    "a layer as wide as a name without a value": ("NameError", "nn.Linear(3, height)"),
    "a name with one": ("NameError", "nn"),
    "a file that is not there": ("FileNotFoundError", "open('settings-of-nobody.txt')"),
    "weights that are not there": ("OSError", "torch.load('weights-of-nobody.pt')"),
    "weights of the same sizes": ("RuntimeError", "nn.Linear(3, 4).load_state_dict(nn.Linear(3, 4).state_dict())"),
}


@pytest.mark.parametrize("kind", CAUGHT)
def test_an_except_catches_what_python_raises(kind):
    caught, statement = CAUGHT[kind]
    assert_is_what_python_makes_of_it((WIDTH % caught).replace("{statement}", statement))


@pytest.mark.parametrize("kind", CAUGHT)
def test_it_does_so_within_a_function(kind):
    caught, statement = CAUGHT[kind]
    lines = (WIDTH % caught).replace("{statement}", statement).strip().split("\n")
    body = "\n".join(f"    {line}" for line in lines)
    assert_is_what_python_makes_of_it(f"def build():\n{body}\n    return net\nnet = build()\n")
