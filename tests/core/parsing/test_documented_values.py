"""Values for open arguments that types and examples in docstrings tell; functions above the classes they build."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse

STRETCH = '''
from typing import Literal, Tuple
import torch.nn as nn

class Stretch(nn.Module):
    """Makes sequences longer.

    Example:
        >>> net = Stretch({example})
        >>> net(x)
    """

    def __init__(self, scales, total, width: int):
        super().__init__()
        product = 1
        for scale in scales:
            product *= scale
        if product != total:
            raise ValueError("the scales do not fit")
        self.layers = nn.Sequential(*[nn.ConvTranspose1d(width, width, s, s) for s in scales])

    def forward(self, x):
        return self.layers(x)
'''


@pytest.mark.parametrize(
    "example", ["[5, 3], 15, width=7", "scales=[5, 3],\n        ...     total=15,\n        ...     width=7"]
)
def test_an_example_in_a_docstring_gives_values_that_belong_together(example):
    parsed = parse(STRETCH.format(example=example))
    assert parsed.assumed == {"scales": (5, 3), "total": 15, "width": 7}
    assert [layer.kernel_size for layer in parsed.module.layers] == [(5,), (3,)]


@pytest.mark.parametrize("example", ["...", "scales, total, width", "(", "*scales"])
def test_an_example_that_says_no_number_is_left_alone(example):
    with pytest.raises(ParseError, match=r"do not fit|needs a value"):
        parse(STRETCH.format(example=example))


TYPED = """
from typing import Literal, Tuple
import torch.nn as nn

class Net(nn.Module):
    def __init__(self, kernel_size: {kind}):
        super().__init__()
        self.layer = nn.Conv2d(3, 8, kernel_size)

    def forward(self, x):
        return self.layer(x)
"""


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Literal[5, 7]", 5),
        ("Tuple[int, int]", (3, 3)),
        ("tuple[int, int]", (3, 3)),
        ("int", 3),
        ("tuple[int, ...]", 3),
    ],
)
def test_a_type_says_how_many_numbers_an_argument_has(kind, expected):
    assert parse(TYPED.format(kind=kind)).assumed == {"kernel_size": expected}


def test_a_table_that_is_open_is_asked_for():
    text = (
        "class Net(nn.Module):\n    def __init__(self, classes):\n        super().__init__()\n"
        "        self.heads = nn.ModuleList(nn.Linear(8, len(v)) for v in classes.values())\n"
        "    def forward(self, x):\n        return [head(x) for head in self.heads]\n"
    )
    with pytest.raises(ParseError, match="Net needs a value for classes"):
        parse(text)


PARTS = """
import torch.nn as nn

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return x + self.layer(x)

class Net(nn.Module):
    def __init__(self, scale, width, depth):
        super().__init__()
        if scale == 2 or scale == 3:
            self.end = nn.Conv2d(width, 3 * scale**2, 3)
        else:
            raise ValueError("scale must be 2 or 3")
        self.begin = nn.Conv2d(3, width, 3)
        self.blocks = nn.Sequential(*[Block(width) for _ in range(depth)])

    def forward(self, x):
        return self.end(self.blocks(self.begin(x)))

def net_large(scale):
    return Net(scale, width=16, depth=9)

def net(scale):
    return net_large(scale)
"""


def test_functions_are_the_networks_of_a_file_where_each_class_is_a_part_of_another():
    parsed = parse(PARTS)
    assert parsed.networks == ("net",)
    assert (len(parsed.module.blocks), parsed.assumed) == (9, {"scale": 2})


def test_helpers_inside_of_pytorch_are_known():
    parsed = parse(
        "from torch.nn.modules.transformer import _get_activation_fn, _get_clones\n\nclass Net(nn.Module):\n"
        "    def __init__(self, activation='gelu'):\n        super().__init__()\n"
        "        self.layers = _get_clones(nn.Linear(8, 8), 3)\n"
        "        self.activation = _get_activation_fn(activation)\n\n"
        "    def forward(self, x):\n        for layer in self.layers:\n            x = self.activation(layer(x))\n"
        "        return x\n"
    )
    assert [name for name, _ in parsed.module.layers.named_children()] == ["0", "1", "2"]
    assert len({id(layer.weight) for layer in parsed.module.layers}) == 3


TWO = """
import torch
from torch import nn

class Scaled(nn.Module):
    def __init__(self, width, scale):
        super().__init__()
        self.layer = nn.Linear(width, width)
        self.scale = nn.Parameter(scale * torch.ones(width))

    def forward(self, x):
        return self.scale * self.layer(x)

class Net(nn.Module):
    def __init__(self, width, scale=None):
        super().__init__()
        self.layer = nn.Linear(width, width)
        self.scales = nn.ParameterList([None if scale is None else nn.Parameter(scale * torch.ones(width))])

    def forward(self, x):
        x = self.layer(x)
        for scale in self.scales:
            if scale is not None:
                x = scale * x
        return x
"""


def test_what_is_assumed_for_one_class_is_no_argument_of_another():
    parsed = parse(TWO)
    scope = {}
    exec(TWO, scope)
    original = scope["Net"](parsed.assumed["width"])
    assert parsed.network == "Net"
    assert [name for name, _ in parsed.module.named_parameters()] == [name for name, _ in original.named_parameters()]
    assert parse(parsed.lines).module.scales[0] is None


def test_what_was_assumed_in_vain_is_not_said():
    parsed = parse(
        "class Net(nn.Module):\n    def __init__(self, width=None, depth=None):\n        super().__init__()\n"
        "        assert width is not None or depth is not None\n"
        "        assert width is None or depth is not None, 'give the depth too'\n"
        "        self.layers = nn.Sequential(*[nn.Linear(8, 8) for _ in range(depth)])\n"
        "    def forward(self, x):\n        return self.layers(x)\n"
    )
    assert parsed.assumed == {"depth": 2}
    assert "width" not in parsed.lines.splitlines()[-1]
