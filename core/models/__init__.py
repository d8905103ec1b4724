"""Named networks, small and readable, with their published counts.

>>> MODELS["vgg16"].params
138357544
>>> MODELS["vgg16"].on_meta()[0]
Conv2d(3, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
"""

from __future__ import annotations

from functools import partial

from core.models.architecture import Architecture
from core.models.branching.densenet import densenet
from core.models.branching.googlenet import googlenet
from core.models.branching.resnet import resnet
from core.models.branching.squeezenet import squeezenet
from core.models.decoders.dcgan import dcgan_generator
from core.models.decoders.unet import unet
from core.models.efficient.convnext import convnext_tiny
from core.models.efficient.efficientnet_lite import EfficientNetLite0
from core.models.efficient.mobilenet import mobilenet_v2
from core.models.plain.alexnet import alexnet
from core.models.plain.cats_and_dogs import cats_and_dogs
from core.models.plain.lenet import lenet5
from core.models.plain.nin import nin
from core.models.plain.vgg import vgg


def _vgg(layers: int, params: int, gmacs: float, batch_norm: bool = False) -> Architecture:
    title, teaches = {
        False: ("", "Two 3×3 layers see as much as one 5×5 with fewer weights; most parameters: first linear layer."),
        True: (
            " with batch norm",
            "Batch normalization adds a few thousand parameters, no multiply-adds, and lets a deep chain train.",
        ),
    }[batch_norm]
    build, paper = partial(vgg, layers, batch_norm), "Simonyan & Zisserman 2015, arXiv:1409.1556"
    return Architecture(f"VGG-{layers}{title}", build, paper, teaches, params, gmacs)


def _resnet(layers: int, params: int, gmacs: float) -> Architecture:
    teaches = {
        18: "Adding the input to a block's output lets the gradient through to the first layer.",
        34: "Twice the depth of ResNet-18 from the same block, and it still trains.",
        50: "A 1×1 convolution narrows, the 3×3 works on less, a 1×1 widens again: depth becomes cheap.",
        101: "All of the added depth goes where maps are 14×14: small enough to be cheap, large enough for detail.",
    }[layers]
    build, paper = partial(resnet, layers), "He et al. 2016, arXiv:1512.03385"
    return Architecture(f"ResNet-{layers}", build, paper, teaches, params, gmacs)


def _squeezenet(version: str, params: int, gmacs: float) -> Architecture:
    teaches = {
        "1.0": "Squeeze the channels before every 3×3: AlexNet's accuracy with a fiftieth of its parameters.",
        "1.1": "Shrinking the maps earlier saves more than half of the multiply-adds, at the same parameters.",
    }[version]
    build, paper = partial(squeezenet, version), "Iandola et al. 2016, arXiv:1602.07360"
    return Architecture(f"SqueezeNet {version}", build, paper, teaches, params, gmacs)


MODELS: dict[str, Architecture] = {
    "lenet5": Architecture(
        title="LeNet-5",
        build=lenet5,
        input_shape=(1, 32, 32),
        paper="LeCun et al. 1998, Proceedings of the IEEE 86(11)",
        teaches="Convolve, shrink, convolve, shrink, decide: the plan that every later network keeps.",
        params=61_706,
        counted="the layer sizes of the paper, with C3 seeing all six maps",
    ),
    "cats_and_dogs": Architecture(
        title="Cats and dogs",
        build=cats_and_dogs,
        input_shape=(3, 300, 300),
        paper="after the course's own cats-and-dogs notebook; global average pooling: Lin et al. 2014, arXiv:1312.4400",
        teaches="Global average pooling, no hidden linear layers: few parameters, any size, a class activation map.",
        params=97_569,
        counted="9 * (3*16 + 16*32 + 32*64 + 64*128) + 240 biases + 129 of the last layer",
    ),
    "alexnet": Architecture(
        title="AlexNet",
        build=alexnet,
        paper="Krizhevsky et al. 2012, NeurIPS; Krizhevsky 2014, arXiv:1404.5997",
        teaches="ReLU, dropout and overlapping pools; nearly all parameters sit in the three fully connected layers.",
        params=61_100_840,
        gmacs=0.714,
    ),
    "nin": Architecture(
        title="Network in Network",
        build=nin,
        paper="Lin et al. 2014, arXiv:1312.4400",
        teaches="A 1×1 convolution is fully connected at every position; one map per class replaces the last layers.",
        params=7_595_176,
        counted="Caffe's model zoo, NIN-Imagenet: 7.6 million, 29 MB of weights",
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
    "googlenet": Architecture(
        title="GoogLeNet",
        build=googlenet,
        paper="Szegedy et al. 2015, arXiv:1409.4842",
        teaches="Look through several kernels at once and concatenate the outputs; 1×1 first keeps that cheap.",
        params=6_624_904,
        gmacs=1.498,
    ),
    "densenet121": Architecture(
        title="DenseNet-121",
        build=densenet,
        paper="Huang et al. 2017, arXiv:1608.06993",
        teaches="Every layer reads all before it: few parameters, but the concatenations cost memory.",
        params=7_978_856,
        gmacs=2.834,
    ),
    "squeezenet1_0": _squeezenet("1.0", 1_248_424, 0.819),
    "squeezenet1_1": _squeezenet("1.1", 1_235_496, 0.349),
    "mobilenet_v2": Architecture(
        title="MobileNetV2",
        build=mobilenet_v2,
        paper="Sandler et al. 2018, arXiv:1801.04381",
        teaches="One kernel per channel and 1×1 to mix: a tenth of the multiply-adds; the memory stays.",
        params=3_504_872,
        gmacs=0.301,
    ),
    "efficientnet_lite0": Architecture(
        title="EfficientNet-Lite0",
        build=EfficientNetLite0,
        paper="Tan & Le 2019, arXiv:1905.11946; Liu 2020, EfficientNet-Lite",
        teaches="Width, depth and image size grow together; its ImageNet weights come with this playground.",
        params=4_652_008,
        counted="the published weights themselves; TensorFlow's page rounds to 4.7 million",
    ),
    "convnext_tiny": Architecture(
        title="ConvNeXt-Tiny",
        build=convnext_tiny,
        paper="Liu et al. 2022, arXiv:2201.03545",
        teaches="A transformer's habits in a convolutional net: patches, 7×7 depthwise, layer norm, GELU.",
        params=28_589_128,
        gmacs=4.456,
    ),
    "unet": Architecture(
        title="U-Net",
        build=unet,
        input_shape=(1, 572, 572),
        paper="Ronneberger et al. 2015, arXiv:1505.04597",
        teaches="The encoder says what, skip connections add where: the decoder has one output for every pixel.",
        params=31_030_658,
        counted="the layer sizes of the paper's figure 1, with biases",
    ),
    "dcgan": Architecture(
        title="DCGAN generator",
        build=dcgan_generator,
        input_shape=(100, 1, 1),
        paper="Radford et al. 2016, arXiv:1511.06434",
        teaches="Transposed convolutions run a network backwards: from one point of noise to a 64×64 image.",
        params=3_576_704,
        counted="the layer sizes of PyTorch's DCGAN tutorial (nz=100, ngf=64, nc=3)",
        resizable=False,
    ),
}
