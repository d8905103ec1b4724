"""What files of model collections do besides making layers: the same names, shapes and outputs as the real classes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.errors import ParseError
from core.parsing import parse
from core.parsing.evaluation.values import MissingDefinitionError
from core.parsing.inputs.usual_inputs import candidate_inputs

HEAD = """
import inspect
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3, padding=1)
"""


def same_as_real(text: str, shape: tuple[int, ...] = (3, 16, 16)) -> None:
    """Names and shapes of what is kept, and of the output, for the `net` of a text."""
    scope = {"nn": nn, "F": F, "torch": torch, "np": np}
    exec(text, scope)
    real, read = scope["net"].eval(), parse(text).module.eval()
    kept = [{name: tuple(one.shape) for name, one in net.state_dict().items()} for net in (real, read)]
    assert list(kept[0].items()) == list(kept[1].items())
    assert real(torch.zeros(2, *shape)).shape == read(torch.zeros(2, *shape, device="meta")).shape


CONSTRUCTORS = {
    "a function is told from a layer": """
        self.b = nn.Conv2d(8, 4 if inspect.isfunction(lambda: 1) else 5, 1)
        self.c = nn.Conv2d(4, 6 if inspect.isclass(nn.ReLU) and not inspect.isfunction(nn.ReLU()) else 7, 1)
    """,
    "the name of a layer in quotes": """
        self.b = eval("nn.BatchNorm2d")(8)
        self.c = eval("nn.Conv2d(8, 2 + 3, 1)")
    """,
    "numbers out of numpy": """
        widths = (np.round(np.array([8.3, 17.9]) / 8) * 8).astype(int)
        values, counts = np.unique([8, 8, 16], return_counts=True)
        self.b = nn.Conv2d(int(widths[0]), int(values[1]), 1)
        self.c = nn.Conv2d(16, int(np.full((3,), 5)[1] + counts[0]), 1)
        self.d = nn.Conv2d(7, int(np.maximum(3, 4)), 1)
    """,
    "a record with another value": """
        from collections import namedtuple
        Block = namedtuple("Block", "width depth")
        block = Block(4, depth=2)._replace(width=6)
        self.b = nn.Conv2d(8, block.width * block.depth, 1)
    """,
    "a type with what is in it": """
        self.b = nn.Conv2d(8, tuple[int, int]([4, 5])[1], 1)
    """,
    "a buffer that is not kept": """
        self.b = nn.BatchNorm2d(8)
        self.register_buffer("table", torch.zeros(3), persistent=False)
        self.register_buffer("kept", torch.zeros(4))
    """,
    "layers that are put and taken by name": """
        self.b, self.extra = nn.Conv2d(8, 4, 1), nn.Conv2d(8, 5, 1)
        self._modules["b"] = nn.Conv2d(8, 6, 1)
        self._modules.pop("extra")
        self._modules.update({"c": nn.ReLU()})
    """,
    "weights that are drawn again": """
        self.a.reset_parameters()
        self.b = nn.BatchNorm2d(8)
        self.b.reset_parameters()
    """,
}


@pytest.mark.parametrize("name", CONSTRUCTORS)
def test_constructors_of_model_files(name):
    forward = "\n    def forward(self, x):\n        for layer in self._modules.values():\n            x = layer(x)\n"
    same_as_real(f"{HEAD}{CONSTRUCTORS[name]}{forward}        return x\nnet = Net()")


FORWARDS = {
    "marks on layers": (
        "self.b = nn.Conv2d(8, 4, 1)\n        self.a.is_kept = True",
        "x = self.a(x)\n        return self.b(x) if hasattr(self.a, 'is_kept') and self.a.is_kept else x",
    ),
    "pooling undone": (
        "self.b = nn.MaxPool2d(2, return_indices=True)\n        self.c = nn.MaxUnpool2d(2)",
        "x, where = self.b(self.a(x))\n        return F.max_unpool2d(self.c(x, where), where.repeat(1, 1, 2, 2), 2)",
    ),
    "the exponent of a distance": (
        "self.b = nn.PairwiseDistance(p=2)",
        "return self.b(self.a(x).flatten(1), self.a(x).flatten(1))",
    ),
    "recurrent weights in a row": (
        "self.b = nn.LSTM(16, 5, batch_first=True)",
        "self.b.flatten_parameters()\n        return self.b(self.a(x).mean(1))[0]",
    ),
}


@pytest.mark.parametrize("name", FORWARDS)
def test_forwards_of_model_files(name):
    made, run = FORWARDS[name]
    same_as_real(f"{HEAD}        {made}\n    def forward(self, x):\n        {run}\nnet = Net()")


@pytest.mark.parametrize(
    "quoted", ["__import__('os').system('true')", "(" * 300, "x = 3", "open('/etc/passwd').read()"]
)
def test_what_is_in_quotes_is_read_and_not_run(quoted):
    forward = "    def forward(self, x):\n        return self.b(x)\nnet = Net()"
    with pytest.raises(ParseError):
        parse(f"{HEAD}        self.b = eval({quoted!r})(8)\n{forward}")


def test_a_network_gives_no_tensor_when_it_returns_its_layers():
    with pytest.raises(ParseError, match="returns layers"):
        parse(f"{HEAD}    def forward(self, x):\n        return self._modules\nnet = Net()")


ELSEWHERE = """
from .base import Base
class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        return self.fc(x)
class Whole(Base):
    def __init__(self, head):
        super().__init__()
        self.stem, self.head = nn.Linear(3, 4), head
