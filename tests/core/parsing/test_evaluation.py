"""Texts as model zoos, tutorials and scripts write them: read, they are what Python makes of the same text."""

from __future__ import annotations

from typing import Any

import einops
import pytest
import torch
from torch import nn

from core.errors import ParseError
from core.parsing import parse

FACTORIES = """
from functools import partial
from typing import Any, Callable, List, Optional, Sequence
import math
import torch
import torch.nn as nn
from collections import OrderedDict
from collections.abc import Sequence as Many

class Block(nn.Module):
    def __init__(self, width: int, norm: Optional[Callable[..., nn.Module]] = None, drop: float = 0.0) -> None:
        super().__init__()
        if norm is None:
            norm = partial(nn.BatchNorm2d, eps=1e-3)
        conv = nn.Conv2d(width, width, 3, padding=1)
        self.body = nn.Sequential(OrderedDict([("conv%d" % 1, conv), ("norm", norm(width))]))
        self.drop = drop

    def forward(self, x):
        return x + self.body(x) * (1 - self.drop)

class Net(nn.Module):
    def __init__(self, widths: Many[int], norm=None, classes: int = 3, **kwargs: Any) -> None:
        super().__init__()
        if not isinstance(widths, Sequence):
            raise TypeError("widths must be a sequence")
        rates = [rate.item() for rate in torch.linspace(0, 0.5, len(widths))]
        self.layers = nn.ModuleList()
        self.stem = nn.Conv2d(3, widths[0], 1)
        for index, (width, rate) in enumerate(zip(widths, rates)):
            self.layers += [Block(width, norm, rate)]
        self.head = nn.Linear(widths[-1], classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                m.weight.data.normal_(0, math.sqrt(2.0 / m.out_channels))

    def forward(self, x):
        x = self.stem(x)
        for layer in self.layers:
            x = layer(x)
        return self.head(x.mean([2, 3]))

def _net(widths, weights, progress, **kwargs):
    net = Net(widths, **kwargs)
    if weights is not None:
        net.load_state_dict(weights.get_state_dict(progress=progress))
    return net

def net_small(*, weights=None, progress: bool = True, **kwargs: Any) -> Net:
    return _net([4, 4], weights, progress, **kwargs)

def net_large(*, weights=None, progress: bool = True, **kwargs: Any) -> Net:
    return _net([6, 6, 6], weights, progress, **kwargs)
"""
SETTINGS = """
from dataclasses import dataclass, field
from typing import NamedTuple
import torch.nn as nn

@dataclass
class Base:
    width: int
    kernel: int = 3

@dataclass
class Wide(Base):
    groups: int = 1

    def __post_init__(self):
        self.padding = self.kernel // 2

class Fused(Base):
    def __init__(self, width):
        super().__init__(width * 2, 5)

class Size(NamedTuple):
    height: int
    width: int = 8

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        a, b, size = Wide(4, groups=2), Fused(2), Size(8)
        self.a = nn.Conv2d(a.width, a.width, a.kernel, padding=a.padding, groups=a.groups)
        self.b = nn.Conv2d(b.width, size.width, b.kernel)

    def forward(self, x):
        return self.b(self.a(x))

def test():
    net = Net()
    return net
"""
ARGUMENTS = """
import argparse
import torch.nn as nn
parser = argparse.ArgumentParser()
parser.add_argument("--channels", type=int, default=1, help="of the image")
parser.add_argument("-w", "--hidden-width", type=int, default="7")
parser.add_argument("--no-bias", dest="bias", action="store_false")
args = parser.parse_args()
print(args)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(args.channels, args.hidden_width, 3, bias=args.bias)

    def forward(self, x):
        return self.conv(x)

net = Net()
"""
REARRANGED = """
import torch
from torch import nn, einsum
from einops import rearrange, repeat, reduce
from einops.layers.torch import Rearrange

def pair(t):
    return t if isinstance(t, tuple) else (t, t)

class Attention(nn.Module):
    def __init__(self, dim, heads=2, dim_head=4):
        super().__init__()
        self.heads, self.scale = heads, dim_head ** -0.5
        self.to_qkv = nn.Linear(dim, heads * dim_head * 3, bias=False)
        self.to_out = nn.Linear(heads * dim_head, dim)

    def forward(self, x):
        q, k, v = map(lambda t: rearrange(t, "b n (h d) -> b h n d", h=self.heads), self.to_qkv(x).chunk(3, dim=-1))
        dots = einsum("b h i d, b h j d -> b h i j", q, k) * self.scale
        out = einsum("b h i j, b h j d -> b h i d", dots.softmax(dim=-1), v)
        return self.to_out(rearrange(out, "b h n d -> b n (h d)"))

class ViT(nn.Module):
    def __init__(self, *, image_size, patch_size, dim=8, channels=3):
        super().__init__()
        kwargs = dict(locals())
        height, width = pair(kwargs["image_size"])
        count = (height // patch_size) * (width // patch_size)
        self.to_patch = nn.Sequential(
            Rearrange("b c (h p1) (w p2) -> b (h w) (p1 p2 c)", p1=patch_size, p2=patch_size),
            nn.Linear(channels * patch_size ** 2, dim),
        )
        self.pos = nn.Parameter(torch.randn(1, count + 1, dim))
        self.cls = nn.Parameter(torch.randn(1, 1, dim))
        self.attention = Attention(dim)

    def forward(self, img):
        x = self.to_patch(img)
        cls = repeat(self.cls, "1 1 d -> b 1 d", b=x.shape[0])
        x = torch.cat((cls, x), dim=1) + self.pos
        return reduce(self.attention(x), "b n d -> b d", "mean")

v = ViT(image_size=8, patch_size=4)
"""
EXECUTED = {"factories": (FACTORIES, "net_large()"), "settings": (SETTINGS, "Net()"), "rearranged": (REARRANGED, "v")}


