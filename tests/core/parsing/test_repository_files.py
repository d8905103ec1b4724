"""What files of repositories do: families tested in a loop, scripted classes, matrices of numpy, timm's builders."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.parsing import parse

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nimport numpy as np\n"


def parameters(text: str) -> int:
    return sum(one.numel() for one in parse(HEAD + text).module.parameters())


def output(text: str, *shape: int) -> tuple[int, ...]:
    return tuple(parse(HEAD + text).module.eval()(torch.empty(2, *shape, device="meta")).shape)


def real(text: str) -> nn.Module:
    scope: dict[str, nn.Module] = {}
    exec(HEAD + text, scope)
    return scope["net"]


FAMILY = """
class Deep(nn.Module):
    def __init__(self, count):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(4, 4) for _ in range(count)])
    def forward(self, x):
        return self.layers(x)
def shallow():
    return Deep(3)
def deep():
    return Deep(900)
def count(net):
    total = 0
    for one in net.parameters():
        total += np.prod(one.data.numpy().shape)
    print(total)
if __name__ == "__main__":
    for name in ["shallow", "deep", "deep", "deep"]:
        if name:
            count(globals()[name]())
"""


def test_a_loop_that_tests_a_large_family_leaves_its_functions():
    parsed = parse(HEAD + FAMILY)
    assert parsed.networks == ("shallow", "deep")
    assert sum(one.numel() for one in parsed.module.parameters()) == 900 * 20


def test_a_loop_that_keeps_its_networks_is_evaluated_whole():
    text = "nets = []\nfor width in (3, 4, 5):\n    nets.append(nn.Linear(width, 2))\nnet = nn.Sequential(*nets[-1:])\n"
    assert parameters(text) == 12


NETWORKS = {
    "a convolution over a weight of its own": """
class Standard(nn.Conv2d):
    def forward(self, x):
        x = F.pad(x, self._reversed_padding_repeated_twice, mode="reflect")
        weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
        return F.conv2d(x, weight, self.bias) + self._conv_forward(x, weight, None)[..., 1:-1, 1:-1].mean()
