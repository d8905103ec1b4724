"""What a `forward` is given beside its first input: the time of a diffusion, a class; and what else says its size."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse
from core.parsing.evaluation.values import MissingDefinitionError

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
DIFFUSION = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.time = nn.Sequential(nn.Linear(6, 12), nn.SiLU())
        self.conv = nn.Conv2d(3, 12, 3, padding=1)
    def forward(self, x, {name}):
        steps = {name}[:, None] * torch.arange(6)[None, :]
        return self.conv(x) + self.time(steps)[:, :, None, None]
net = Net()
"""
GENERATOR = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 7)
        self.fc = nn.Linear(20 + 7, 5)
    def forward(self, noise, {name}):
        return self.fc(torch.cat([noise, self.emb({name})], dim=1))
net = Net()
"""
CRITIC = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 28 * 28)
        self.conv = nn.Conv2d(2, 5, 28)
    def forward(self, x, labels):
        plane = self.emb(labels).view(-1, 1, 28, 28)
        return self.conv(torch.cat([x, plane], dim=1)).flatten(1)
net = Net()
"""


def output(text: str) -> tuple[int, ...]:
    """The shape for a batch of four of the input that is found."""
    parsed = parse(HEAD + text)
    assert any("a zero for each item of the batch stands for it" in note for note in parsed.notes)
    shape = parsed.input_shape or (3, 32, 32)
    return tuple(parsed.module.eval()(torch.empty(4, *shape, device="meta")).shape)


@pytest.mark.parametrize("name", ["t", "timesteps", "time_step", "noise_level"])
def test_the_time_of_a_diffusion_is_one_number_for_each_item(name):
    assert output(DIFFUSION.format(name=name)) == (4, 12, 32, 32)


@pytest.mark.parametrize("name", ["labels", "y", "class_labels", "digit"])
def test_a_class_that_is_looked_up_is_one_number_for_each_item(name):
    assert output(GENERATOR.format(name=name)) == (4, 5)
    assert parse(HEAD + GENERATOR.format(name=name)).input_shape == (20,)


def test_a_class_that_becomes_a_plane_leaves_the_other_channels_to_the_image():
    module = parse(HEAD + CRITIC).module
    assert module.eval()(torch.empty(4, 1, 28, 28, device="meta")).shape == (4, 5)


def test_words_beside_words_are_no_classes():
    text = GENERATOR.format(name="y").replace("[noise, self.emb(y)]", "[self.emb(noise), self.emb(y)]")
    assert any("each is given the same one" in note for note in parse(HEAD + text.replace("20 + 7", "14")).notes)


GRAPH = """
class Layer(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(i, o))
        self.act = nn.ReLU()
    def forward(self, x, adj):
        return self.act({product})
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = Layer(9, 6), Layer(6, 4)
    def forward(self, x, adj):
        return self.b(self.a(x, adj), adj)
net = Net()
"""


@pytest.mark.parametrize("product", ["torch.spmm(adj, x @ self.weight)", "torch.sparse.mm(adj, x.mm(self.weight))"])
def test_a_layer_with_a_matrix_of_its_own_tells_the_size_of_its_input(product):
    module = parse(HEAD + GRAPH.format(product=product)).module
    assert module.eval()(torch.empty(7, 9, device="meta")).shape == (7, 4)


def test_an_assumed_width_is_tried_as_the_input():
    text = (
        "class Net(nn.Module):\n    def __init__(self, input_dim):\n        super().__init__()\n"
        "        self.parts = nn.ModuleList([nn.Linear(1, 2) for _ in range(input_dim)])\n"
        "    def forward(self, x):\n        return sum(part(x[:, i:i + 1]) for i, part in enumerate(self.parts))\n"
    )
    parsed = parse(HEAD + text, values={"input_dim": 12})
    assert parsed.module.eval()(torch.empty(2, 12, device="meta")).shape == (2, 2)


def test_mxnet_is_named_without_its_imports():
    text = "class Net(nn.Block):\n    def __init__(self):\n        self.a = nn.Dense(3)\n"
    with pytest.raises(ParseError, match="code for MXNet"):
        parse(text)


def test_lightning_is_not_what_a_class_without_layers_lacks():
    text = "import pytorch_lightning as pl\nclass Net(pl.LightningModule):\n    def __init__(self):\n"
    with pytest.raises(ParseError, match="Net, which makes no layer") as raised:
        parse(text + "        super().__init__()\n        self.net = net\n")
    assert not isinstance(raised.value, MissingDefinitionError)


@pytest.mark.parametrize(
    ("expression", "shape"),
    [
        ("torch.block_diag(x, x)", (8, 6)),
        ("torch.cummax(x, 0).values", (4, 3)),
        ("x.count_nonzero(dim=1)", (4,)),
        ("torch.trapezoid(x, dim=1)", (4,)),
        ("torch.matrix_exp(x @ x.t())", (4, 4)),
        ("torch.stack(torch.hsplit(x, 3))", (3, 4, 1)),
        ("x.diag_embed()", (4, 3, 3)),
        ("torch.xlogy(x, torch.logaddexp(x, x))", (4, 3)),
        ("x[torch.tril_indices(3, 3)[0]]", (6, 3)),
        ("x * torch.hamming_window(3)", (4, 3)),
        ("x[[None, slice(2), slice(None)]]", (1, 2, 3)),
    ],
)
def test_functions_of_tensors_give_the_shapes_that_pytorch_gives(expression, shape):
    text = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(3, 3)\n"
    )
    module = parse(
        HEAD + text + f"    def forward(self, x):\n        x = self.a(x)\n        return {expression}\n"
    ).module
    assert module.eval()(torch.empty(4, 3, device="meta")).shape == shape
    real = expression.replace("[[None, slice(2), slice(None)]]", "[None, :2]")  # which PyTorch warns of
    assert eval(real, {"torch": torch, "x": torch.rand(4, 3)}).shape == shape


def test_a_second_image_is_no_time_whatever_its_name():
    text = HEAD + (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.a, self.b = nn.Conv2d(3, 4, 3), nn.Sequential(nn.ReLU(), nn.Conv2d(3, 4, 3))\n"
        "    def forward(self, rgb, t):\n        return self.a(rgb) + self.b(t)\nnet = Net()\n"
    )
    assert parse(text).module(torch.zeros(2, 3, 16, 16, device="meta")).shape == (2, 4, 14, 14)


@pytest.mark.parametrize("name", ["y", "labels"])
def test_a_class_that_another_class_looks_up_is_a_number_for_each_item(name):
    text = f"""
class Labels(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(11, 8)
    def forward(self, labels, train):
        if train:
            labels = torch.where(torch.rand(labels.shape[0]) < 0.1, 10, labels)
        return self.table(labels)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.given, self.time = nn.Conv2d(3, 8, 3, padding=1), Labels(), nn.Linear(1, 8)
    def forward(self, x, t, {name}):
        state = self.given({name}, self.training) + self.time(t[:, None])
        return self.a(x) + state[:, :, None, None]
"""
    parsed = parse(text)
    assert parsed.module.eval()(torch.empty(2, 3, 16, 16, device="meta")).shape == (2, 8, 16, 16)
    assert any(name in note for note in parsed.notes)


@pytest.mark.parametrize("choice", ["self.training or y", "bool(3) and y", "None or False or y"])
def test_the_last_of_several_conditions_is_a_value_whose_truth_is_not_asked_for(choice):
    text = f"""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        y = self.conv(x)
        return {choice}
"""
    assert parse(HEAD + text).module.eval()(torch.empty(2, 3, 8, 8, device="meta")).shape == (2, 4, 6, 6)
