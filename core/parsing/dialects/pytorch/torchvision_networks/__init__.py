"""Networks of torchvision in our own words, as texts of the prelude with its names for their parts.

The evaluator reads them like a pasted text, so that a text may go through them, replace and add parts, and make others
of their classes.
"""

from __future__ import annotations

import ast

from core.parsing.dialects.pytorch.torchvision_networks import (
    convnext,
    efficient,
    inception,
    mobile,
    plain,
    residual,
    segmentation,
    vision_transformer,
)

_KINDS = (residual, plain, inception, mobile, efficient, convnext, vision_transformer, segmentation)
SOURCE = "".join(one.SOURCE for one in _KINDS)
_DEFINITIONS = ast.parse(SOURCE).body
_OTHERS = ("channel_shuffle", "conv1x1", "conv3x3", "make_layers", *segmentation.NETWORKS)
_FUNCTIONS = [node.name for node in _DEFINITIONS if isinstance(node, ast.FunctionDef)]
NAMES = tuple(name for name in _FUNCTIONS if not name.startswith("_") and name not in _OTHERS)  # of whole networks
CLASSES = {  # modules of torchvision.models -> what they define, under the names there
    "alexnet": {"AlexNet": "AlexNet"},
    "vgg": {"VGG": "VGG", "make_layers": "make_layers", "cfgs": "vgg_cfgs"},
    "squeezenet": {"SqueezeNet": "SqueezeNet", "Fire": "Fire"},
    "resnet": {name: name for name in ("ResNet", "BasicBlock", "Bottleneck", "conv1x1", "conv3x3", "_resnet")},
    "densenet": {
        "DenseNet": "DenseNet",
        "_DenseLayer": "DenseLayer",
        "_DenseBlock": "DenseBlock",
        "_Transition": "DenseTransition",
    },
    "googlenet": {
        **{name: name for name in ("GoogLeNet", "Inception", "BasicConv2d", "GoogLeNetOutputs")},
        "InceptionAux": "GoogLeNetAux",
    },
    "inception": {
        **{f"Inception{kind}": f"Inception{kind}" for kind in ("3", "A", "B", "C", "D", "E", "Aux", "Outputs")},
        "BasicConv2d": "BasicConv2d",
    },
    "mobilenetv2": {"MobileNetV2": "MobileNetV2", "InvertedResidual": "MobileBlock"},
    "mobilenet": {"MobileNetV2": "MobileNetV2", "InvertedResidual": "MobileBlock"},
    "shufflenetv2": {
        "ShuffleNetV2": "ShuffleNetV2",
        "InvertedResidual": "ShuffleUnit",
        "channel_shuffle": "channel_shuffle",
    },
    "mnasnet": {"MNASNet": "MNASNet"},
}
PUBLIC = (
    "AlexNet",
    "VGG",
    "SqueezeNet",
    "ResNet",
    "DenseNet",
    "GoogLeNet",
    "GoogLeNetOutputs",
    "Inception3",
    "InceptionOutputs",
    "MobileNetV2",
    "ShuffleNetV2",
    "MNASNet",
)  # of torchvision.models itself
TIMM = {  # networks of timm that are the same but for the names of their parts
    **{f"tf_efficientnet_b{number}": f"efficientnet_b{number}" for number in range(8)},
    "mobilenetv2_100": "mobilenet_v2",
    "mobilenetv3_large_100": "mobilenet_v3_large",
    "mobilenetv3_small_100": "mobilenet_v3_small",
}
