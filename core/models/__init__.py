"""Named networks, small and readable, with their published counts.

>>> MODELS["vgg16"].params
138357544
>>> MODELS["vgg16"].on_meta()[0]
Conv2d(3, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
"""

from __future__ import annotations

from functools import partial

from core.models.architecture import Architecture
from core.models.branching.resnet import resnet
from core.models.plain.alexnet import alexnet
from core.models.plain.cats_and_dogs import cats_and_dogs
from core.models.plain.lenet import lenet5
from core.models.plain.vgg import vgg

__all__ = ["MODELS", "Architecture"]

IMAGENET = (3, 224, 224)
TORCHVISION = "torchvision's table of pre-trained weights"


def _vgg(layers: int, params: int, gmacs: float, batch_norm: bool = False) -> Architecture:
    teaches = {
        False: "Two 3x3 layers see as far as one 5x5, for less; the first dense layer holds most of the parameters.",
        True: "Batch normalization adds a few thousand parameters, no multiply-adds, and lets a deep chain train.",
    }[batch_norm]
    return Architecture(
        title=f"VGG-{layers}" + (" with batch norm" if batch_norm else ""),
        build=partial(vgg, layers, batch_norm),
        input_shape=IMAGENET,
        paper="Simonyan & Zisserman 2015, arXiv:1409.1556",
        teaches=teaches,
        params=params,
        gmacs=gmacs,
        counted=TORCHVISION,
    )


def _resnet(layers: int, params: int, gmacs: float) -> Architecture:
    teaches = {
        18: "Adding the input to a block's output lets the gradient through to the first layer.",
        34: "Twice the depth of ResNet-18 from the same block, and it still trains.",
        50: "A 1x1 convolution narrows, the 3x3 works on less, a 1x1 widens again: depth becomes cheap.",
        101: "All of the added depth goes where maps are 14x14: small enough to be cheap, large enough to see things.",
    }[layers]
    return Architecture(
        title=f"ResNet-{layers}",
        build=partial(resnet, layers),
        input_shape=IMAGENET,
        paper="He et al. 2016, arXiv:1512.03385",
        teaches=teaches,
        params=params,
        gmacs=gmacs,
        counted=TORCHVISION,
    )


MODELS: dict[str, Architecture] = {
    "lenet5": Architecture(
        title="LeNet-5",
        build=lenet5,
        input_shape=(1, 32, 32),
        paper="LeCun et al. 1998, Proceedings of the IEEE 86(11)",
        teaches="Convolve, shrink, convolve, shrink, decide: the plan that every later network keeps.",
        params=61_706,
        gmacs=None,
        counted="the layer sizes of the paper, with C3 seeing all six maps",
    ),
    "cats_and_dogs": Architecture(
        title="Cats and dogs",
        build=cats_and_dogs,
        input_shape=(3, 300, 300),
        paper="after the course's own cats-and-dogs notebook; global average pooling: Lin et al. 2014, arXiv:1312.4400",
        teaches="A global average in place of dense layers: few parameters, any picture size, a map of where it looks.",
        params=97_569,
        gmacs=None,
        counted="9 * (3*16 + 16*32 + 32*64 + 64*128) + 240 biases + 129 of the last layer",
    ),
    "alexnet": Architecture(
        title="AlexNet",
        build=alexnet,
        input_shape=IMAGENET,
        paper="Krizhevsky et al. 2012, NeurIPS; Krizhevsky 2014, arXiv:1404.5997",
        teaches="ReLU, dropout and overlapping pools; nearly all parameters sit in the three dense layers.",
        params=61_100_840,
        gmacs=0.714,
        counted=TORCHVISION,
    ),
    "vgg11": _vgg(11, 132_863_336, 7.609),
    "vgg11_bn": _vgg(11, 132_868_840, 7.609, batch_norm=True),
    "vgg13": _vgg(13, 133_047_848, 11.308),
    "vgg13_bn": _vgg(13, 133_053_736, 11.308, batch_norm=True),
    "vgg16": _vgg(16, 138_357_544, 15.470),
    "vgg16_bn": _vgg(16, 138_365_992, 15.470, batch_norm=True),
    "vgg19": _vgg(19, 143_667_240, 19.632),
    "vgg19_bn": _vgg(19, 143_678_248, 19.632, batch_norm=True),
    "resnet18": _resnet(18, 11_689_512, 1.814),
    "resnet34": _resnet(34, 21_797_672, 3.664),
    "resnet50": _resnet(50, 25_557_032, 4.089),
    "resnet101": _resnet(101, 44_549_160, 7.801),
}
