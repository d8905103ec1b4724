"""Layers that are made elsewhere are never left out in silence, and a shared activation is not the network."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse

NET = """
from helpers import Head, FocalLoss
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.{name} = {made}
    def forward(self, x{more}):
        x = {start}
        return {end}
"""


def text(name="head", made="Head(8)", more="", start="self.conv(x)", end="x"):
    return NET.format(name=name, made=made, more=more, start=start, end=end)


@pytest.mark.parametrize("made", ["Head(8)", "Neck(8)", "[Head(8), Head(8)]"])
def test_an_input_that_never_reaches_a_missing_layer_is_no_reason_to_leave_it_out(made):
    end = "self.head(torch.cat([x, skip], 1))"  # of two sizes, where both inputs are the same
    with pytest.raises(ParseError, match=r"Head is imported|Neck is not a layer"):
        parse(text(made=made, more=", skip", start="self.conv(self.conv(x))", end=end))


def test_a_missing_layer_that_forward_does_not_use_is_named():
    notes = parse(text()).notes
    assert "head is made by Head, which is not in this text: what it holds is not counted." in notes


def test_a_missing_loss_holds_no_layer():
    assert not any("is made by" in note for note in parse(text(name="loss", made="FocalLoss()")).notes)


CLASS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        return act(self.conv(x))
"""


@pytest.mark.parametrize(
    "whole", ["act = nn.ReLU()\n" + CLASS, CLASS + "act = nn.Softmax(dim=1)", "act = nn.PReLU()\n" + CLASS]
)
def test_an_activation_that_a_class_shares_is_not_the_network(whole):
    assert parse(whole).network == "Net"


def test_an_activation_that_a_class_shares_does_not_stand_in_for_one_that_cannot_be_read():
    with pytest.raises(ParseError, match="needs a value for zebra"):
        parse("act = nn.ReLU()\n" + CLASS.replace("self)", "self, zebra)", 1).replace("8, 3)", "zebra(8), 3)"))


def test_an_activation_alone_is_what_is_meant():
    assert parse("act = nn.ReLU()").network == "act"


def test_a_network_of_another_package_is_named():
    text = "from vit_zoo import ViT\nv = ViT(image_size=224, depth=6)\nout = v(torch.randn(1, 3, 224, 224))"
    with pytest.raises(ParseError, match="ViT is imported"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "from torchvision.models.video import S3D\ndef net(): return S3D(3)",
            "S3D of torchvision.models.video is not known",
        ),
        ("from torch.utils.data import Dataset\nclass Pictures(Dataset):\n    size = 3", "No layer was found"),
    ],
)
def test_nobody_is_told_to_paste_what_belongs_to_the_framework(text, sentence):
    with pytest.raises(ParseError, match=sentence):
        parse(text)


def test_an_optimizer_beside_the_layers_holds_none():
    head = "from torch.optim import Adam\n" + text(
        name="opt", made="Adam(self.parameters())", start="self.conv(self.conv(x))"
    )
    assert [tuple(p.shape) for p in parse(head).module.parameters()] == [(8, 3, 3, 3), (8,)]
