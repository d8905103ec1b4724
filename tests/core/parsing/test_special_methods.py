"""Special methods that a text calls by name do what Python does; weights that `weight_norm` works out can be read."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.parsing import parse
from core.parsing.inputs.usual_inputs import candidate_inputs

HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import init\nfrom torch.nn.utils import weight_norm\n"
NETS = {
    "attributes by name": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for i in range(3):
            self.__setattr__("level_%d" % i, nn.Linear(4, 4))
        self.extra = nn.Linear(4, 9)
        self.__delattr__("extra")
    def forward(self, x):
        for i in range(3):
            x = self.__getattr__("level_%d" % i)(x)
        return self.level_0.__call__(x)
""",
    "lengths and items": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [4, 6]
        self.layers = nn.ModuleList([nn.Linear(widths.__getitem__(0), widths.__getitem__(-1))] * widths.__len__())
        self.has = [hasattr(self, "__len__"), hasattr(self.layers, "__len__"), hasattr(3, "__len__")]
        self.out = nn.Linear(6, 2 + self.has.index(True))
    def forward(self, x):
        return self.out(self.layers.__getitem__(1)(x)) if self.layers.__len__() == 2 else x
""",
    "first weights by old names": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 3)
        init.orthogonal_(self.a.weight)
        for p in self.parameters():
            init.zeros_(p) if p.dim() == 1 else init.dirac_(p.view(3, 4, 1))
    def forward(self, x):
        return self.a(x)
""",
    "weights under weight_norm": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = weight_norm(nn.Linear(4, 6))
        self.a.weight.data.normal_(0, 0.01)
        self.b = nn.Linear(self.a.weight.shape[0], self.a.weight.size(1))
    def forward(self, x):
        return self.b(self.a(x))
""",
}


@pytest.mark.parametrize("kind", NETS)
def test_the_network_is_the_one_that_python_builds(kind):
    read = parse(HEAD + NETS[kind]).module
    scope: dict = {}
    exec(HEAD + NETS[kind], scope)
    real = scope["Net"]()
    assert sum(p.numel() for p in read.parameters()) == sum(p.numel() for p in real.parameters())
    assert [name for name, _ in read.named_children()] == [name for name, _ in real.named_children()]
    assert read(torch.zeros(2, 4, device="meta")).shape == real(torch.zeros(2, 4)).shape


@pytest.mark.parametrize("name", ["__dict__", "__reduce__", "__subclasses__", "__globals__", "__init_subclass__"])
def test_no_other_special_method_of_a_layer_exists(name):
    text = f"import torch.nn as nn\nlayer = nn.Linear(3, 4)\nnet = nn.Sequential(layer, layer.{name})\n"
    with pytest.raises(ParseError):
        parse(text)


def test_a_sequence_goes_into_the_convolution_that_weight_norm_has_changed():
    text = HEAD + (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.conv = weight_norm(nn.Conv1d(5, 7, 3))\n    def forward(self, x):\n        return self.conv(x)\n"
    )
    net = parse(text).module
    assert isinstance(net, nn.Module)
    assert net(torch.zeros(2, *candidate_inputs(net)[0], device="meta")).shape[1] == 7
