"""Nothing of a text is held on to once others have been read."""

from __future__ import annotations

import ast
import gc

from core.parsing import parse

TEXT = """
import math, torch
from torch import nn
def {name}(n):
    return 1 if n < 2 else {name}(n - 1) + {name}(n - 2)
def rows():
    yield nn.Conv2d(3, {name}(5), 1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.row = nn.Sequential(*rows())
        table = torch.zeros(16, 4)
        for i in range(16):
            table[i, 0] = math.sin(i)
        width = 1
        width += 2
    def forward(self, x, mask=None):
        return self.row(x if mask is None else x * mask)
net = Net()
"""
AFTERWARDS = 6  # texts: of the last few the tree is kept


def functions_called(name: str) -> list[ast.FunctionDef]:
    return [one for one in gc.get_objects() if type(one) is ast.FunctionDef and one.name == name]


def test_the_functions_of_a_text_are_gone_with_it():
    parsed = parse(TEXT.format(name="zebra"))
    assert functions_called("zebra")
    del parsed
    for n in range(AFTERWARDS):
        parse(TEXT.format(name=f"other{n}"))
    gc.collect()
    assert functions_called("zebra") == []
