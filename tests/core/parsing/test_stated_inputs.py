"""The input that a text states: by a call, by a tool that counts or exports, by its transforms, by its dataset."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import parse

NETWORK = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, channels=3):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(channels, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))

    def forward(self, x):
        return self.layers(x)

"""
CHAIN = "tf = transforms.Compose([{}, transforms.ToTensor()])\nnet = Net()"


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("net = Net()\nprint(net(torch.randn(5, 3, 70, 80)).shape)", (3, 70, 80)),
        ("net = Net()\ntorch.onnx.export(net, torch.zeros(1, 3, 40, 30), 'net.onnx')", (3, 40, 30)),
        ("net = Net()\nfaster = torch.jit.trace(net, torch.zeros(1, 3, 41, 31))", (3, 41, 31)),
        ("from fvcore.nn import FlopCountAnalysis\nFlopCountAnalysis(Net(), torch.ones(1, 3, 72, 73))", (3, 72, 73)),
        ("from thop import profile\nnet = Net()\nprofile(net, inputs=(torch.ones(1, 3, 88, 89),))", (3, 88, 89)),
        ("from ptflops import get_model_complexity_info as cost\ncost(Net(), (3, 90, 91))", (3, 90, 91)),
        ("from calflops import calculate_flops\ncalculate_flops(model=Net(), input_shape=(1, 3, 50, 51))", (3, 50, 51)),
        (CHAIN.format("transforms.Resize((96, 128))"), (3, 96, 128)),
        (CHAIN.format("transforms.Resize(256, 2), transforms.CenterCrop(size=224)"), (3, 224, 224)),
        ("tf = A.Compose([A.Resize(height=48, width=64)])\nnet = Net(1)", (1, 48, 64)),
        ("data = datasets.FashionMNIST('data', train=True)\nnet = Net(1)", (1, 28, 28)),
        ("data = CIFAR10('data', transform=transforms.Compose([transforms.Resize(64)]))\nnet = Net()", (3, 64, 64)),
        ("a, b = Net(1), Net(3)\nb(torch.ones(1, 3, 20, 20))\na(torch.ones(1, 1, 10, 10))", (3, 20, 20)),
        # what says different things, or what is not known, says nothing
        (CHAIN.format("transforms.Resize(size)"), None),
        ("data = CIFAR10('data', transform=transforms.Compose([transforms.Resize(size)]))\nnet = Net()", None),
        ("a = T.Compose([T.Resize(64)])\nb = T.Compose([T.Resize(96)])\nnet = Net()", None),
        ("from torchsummary import summary\nsummary(nn.Conv2d(1, 2, 3), (1, 9, 9))\nnet = Net()", None),
        ("image = cv2.resize(image, (64, 48))\nnet = Net()", None),
    ],
)
def test_the_input_is_the_one_that_the_text_states(text: str, shape: tuple[int, ...] | None):
    assert parse(NETWORK + text).input_shape == shape


def test_a_size_from_the_data_is_said_and_taken_only_where_the_network_takes_it():
    parsed = parse(NETWORK + CHAIN.format("transforms.Resize(64)"))
    assert "The input is 3x64x64: Resize in line 13 gives that size." in parsed.notes
    too_small = NETWORK.replace("Conv2d(channels, 8, 3)", "Conv2d(channels, 8, 99)") + CHAIN.format(
        "transforms.Resize(64)"
    )
    assert parse(too_small).input_shape is None


def test_what_is_printed_and_cannot_be_evaluated_is_passed_over():
    parsed = parse(NETWORK + "net = Net()\nprint(net(images).shape, f'{accuracy(net):.2f}', missing())")
    assert (parsed.network, parsed.input_shape) == ("net", None)


MAKERS = {
    "def get_inputs():\n    return [torch.randn(4, 3, 40, 50)]": (3, 40, 50),
    "def make_dummy_batch(size=60):\n    return torch.rand(1, 3, size, size)": (3, 60, 60),
    # one that wants to know something, of another meaning, or of what the network does not take, says nothing
    "def get_inputs(size):\n    return [torch.randn(4, 3, size, size)]": None,
    "def draw_picture():\n    return torch.randn(4, 3, 40, 50)": None,
    "def get_inputs():\n    return [torch.randn(4, 5, 40, 50)]": None,
}


@pytest.mark.parametrize(("maker", "shape"), MAKERS.items())
def test_a_function_that_makes_inputs_is_asked_for_one(maker, shape):
    parsed = parse(f"{NETWORK}\n{maker}\n")
    assert parsed.input_shape == shape
    assert any("() makes one of that size" in note for note in parsed.notes) == (shape is not None)


def test_a_function_makes_several_inputs():
    text = NETWORK.replace("self, x", "self, x, row").replace("self.layers(x)", "self.layers(x) + row.sum(1)[:, None]")
    parsed = parse(text + "\ndef get_inputs():\n    return [torch.zeros(8, 3, 30, 30), torch.zeros(8, 7)]\n")
    assert (parsed.input_shape, parsed.assumed) == ((3, 30, 30), {"size of row": (7,)})
    assert parsed.module(torch.empty(2, 3, 30, 30, device="meta")).shape == (2, 2)


ROW = """
import torch
from torch import nn

class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.slope = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.slope * x

net = Line()
"""


def test_numbers_that_a_network_is_called_with_are_a_row():
    assert parse(ROW + "x = torch.linspace(0, 1, 50)\nfor step in range(9):\n    y = net(x)\n").input_shape == (50,)


@pytest.mark.parametrize("kind", ["detection.fasterrcnn_resnet50_fpn", "video.r3d_18"])
def test_networks_for_something_else_than_images_are_named(kind):
    for text in (f"import torchvision\nnet = torchvision.models.{kind}()", f"net = models.{kind}(num_classes=3)"):
        with pytest.raises(ParseError, match=f"models.{kind} is not read here"):
            parse(text)
