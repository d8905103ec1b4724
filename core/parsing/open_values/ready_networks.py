"""The network of torchvision that an argument stands for: by what is read of it, and by how many values it must give.

Each is an expression of the text's language, so that the printed lines build it.
"""

from __future__ import annotations

import ast
import re

from core.parsing.clean.syntax import all_nodes
from core.parsing.open_values.argument_usage import kept_in
from core.parsing.open_values.listed_numbers import place_of

BODY = re.compile(
    r"(\w+_)?(backbone|base_?model|base_?encoder|feature_?extractor|encoder|cnn|resnet|pretrained)(_model)?"
)
WHOLE = re.compile(r"(\w+_)?(model|net|network|base)")  # a network that is taken to pieces
OF_ANY = {"children", "named_children", "modules", "named_modules", "parameters", "named_parameters"}
OF_RESNET = {"conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc"}
OF_VGG = {"features", "avgpool", "classifier"}
LAYER = re.compile(
    r"(\w+_)?(layer|linear|lin|conv(_?\dd)?|fc|dense|module|proj(ection)?|emb(edding)?|orig(inal)?|base)(_(layer|module))?|m"
)
OF_LAYER = {"weight", "bias", "stride", "padding", "dilation", "groups", *OF_ANY, "requires_grad_", "to", "state_dict"}
LAYERS = (
    ({"in_features", "out_features"}, "nn.Linear(64, 64)"),
    ({"in_channels", "out_channels", "kernel_size"}, "nn.Conv2d(64, 64, 3, padding=1)"),
    ({"embedding_dim", "num_embeddings"}, "nn.Embedding(1000, 64)"),
)
RESNETS = {"resnet18": 512, "resnet50": 2048}
POOLED = 49  # values of each channel, 7 rows of 7, before the last pool
CLASSES = 1000


def ready_network(name: str, function: ast.AST) -> str:
    """A network of torchvision for an argument of a function, "" where none is meant for sure.

    >>> made = "self.body = nn.Sequential(*list(model.children())[:-1]); self.fc = nn.Linear(2048, 2)"
    >>> ready_network("model", ast.parse(made))
    'torchvision.models.resnet50()'
    """
    if not (BODY.fullmatch(name.lower()) or WHOLE.fullmatch(name.lower())):
        return ""
    nodes = list(all_nodes(function))
    read = _read_of(name, nodes)
    widths = {size for part in nodes if (size := _number(part))}
    if read:
        return _taken_to_pieces(read, widths)
    return _called(widths) if BODY.fullmatch(name.lower()) else ""


def ready_layer(name: str, function: ast.AST) -> str:
    """A layer of PyTorch for an argument of which sizes are read that only such a layer has, "" for others.

    >>> ready_layer("linear", ast.parse("self.low = Low(linear.in_features, linear.out_features)"))
    'nn.Linear(64, 64)'
    """
    read = _read_of(name, list(all_nodes(function))) if LAYER.fullmatch(name.lower()) else set()
    return next((layer for sizes, layer in LAYERS if read & sizes and read <= sizes | OF_LAYER), "")


def _read_of(name: str, nodes: list[ast.AST]) -> set[str]:
    """The attributes that are read of an argument, also where it is kept."""
    places = {name, *(place for part in nodes for place in kept_in(name, part))}
    return {part.attr for part in nodes if isinstance(part, ast.Attribute) and place_of(part.value) in places}


def wide_resnet(widths: set[int]) -> str:
    """The ResNet that gives so many values."""
    is_wide = any(RESNETS["resnet50"] * cells in widths for cells in (1, POOLED))
    return "resnet50" if is_wide else "resnet18"


def _taken_to_pieces(read: set[str], widths: set[int]) -> str:
    """A network that has the parts which are read of it."""
    if read <= OF_RESNET | OF_ANY:
        return f"torchvision.models.{wide_resnet(widths)}()"
    return "torchvision.models.vgg16()" if read <= OF_VGG | OF_ANY else ""


def _called(widths: set[int]) -> str:
    """A network without its last layers, where what stands behind it takes what these get."""
    kind = wide_resnet(widths)
    whole, width = f"torchvision.models.{kind}()", RESNETS[kind]
    if width * POOLED in widths:
        return f"nn.Sequential(*list({whole}.children())[:-2])"
    return whole


def _number(part: ast.AST) -> int:
    """A whole number that is written out, or a product of such, 0 for anything else."""
    match part:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return value
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _number(left) * _number(right)
    return 0