def whole():
    head = Head()
    return Whole(head)
"""


def test_a_part_is_not_taken_for_a_network_whose_class_inherits_from_another_file():
    with pytest.raises(MissingDefinitionError, match="Base is imported"):
        parse(f"import torch.nn as nn\n{ELSEWHERE}")


SHARED_NAME = """
class Body(nn.Module):
    def __init__(self, num_classes, dim):
        super().__init__()
        self.fc = nn.Linear(dim, num_classes)
    def forward(self, x):
        return self.fc(x)
class Tuned(nn.Module):
    def __init__(self, body: Body, num_classes=2):
        super().__init__()
        self.body, self.head = body, nn.Linear(10, num_classes)
    def forward(self, x):
        return self.head(self.body(x))
"""


def test_a_value_for_one_class_is_not_written_for_the_default_of_another():
    parsed = parse(SHARED_NAME, network="Tuned")
    assert parsed.module.head.out_features == 2
    assert parse(parsed.lines).module.head.out_features == 2


CHECKED = """
class Split(nn.Module):
    def __init__(self, embed_dim, num_heads):
        super().__init__()
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise ValueError("does not divide")
        self.fc = nn.Linear(embed_dim, self.head_dim)
    def forward(self, x):
        return self.fc(x)
"""


def test_a_check_of_what_the_constructor_makes_first_changes_no_argument():
    parsed = parse(CHECKED)
    assert parsed.assumed == {"embed_dim": 64, "num_heads": 4}
    assert parsed.lines.rstrip().endswith("Split(embed_dim=64, num_heads=4)")


RANKS = """
class Rows(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(75, 4)
    def forward(self, x):
        if x.dim() != 3:
            raise ValueError("rows are wanted")
        return self.fc(x)
net = Rows()
"""


def test_an_input_that_the_text_refuses_is_no_reason_to_refuse_the_text():
    assert parse(RANKS).module(torch.zeros(2, 6, 75, device="meta")).shape == (2, 6, 4)
    with pytest.raises(ParseError, match="the text itself refuses"):
        parse(RANKS.replace("x.dim() != 3", "x.dim() < 9"))


SIZED = """
class Patches(nn.Module):
    def __init__(self, img_size=(80, 48)):
        super().__init__()
        self.img_size = img_size
        self.proj = nn.Conv2d(3, 8, 16, stride=16)
        self.pos = nn.Parameter(torch.zeros(1, 8, img_size[0] // 16, img_size[1] // 16))
    def forward(self, x):
        return self.proj(x) + self.pos
net = Patches()
"""


def test_an_image_of_the_size_that_a_network_keeps_is_tried():
    assert candidate_inputs(parse(SIZED).module)[0] == (3, 80, 48)