def executed(text: str, expression: str) -> nn.Module:
    """What Python makes of the same text: only of the texts of this file."""
    scope: dict[str, Any] = {"__name__": __name__}
    exec(text, scope)
    return eval(expression, scope)


@pytest.mark.parametrize(("text", "expression"), EXECUTED.values(), ids=EXECUTED)
def test_the_same_weights_give_the_same_outputs(text: str, expression: str):
    real, parsed = executed(text, expression).eval(), parse(text, device="cpu")
    mine = parsed.module.eval()
    shapes = {name: tuple(value.shape) for name, value in real.state_dict().items()}
    assert {name: tuple(value.shape) for name, value in mine.state_dict().items()} == shapes
    mine.load_state_dict(real.state_dict())
    x = torch.randn(2, real.a.in_channels if hasattr(real, "a") else 3, 8, 8)
    assert torch.allclose(mine(x), real(x), atol=1e-6)


def test_the_last_factory_is_meant_and_the_others_are_offered():
    parsed = parse(FACTORIES)
    assert (parsed.network, parsed.networks) == ("net_large", ("net_small", "net_large"))
    assert parse(FACTORIES, network="net_small").module.head.in_features == 4


def test_arguments_of_a_script_have_their_defaults():
    parsed = parse(ARGUMENTS)
    assert (parsed.module.conv.in_channels, parsed.module.conv.out_channels) == (1, 7)
    assert parsed.module.conv.bias is not None
    assert not parsed.assumed
    assert parse(ARGUMENTS.replace(", default=1", "")).assumed == {"channels": 3}


REFUSED = {
    "a part, where the factory of the whole fails": (
        "from .resnet import resnet50\nclass Head(nn.Sequential):\n    def __init__(self, channels):\n"
        "        super().__init__(nn.Conv2d(channels, 4, 1), nn.ReLU())\n\ndef _net(backbone, head):\n"
        "    return nn.Sequential(backbone, Head(head))\n\n"
        "def net(*, weights=None):\n    return _net(resnet50(foo=1), 8)\n",
        "Line ",
    ),
    "a layer of a module that is not known": (
        "from .blocks import Transformer\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.t = Transformer(dim=8)\n    def forward(self, x):\n        return self.t(x)\nNet()",
        "Line 1: Transformer is imported .from .blocks ....* paste the definition of Transformer too",
    ),
    "values that depend on the input": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 4)\n"
        "    def forward(self, x):\n        return self.a(x) * x.mean().item()\nNet()",
        "only a run knows",
    ),
    "a pattern that is too long": (
        f"from einops.layers.torch import Rearrange\nnn.Sequential(Rearrange('{'a' * 300}'))",
        "200 letters",
    ),
    "a repetition without bounds": (
        "from einops import repeat\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.w = nn.Parameter(repeat(torch.zeros(9), 'a -> a n', n=10**12))\nNet()",
        "values, more than",
    ),
    "a width of a thousand letters": ("x = '%999999d' % 3\nnn.Sequential(nn.Linear(2, x))", "format"),
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(text: str, sentence: str):
    with pytest.raises(ParseError, match=sentence):
        parse(text)


def test_a_dropout_that_scales_later_is_the_one_of_paddle():
    module = parse(
        "import paddle\nnn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5, mode='downscale_in_infer'))", device="cpu"
    ).module
    x = torch.randn(3, 4)
    assert torch.allclose(module.eval()(x), module[0](x) * 0.5)


KERAS = """
from tensorflow import keras
from tensorflow.keras import layers

class Sampling(layers.Layer):
    def call(self, inputs):
        mean, log_var = inputs
        noise = tf.keras.backend.random_normal(shape=(tf.shape(mean)[0], tf.shape(mean)[1]))
        return mean + tf.exp(0.5 * log_var) * noise

inputs = keras.Input(shape=(8, 8, 1))
x = layers.Flatten()(inputs)
mean, log_var = layers.Dense(2)(x), layers.Dense(2)(x)
encoder = keras.Model(inputs, [mean, log_var, Sampling()([mean, log_var])])
latent = keras.Input(shape=(2,))
decoder = keras.Model(latent, layers.Reshape((8, 8, 1))(layers.Dense(64)(latent)))

class VAE(keras.Model):
    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder, self.decoder = encoder, decoder

    def call(self, x):
        return self.decoder(self.encoder(x)[2])

vae = VAE(encoder, decoder)
vae.compile(optimizer="adam")
"""


def test_an_autoencoder_takes_the_input_of_its_encoder():
    parsed = parse(KERAS)
    assert parsed.network == "vae"
    assert parsed.input_shape == (1, 8, 8)
    assert sum(p.numel() for p in parsed.module.parameters()) == 2 * 130 + 192


def test_einops_itself_agrees():
    x = torch.randn(2, 3, 4)
    text = "from einops.layers.torch import Rearrange\nnn.Sequential(Rearrange('b c l -> b (c l)'), nn.Linear(12, 2))"
    assert torch.equal(parse(text, device="cpu").module[0](x), einops.rearrange(x, "b c l -> b (c l)"))
