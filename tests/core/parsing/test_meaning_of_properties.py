"""Properties: what gives, sets and takes away an attribute, as Python has it."""

from __future__ import annotations

import pytest

from tests.core.parsing.test_meaning_of_definitions import assert_is_what_python_makes_of_it

TEXTS = {
    "a property's parts, in one class and in the one below": """
class Size:
    @property
    def width(self):
        return self._width
    @width.setter
    def width(self, value):
        self._width = value
    @width.deleter
    def width(self):
        self._width = 2
class Odd(Size):
    @Size.width.setter
    def width(self, value):
        self._width = value * 2 + 1
class Fixed(Size):
    @Size.width.getter
    def width(self):
        return 7
odd, plain = Odd(), Size()
odd.width = plain.width = 4
widths = [odd.width, plain.width, Fixed().width]
del plain.width
net = nn.Sequential(*[nn.Linear(a, b) for a, b in zip([4, *widths], [*widths, plain.width])])
""",
    "a setter of the class above, to which one below adds": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.width = 3
        self.body = nn.Linear(4, self.width)
    @property
    def width(self):
        return self.kept
    @width.setter
    def width(self, value):
        self.kept = value
    def forward(self, x):
        return self.body(x)
class Even(Net):
    @Net.width.setter
    def width(self, value):
        self.kept = value + 1
net = Even()
""",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_it_is_what_python_makes_of_it(text):
    assert_is_what_python_makes_of_it(text, (4,))
