"""The frameworks whose texts are evaluated: their words, and how to tell which one a text is written in."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.parsing.clean.per_node import OncePerNode
from core.parsing.clean.syntax import all_nodes
from core.parsing.dialects import progress, scikit
from core.parsing.dialects.aliases import aliases
from core.parsing.dialects.keras import builders as keras_layers
from core.parsing.dialects.keras import namespaces as keras
from core.parsing.dialects.keras.layer_kinds.merges import MERGES
from core.parsing.dialects.keras.layer_kinds.wrappers import WRAPPERS
from core.parsing.dialects.keras.layers import KERAS
from core.parsing.dialects.paddle import namespaces as paddle
from core.parsing.dialects.paddle.array_functions import METHODS as PADDLE_TENSOR
from core.parsing.dialects.paddle.layer_methods import ALIASES as PADDLE_ALIASES
from core.parsing.dialects.paddle.layer_methods import METHODS as PADDLE_METHODS
from core.parsing.dialects.paddle.layers import PADDLE
from core.parsing.dialects.paddle.weight_axes import FREEZING, as_seen, as_stored
from core.parsing.dialects.pytorch import layers as pytorch_layers
from core.parsing.dialects.pytorch import namespaces as pytorch
from core.parsing.dialects.pytorch.layers import LEAVES
from core.parsing.dialects.pytorch.preludes import fastai
from core.parsing.dialects.pytorch.tensors import TENSOR
from core.parsing.evaluation.values import Namespace

KERAS_PACKAGES = {"keras", "tf_keras", "keras_core", "keras_applications"}
KERAS_ROOTS = {*KERAS_PACKAGES, "tf", "tensorflow", "layers", "models", "slim", "tf_slim"}
KERAS_ONLY = {"Input", "InputLayer", "add", *(kind for kind in (*KERAS, *WRAPPERS) if kind not in LEAVES)}
KERAS_WORDS = {"input_shape", "input_dim", "output_dim", "input_length", "return_sequences", "batch_input_shape"}
PADDLE_ROOTS = {"paddle", "fluid", "parl"}
PADDLE_ONLY = {kind for kind in PADDLE if kind not in pytorch_layers.LAYERS}
TORCH_ONLY = {kind for kind in LEAVES if kind not in (*KERAS, *PADDLE)}
FOREIGN = {
    "mxnet": "MXNet", "gluon": "MXNet", "flax": "Flax", "jax": "JAX", "haiku": "Haiku", "chainer": "Chainer",
    "caffe": "Caffe",
    "theano": "Theano", "lasagne": "Lasagne", "mindspore": "MindSpore", "tinygrad": "tinygrad", "equinox": "Equinox",
    "fastai": "fastai", "tflearn": "TFLearn", "oneflow": "OneFlow", "megengine": "MegEngine",
}  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """The words of one framework: names that stand without an import, and methods of tensors before PyTorch's."""

    name: str
    names: Mapping[str, Any]
    sentence: Callable[[str], str]
    layers: tuple[str, ...]
    tensor_methods: tuple[Mapping[str, Any], ...] = (TENSOR,)
    relatives: tuple[str, ...] = ()  # packages in which `from .name import` may stand
    layer_methods: Mapping[str, Any] = field(default_factory=dict)  # besides PyTorch's
    layer_aliases: Mapping[str, str] = field(default_factory=dict)  # names of a layer's settings -> PyTorch's
    weights: tuple[
        Callable[..., Any], ...
    ] = ()  # how a text sees weights whose axes are others, and how they are stored
    freezing: Mapping[str, bool] = field(default_factory=dict)  # attributes of a weight -> what freezes it
    input_line: str = "keras.Input((height, width, channels)) as the first layer"  # what states the shape of an input


ROOTS: dict[str, Any] = {**pytorch.ROOTS, **keras.ROOTS, **paddle.ROOTS, **scikit.ROOTS, **progress.ROOTS}
COMMON = {name: value for name, value in pytorch.NAMES.items() if name not in pytorch_layers.LAYERS}
KERAS_SPACES = {name: value for name, value in keras.NAMES.items() if isinstance(value, Namespace)}
PYTORCH = Dialect(
    "pytorch",
    {**KERAS_SPACES, **pytorch.NAMES},
    pytorch_layers.unknown_layer,
    (*LEAVES, "Sequential", "ModuleList"),
    relatives=pytorch.RELATIVES,
)
KERAS_DIALECT = Dialect(
    "keras", {**COMMON, **keras.NAMES}, keras_layers.unknown_keras, (*KERAS, *MERGES, *WRAPPERS, "Sequential")
)
PADDLE_DIALECT = Dialect(
    "paddle",
    {**COMMON, **paddle.NAMES},
    paddle.unknown_paddle,
    (*PADDLE, "Sequential"),
    (PADDLE_TENSOR, TENSOR),
    ("paddle.vision", "paddle.vision.models"),
    PADDLE_METHODS,
    PADDLE_ALIASES,
    (as_seen, as_stored),
    FREEZING,
    'x = paddle.static.data("x", [None, channels, height, width])',
)