net = nn.Sequential(Standard(8, 6, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
""",
    "tuples put together": """
from functools import reduce
from operator import __add__, __mul__
pads = [(k // 2, k // 2) for k in (3, 5)]
net = nn.Sequential(nn.ZeroPad2d(reduce(__add__, pads)), nn.Conv2d(8, __mul__(2, 3), (5, 3)))
""",
    "a matrix made orthogonal": """
class Mix(nn.Module):
    def __init__(self, width):
        super().__init__()
        first = np.linalg.qr(np.random.randn(width, width))[0].astype(np.float32)
        p, lower, upper = torch.lu_unpack(*torch.linalg.lu_factor(torch.Tensor(first)))
        self.register_buffer("p", p)
        self.lower, self.upper = nn.Parameter(lower), nn.Parameter(torch.triu(upper, 1))
        self.scale = nn.Parameter(torch.log(torch.abs(torch.diag(upper))))
    def forward(self, x):
        return F.conv2d(x, (self.p @ self.lower @ self.upper)[:, :, None, None])
net = Mix(8)
""",
    "a branch for what lies on a GPU": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(8, 4), nn.Linear(8, 5)
    def forward(self, x):
        kept = self.a(x) if isinstance(x, torch.FloatTensor) else self.b(x)
        return self.b(x) if isinstance(x.data, (torch.cuda.FloatTensor, torch.LongTensor)) else kept
net = Net()
""",
}


@pytest.mark.parametrize("name", NETWORKS)
def test_same_as_the_real_network(name):
    shape = (8, 9, 9) if "conv2d" in NETWORKS[name] or "Conv2d" in NETWORKS[name] else (8,)
    built, read = real(NETWORKS[name]).eval(), parse(HEAD + NETWORKS[name]).module.eval()
    names = [{key: tuple(one.shape) for key, one in net.state_dict().items()} for net in (built, read)]
    assert names[0] == names[1]
    assert built(torch.zeros(2, *shape)).shape == read(torch.empty(2, *shape, device="meta")).shape


def test_a_scripted_class():
    text = """
class Net(torch.jit.ScriptModule):
    def __init__(self):
        super().__init__()
        self.keep = torch.tensor(0.5)
        self.a = nn.Linear(8, 4)
    @torch.jit.script_method
    def forward(self, x):
        return self.a(x) * self.keep
net = Net()
"""
    assert (parameters(text), output(text, 8)) == (36, (2, 4))


def test_scipy_takes_matrices_apart():
    text = """
from scipy import linalg as la
class Mix(nn.Module):
    def __init__(self, width=6):
        super().__init__()
        q, _ = la.qr(np.random.randn(width, width))
        p, low, up = la.lu(q.astype(np.float32))
        self.register_buffer("p", torch.from_numpy(p))
        self.low, self.diagonal = nn.Parameter(torch.from_numpy(low)), nn.Parameter(torch.from_numpy(np.diag(up)))
    def forward(self, x):
        return x @ self.low
"""
    assert parameters(text) == 42


def test_first_weights_that_a_text_draws_itself():
    text = """
def draw_(tensor, std):
    tensor.uniform_(-1, 1)
    tensor.mul_(std)
    return tensor
def normal_(tensor, std=1.0):
    with torch.no_grad():
        return draw_(tensor, std)
class Net(nn.Module):
    def __init__(self, width=5):
        super().__init__()
        self.place = nn.Parameter(torch.zeros(1, width))
        self.a = nn.Linear(width, 2)
        normal_(self.place, std=0.02)
    def forward(self, x):
        return self.a(x + self.place)
"""
    assert parameters(text) == 17


TIMM = """
from timm.data import IMAGENET_DEFAULT_MEAN
from timm.layers import SelectAdaptivePool2d, to_ntuple, _assert
from timm.models._builder import build_model_with_cfg
from timm.models._registry import generate_default_cfgs, register_model
from timm.models._manipulate import checkpoint_seq, named_apply

def _cfg(url="", **settings):
    return {"url": url, "num_classes": 7, "input_size": (3, 96, 96), "mean": IMAGENET_DEFAULT_MEAN, **settings}

class Small(nn.Module):
    def __init__(self, img_size=224, in_chans=3, num_classes=1000, width=8):
        super().__init__()
        self.side = to_ntuple(2)(img_size)[0]
        self.blocks = nn.Sequential(nn.Conv2d(in_chans, width, 3), nn.ReLU())
        self.pool = SelectAdaptivePool2d(pool_type="avg", flatten=True)
        self.head = nn.Linear(width, num_classes)
        named_apply(lambda module, name: None, self)
    def forward(self, x):
        _assert(x.shape[-1] == self.side, "other side")
        return self.head(self.pool(checkpoint_seq(self.blocks, x)))

default_cfgs = generate_default_cfgs({"small.in1k": _cfg(fixed_input_size=True), "wide.in1k": _cfg(num_classes=3)})

@register_model
def wide(pretrained=False, **kwargs):
    return build_model_with_cfg(Small, "wide", pretrained, **dict(dict(width=16), **kwargs))

@register_model
def small(pretrained=False, **kwargs):
    return build_model_with_cfg(Small, "small", pretrained, pretrained_filter_fn=None, **kwargs)
"""


def test_timms_builder_gives_a_class_what_its_settings_say():
    parsed = parse(HEAD + TIMM)
    assert (parsed.network, parsed.module.head.out_features, parsed.module.values["side"]) == ("small", 7, 96)
    other = parse(HEAD + TIMM, network="wide").module
    assert (other.head.out_features, other.values["side"]) == (3, 224)
    assert output(TIMM, 3, 96, 96) == (2, 7)


@pytest.mark.parametrize(("kind", "width"), [("avg", 4), ("max", 4), ("avgmax", 4), ("catavgmax", 8), ("", 4)])
def test_timms_pools(kind, width):
    text = "from timm.layers import SelectAdaptivePool2d\n"
    text += f"net = nn.Sequential(nn.Conv2d(3, 4, 1), SelectAdaptivePool2d(pool_type={kind!r}))\n"
    assert output(text, 3, 6, 6) == ((2, width, 6, 6) if kind == "" else (2, width, 1, 1))


def test_a_setting_is_what_a_function_of_the_text_takes_by_default():
    text = """
def neighbours(x, k=20):
    return x.topk(k, dim=-1)[1]
class Net(nn.Module):
    def __init__(self, args):
        super().__init__()
        self.k = args.k
        self.a = nn.Conv1d(3, 4, 1)
        self.b = nn.Linear(args.k, 2)
    def forward(self, x):
        return self.b(self.a(x)[:, :, :self.k])
"""
    assert parse(HEAD + text).module.b.in_features == 20


@pytest.mark.parametrize(("name", "value"), [("n_flow", 2), ("repeat_num", 2), ("n_levels", 2)])
def test_usual_numbers_of_repeated_parts(name, value):
    text = f"class Net(nn.Module):\n    def __init__(self, {name}):\n        super().__init__()\n"
    text += f"        self.parts = nn.ModuleList([nn.Linear(4, 4) for _ in range({name})])\n"
    text += "    def forward(self, x):\n        for part in self.parts:\n            x = part(x)\n        return x\n"
    assert len(parse(HEAD + text).module.parts) == value


def test_a_sequence_has_as_many_items_as_are_asked_for():
    text = """
class Decoder(nn.Module):
    def __init__(self, encoder_channels, strides):
        super().__init__()
        encoder_channels = encoder_channels[::-1]
        self.first = nn.Conv2d(encoder_channels[0], 8, 1)
        self.last = nn.Conv2d(encoder_channels[-4], 8, 1, stride=strides[3])
    def forward(self, x):
        return self.first(x)
"""
    module = parse(HEAD + text).module
    assert (module.first.in_channels, module.last.in_channels, module.last.stride) == (256, 256, (1, 1))
