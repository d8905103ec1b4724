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