def names_of(dialect: Dialect, tree: ast.Module) -> Mapping[str, Any]:
    """The words of a dialect, and short names of its modules that a text uses without their import."""
    if dialect is PADDLE_DIALECT and "fluid" in mentioned(tree)[0] and "nn" not in mentioned(tree)[0]:
        return {**dialect.names, **paddle.OF_FLUID}
    spaces = {
        "keras": (keras.LAYERS_SPACE, keras.MODELS, keras.KERAS_SPACE),
        "pytorch": (pytorch.NN, pytorch.FUNCTIONAL, pytorch.TORCH),
    }.get(dialect.name, ())
    return {**dialect.names, **aliases(tree, spaces, dialect.names)} if spaces else dialect.names


def detect(tree: ast.Module) -> Dialect:
    r"""The dialect of a text: by what it imports, else by the names that only one framework has.

    >>> detect(ast.parse("Sequential([Conv2D(8, 3), Flatten()])")).name
    'keras'
    >>> detect(ast.parse("Sequential([Embedding(1000, 8), LSTM(4, return_sequences=True)])")).name
    'keras'
    >>> detect(ast.parse("nn.Sequential(nn.Conv2D(3, 8, 3), nn.Flatten())")).name
    'paddle'
    >>> detect(ast.parse("import tensorflow.nn as nn; nn.relu(layers.Conv2D(3, 8)(x))")).name
    'keras'
    >>> detect(ast.parse("import torch, paddle.nn as nn\nclass Net(nn.Layer): pass")).name
    'paddle'
    """
    roots, names, words = mentioned(tree)
    if roots & PADDLE_ROOTS and ("torch" not in roots or _only_compares_with_torch(names)):
        return PADDLE_DIALECT
    if "torch" in roots:
        return PYTORCH
    kinds = {name.rpartition(".")[2] for name in names}
    is_of_tensorflow = roots & {"tensorflow", *KERAS_PACKAGES} and not kinds & TORCH_ONLY
    if any(name.startswith("nn.") for name in names) and ("nn.Module" in names or not is_of_tensorflow):
        is_paddle = "nn.Layer" in names or (kinds & PADDLE_ONLY and not kinds & TORCH_ONLY)
        return PADDLE_DIALECT if is_paddle else PYTORCH
    is_keras = roots & KERAS_ROOTS or len(kinds & KERAS_ONLY) + len(words & KERAS_WORDS) > len(kinds & TORCH_ONLY)
    if is_keras:
        return KERAS_DIALECT
    return PYTORCH


def _only_compares_with_torch(names: set[str]) -> bool:
    """Whether classes are layers of Paddle and none is one of PyTorch, from which the text takes weights or results."""
    kinds = {name.rpartition(".")[2] for name in names}
    return "Layer" in kinds and "Module" not in kinds


MXNET_BASES = {
    "nn.Block",
    "nn.HybridBlock",
    "gluon.Block",
    "gluon.nn.Block",
    "gluon.nn.HybridBlock",
    "nn.HybridSequential",
}


def foreign(tree: ast.Module) -> str:
    """The framework that a text imports and that is not read here, "" if there is none.

    >>> foreign(ast.parse("from flax import linen as nn"))
    'Flax'
    >>> foreign(ast.parse("from fastai.vision.all import *; learn = vision_learner(dls, resnet34)"))
    'fastai'
    """
    roots, names, _ = mentioned(tree)
    if any(name.startswith("nn.") or name in fastai.LAYERS for name in names):
        roots = roots - {"fastai"}  # a network that the text puts together itself
    if names & MXNET_BASES and "mxnet" not in roots:  # as books print it, without the imports
        return FOREIGN["mxnet"]
    if roots & {"torch", "keras", "tensorflow", "paddle"}:
        return ""
    return next((title for root, title in FOREIGN.items() if root in roots), "")


@OncePerNode  # both questions above are asked of each tree
def mentioned(tree: ast.Module) -> tuple[set[str], set[str], set[str]]:
    """First parts of imports and dotted names; all names that are called or inherited from; arguments by name."""
    roots: set[str] = set()
    names: set[str] = set()
    words: set[str] = set()
    for node in all_nodes(tree):
        match node:
            case ast.Import():
                roots |= {alias.name.split(".")[0] for alias in node.names}
            case ast.ImportFrom(module=str() as module):
                roots.add(module.split(".")[0])
            case ast.Call() if name := dotted(node.func):
                names.add(name)
                roots.add(name.split(".")[0])
            case ast.ClassDef():
                names |= {dotted(base) for base in node.bases} - {""}
            case ast.keyword(arg=str() as word):
                words.add(word)
    return roots, names, words


def dotted(node: ast.expr) -> str:
    """`torch.nn.ReLU` as text; empty for anything but names joined by dots."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
