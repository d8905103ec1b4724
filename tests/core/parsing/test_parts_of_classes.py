"""Classes that are pasted in part: methods without their class, statements without their `__init__`, wrong margins."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse
from core.parsing.evaluation.values import MissingDefinitionError

WHOLE = """class Digits(nn.Module):
    def __init__(self, classes=10):
        super(Digits, self).__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(4 * 26 * 26, classes)

    def forward(self, x):
        return self.fc(torch.flatten(torch.relu(self.conv(x)), 1))
"""


def cut(first: int, last: int | None = None, margin: int = 0) -> str:
    return "\n".join(line[margin:] for line in WHOLE.split("\n")[first:last])


IN_INIT = WHOLE.replace("\n    def forward", "\n        def forward").replace("        return", "            return")
OUTSIDE = WHOLE.replace("\n    def forward", "\ndef forward").replace("        return", "    return")
PARTS = {
    "no class line": cut(1),
    "no class line, at the margin": cut(1, margin=4),
    "the end of __init__ and forward": cut(3),
    "no __init__ line": WHOLE.replace(
        "    def __init__(self, classes=10):\n        super(Digits, self).__init__()\n", ""
    )
    .replace("        self.", "    self.")
    .replace("classes)", "10)"),
    "forward inside of __init__": IN_INIT,
    "forward outside of the class": OUTSIDE,
}


@pytest.mark.parametrize("part", PARTS)
def test_a_class_that_lost_a_line_is_the_same_network(part):
    text = PARTS[part].replace("classes)", "10)") if part.startswith("the end") else PARTS[part]
    ours, whole = parse(text), parse(WHOLE)
    assert [(n, p.shape) for n, p in ours.module.named_parameters()] == [
        (n, p.shape) for n, p in whole.module.named_parameters()
    ]
    assert ours.module(torch.zeros(2, 1, 28, 28, device="meta")).shape == (2, 10)
    assert any("self" in note or "class" in note for note in ours.notes)
    assert whole.notes == ()


def test_the_class_has_the_name_that_super_says():
    assert parse(cut(1)).network == "Digits"


def test_methods_of_keras_without_a_class_are_a_model():
    text = "def __init__(self, units=8):\n    self.a = Dense(units)\n    self.b = Dense(3)\n"
    parsed = parse(f"{text}def call(self, x):\n    return self.b(self.a(x))", input_shape=(5,))
    assert sum(p.numel() for p in parsed.module.parameters()) == 5 * 8 + 8 + 8 * 3 + 3


def test_two_methods_of_one_name_stay_functions():
    with pytest.raises(ParseError):
        parse("def forward(self, x):\n    return x\ndef forward(self, x):\n    return self.fc(x)")


def test_a_name_that_an_import_of_everything_may_bring_names_that_line():
    text = "import torch.nn as nn\nfrom blocks import *\nclass Net(nn.Module):\n    def __init__(self):\n"
    text += "        super().__init__()\n        self.fc = nn.Linear(3, 2)\n        self.block = Block(3, 3)\n"
    text += "    def forward(self, x):\n        return self.fc(self.block(x))"
    with pytest.raises(MissingDefinitionError, match=r"Line 7: Block .* line 2 may bring it \(from blocks import \*\)"):
        parse(text)


def test_an_import_of_everything_known_brings_no_such_sentence():
    with pytest.raises(ParseError, match="Line 2: Blok is not"):
        parse("from torch.nn import *\nnet = Sequential(Linear(3, 2), Blok(2))")
