"""Fences in a line with code, shapes that code has printed, a loop at the end of a text whose indentation is lost."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse
from core.parsing.clean.page.fences import out_of_fences

CLASS = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 2)
    def forward(self, x):
        return self.fc(x)"""
FLAT = """net = nn.Sequential(
nn.Linear(6, 3), nn.ReLU(),
nn.Linear(3, 2)
)
X = torch.randn(1, 6)
for layer in net:
X = layer(X)
print(layer.__class__.__name__, 'output shape:', X.shape)
"""
PRINTED = "Linear output shape: torch.Size([1, 3])\nReLU output shape: torch.Size([1, 3])\n"


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_a_fence_that_stands_in_a_line_with_code(fence):
    text = f"Our model has `nn.Linear` alone:\n\n{fence}{CLASS}{fence}\n\nIt is trained with `nn.MSELoss()`:\n"
    parsed = parse(text)
    assert sum(p.numel() for p in parsed.module.parameters()) == 14
    assert "Only the code between the fences is read." in parsed.notes


def test_a_fence_of_its_own_line_stays_where_it_is():
    assert out_of_fences(["a", "```python", "x = 1", "```", "b"]) == ["", "", "x = 1", "", ""]
    assert out_of_fences(["```", "y = f('```')", "```"]) == ["", "y = f('```')", ""]


@pytest.mark.parametrize("above", ["", "现代网络\n- 深度学习\n- 2天前\n- 30热度\n这个网络有两层:\n"])
@pytest.mark.parametrize("below", ["", PRINTED, "示例结果:\n" + PRINTED])
def test_a_loop_at_the_end_of_a_text_that_builds_nothing(above, below):
    parsed = parse(above + "import torch\nfrom torch import nn\n" + FLAT + below)
    assert sum(p.numel() for p in parsed.module.parameters()) == 6 * 3 + 3 + 3 * 2 + 2


def test_a_loop_that_builds_layers_is_still_refused_without_indentation():
    loop = "for n in (4, 5):\nlayers.append(nn.Linear(n, n + 1))\nlayers.append(nn.ReLU())\n"
    with pytest.raises(ParseError):
        parse(f"import torch.nn as nn\nlayers = []\n{loop}net = nn.Sequential(*layers)\n")


def test_what_is_cut_off_at_the_top_of_a_page_spoils_no_fence_below():
    cut = CLASS.split("\n", 3)[3]
    parsed = parse(f"{cut}\n```\n\n### Another\n\n```python\n{CLASS.replace('6, 2', '7, 3')}\n```\n")
    assert sum(one.numel() for one in parsed.module.parameters()) == 7 * 3 + 3
    whole = parse(f"{CLASS}\n```\n\n### Another\n\n```python\nx = torch.randn(2, 6)\nprint(x)\n```\n")
    assert sum(one.numel() for one in whole.module.parameters()) == 6 * 2 + 2
