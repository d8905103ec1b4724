"""Arguments that stand for a network of torchvision or a layer of PyTorch, by what a text reads of them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.parsing import parse

HEAD = "import torch\nimport torch.nn as nn\nimport torchvision\n"
OWNER = """
class Whole(nn.Module):
    def __init__(self, {name}):
        super().__init__()
        {made}
        self.last = nn.Linear({count}, 7)

    def forward(self, x):
        x = {called}
        return self.last(x.flatten(1))
"""
PIECES = "self.body = nn.Sequential(*list({}.children())[:-1])"
TAKEN = {
    "a network whose last layer is taken off": ("model", PIECES, 512, "self.body(x)", "resnet18"),
    "a wide one": ("net", PIECES, 2048, "self.body(x)", "resnet50"),
    "one that gives rows and columns": ("resnet", "self.body = {}", 2048 * 7 * 7, "self.body(x)", "resnet50"),
    "parts that VGG has": ("base_model", "self.body = {}.features", 512 * 7 * 7, "self.body(x)", "vgg16"),
}


@pytest.mark.parametrize("kind", TAKEN)
def test_a_network_that_is_taken_to_pieces_is_one_that_has_them(kind):
    name, made, count, called, network = TAKEN[kind]
    parsed = parse(HEAD + OWNER.format(name=name, made=made.format(name), count=count, called=called))
    assert any(f"torchvision.models.{network}" in note for note in parsed.notes)
    assert parsed.module.eval()(torch.empty(2, 3, 224, 224, device="meta")).shape == (2, 7)


def test_parts_that_no_network_has_are_asked_for():
    made = "self.body = model.some_trunk"
    with pytest.raises(ParseError, match="needs a value for model"):
        parse(HEAD + OWNER.format(name="model", made=made, count=512, called="self.body(x)"))


LOW_RANK = """
class Low(nn.Module):
    def __init__(self, {name}, rank):
        super().__init__()
        self.{name} = {name}
        self.down = nn.{made[0]}
        self.up = nn.{made[1]}

    def forward(self, x):
        return self.{name}(x) + self.up(self.down(x))
"""
LAYERS = {
    "a linear layer": ("layer", ("Linear(layer.in_features, rank)", "Linear(rank, layer.out_features)"), nn.Linear),
    "a convolution": (
        "conv",
        ("Conv2d(conv.in_channels, rank, 1)", "Conv2d(rank, conv.out_channels, 1)"),
        nn.Conv2d,
    ),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_whose_sizes_are_read_is_one_that_has_them(kind):
    name, made, layer = LAYERS[kind]
    module = parse(HEAD + LOW_RANK.format(name=name, made=made)).module
    assert isinstance(getattr(module, name), layer)
    assert module.down.weight.shape[0] == 4


VECTORS = """
class Words(nn.Module):
    def __init__(self, vectors, embedding_dim, classes):
        super().__init__()
        self.words = nn.Embedding.from_pretrained({})
        self.lstm = nn.LSTM(embedding_dim, 8, batch_first=True)
        self.out = nn.Linear(8, classes)

    def forward(self, x):
        steps, _ = self.lstm(self.words(x))
        return self.out(steps[:, -1])
"""


@pytest.mark.parametrize(
    "vectors",
    ["vectors", "torch.from_numpy(vectors)", "torch.FloatTensor(vectors)", "torch.from_numpy(vectors).float()"],
)
def test_word_vectors_are_assumed_whatever_they_are_made_of(vectors):
    parsed = parse(HEAD.replace("import torchvision\n", "") + VECTORS.format(vectors))
    scope: dict = {"torch": torch, "nn": nn}
    *lines, last = parsed.lines.rstrip().split("\n")
    exec("\n".join(lines), scope)
    made = eval(last, scope)
    assert [(name, one.shape) for name, one in parsed.module.named_parameters()] == [
        (name, one.shape) for name, one in made.named_parameters()
    ]
    assert made(torch.zeros(2, 5, dtype=torch.long)).shape == (2, parsed.module.out.out_features)
