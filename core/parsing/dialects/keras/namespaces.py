"""The modules of Keras and TensorFlow that a text may import from."""

from __future__ import annotations

from typing import Any

from core.parsing.dialects.keras.applications import APPLICATIONS, BUILT, IMAGENET_UTILS
from core.parsing.dialects.keras.builders import unknown_keras
from core.parsing.dialects.keras.conv_utils import CONV_UTILS, HELPERS
from core.parsing.dialects.keras.data_format import DATA_FORMAT
from core.parsing.dialects.keras.datasets import DATA, DATASETS, PREPARING, UTILS
from core.parsing.dialects.keras.first_tensorflow import (
    BACKEND_WINDOWS,
    GRAPH,
    LAYER_FUNCTIONS,
    OPS_WINDOWS,
    WINDOWS,
    filled,
    reshaped,
)
from core.parsing.dialects.keras.functional import MERGE, input_layer
from core.parsing.dialects.keras.input_symbols import symbol_of
from core.parsing.dialects.keras.layer_kinds import addons
from core.parsing.dialects.keras.layer_kinds.merges import MERGE_FUNCTIONS, MERGES
from core.parsing.dialects.keras.layer_kinds.multihead import ATTENTIONS
from core.parsing.dialects.keras.layer_kinds.rnn_cells import CELLS, RUNNERS
from core.parsing.dialects.keras.layer_kinds.texts import TEXTS
from core.parsing.dialects.keras.layer_kinds.wrappers import WRAPPERS
from core.parsing.dialects.keras.layer_subclasses import WRAPPER, layer_type
from core.parsing.dialects.keras.layers import ACTIVATIONS, KERAS
from core.parsing.dialects.keras.losses import LOSSES, METRICS
from core.parsing.dialects.keras.shaped_data import ShapedData, data_of_list
from core.parsing.dialects.keras.slim import CONTRIB_LAYERS, FRAMEWORK, SLIM
from core.parsing.dialects.keras.subclasses import LAYER, MODEL, SEQUENTIAL, variable
from core.parsing.dialects.keras.symbols import KerasTensor, snake
from core.parsing.dialects.keras.tensor_functions.array_functions import ARRAYS, BACKEND_ARRAYS, OPS_ARRAYS, PICTURES
from core.parsing.dialects.keras.tensor_functions.as_layers import BACKEND_NUMERIC
from core.parsing.dialects.keras.tensor_functions.choosing import CHOOSING, LINALG
from core.parsing.dialects.keras.tensor_functions.crops import CROPS
from core.parsing.dialects.keras.tensor_functions.functions import FUNCTIONS, SHORT_REDUCTIONS
from core.parsing.dialects.keras.tensor_functions.image_functions import BLOCKS, RESIZE
from core.parsing.dialects.keras.tensor_functions.numeric import CHECKS, LINALG_NUMERIC, NUMERIC
from core.parsing.dialects.keras.tensor_functions.numpy_names import LINALG_NAMES, NUMPY_NAMES
from core.parsing.dialects.keras.tensor_functions.positions import PATCHES
from core.parsing.dialects.keras.tensor_functions.samples import KERAS_RANDOM, OLD_RANDOM, RANDOM, SAMPLED, sample
from core.parsing.dialects.keras.tensor_functions.tables import LINALG_TABLES, OLD_TABLES, TABLES
from core.parsing.dialects.keras.tensor_shapes import TENSOR_SHAPE
from core.parsing.dialects.keras.unbuilt import KerasBase
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Function, Namespace, Type, Unknown


def _constant(call: BuiltinCall, value: Any = 0, *args: Any, **kwargs: Any) -> Any:
    """`tf.constant(values)`: a number, or data of the shape of a list; or as many values as `shape` says."""
    shape = kwargs.get("shape", args[1] if len(args) > 1 else None)
    if shape is not None:
        return filled(call, shape, value)
    return data_of_list(call.evaluator.resolve_all(value, call.node), call.evaluator.run.device) or value


def _reshape(call: BuiltinCall, x: Any, shape: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`tf.reshape(x, shape)`, of an output or of data."""
    if isinstance(x, Unknown):
        return reshaped(call, x, kwargs.get("shape", shape))
    if isinstance(x, ShapedData):
        return ShapedData(tuple(call.evaluator.resolve_all(list(call.iterate(shape)), call.node)), x.like)
    return call.call(FUNCTIONS["reshape"], x, shape, *args, **kwargs)


def _initializer(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
    """`tf.random_normal_initializer()`, `initializers.get("zeros")`: a function that makes values of a shape."""
    given = args[0] if args else None
    if isinstance(given, (Builtin, Function)):
        return given
    return Builtin(given if isinstance(given, str) else "normal", sample, needs_call=True)


def _activation(call: BuiltinCall, identifier: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`keras.activations.get("relu")`: the function; None is the one that changes nothing."""
    if identifier is None or isinstance(identifier, str):
        found = ACTIVATION_FUNCTIONS.get(identifier or "linear")
        if found is None:
            raise call.fail(f"{str(identifier)[:40]!r} is no activation that is known here.")
        return found
    return identifier


def _shape(call: BuiltinCall, x: Any) -> tuple[Any, ...]:
    """`tf.shape(x)`: None for the batch, which nobody knows yet."""
    call.evaluator.batch_of = symbol_of(call, x)
    return symbol_of(call, x).keras_shape()


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """compile, fit, summary: what changes no network."""


_INITIALIZERS = (
    "random_normal_initializer random_uniform_initializer zeros_initializer ones_initializer constant_initializer"
)
_CLASSES = (
    "RandomNormal RandomUniform TruncatedNormal GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform "
    "Orthogonal VarianceScaling Zeros Ones Constant Identity"
)
_MORE = (
    "softmax celu glu hard_shrink hard_swish hard_tanh log_sigmoid soft_shrink sparse_plus sparse_sigmoid squareplus "
    "tanh_shrink exponential sparsemax threshold"
)
INITIALIZERS = {
    name: Builtin(name, _initializer, needs_call=True)
    for name in ("get", *_CLASSES.split(), *map(snake, _CLASSES.split()))
}
INPUT = Builtin("Input", input_layer, needs_call=True)
KINDS = (*KERAS, *MERGES, *WRAPPERS, *ATTENTIONS, *TEXTS, "Lambda")
LAYERS: dict[str, Any] = {
    **{kind: layer_type(kind) for kind in KINDS},
    "Wrapper": WRAPPER,
    **MERGE_FUNCTIONS,
    "Input": INPUT,
    "InputLayer": Type("InputLayer", (KerasTensor,), input_layer),
    **dict.fromkeys(("Layer", "AbstractRNNCell"), LAYER),
    "Merge": MERGE,
}
_BY_NAME = {**NUMERIC, **FUNCTIONS}
ACTIVATION_FUNCTIONS = {name: _BY_NAME[name] for name in (*ACTIVATIONS, *_MORE.split()) if name in _BY_NAME}
BACKEND = Namespace(
    "keras.backend",
    {
        **NUMERIC,
        **BACKEND_NUMERIC,
        **FUNCTIONS,
        **CHOOSING,
        **SHORT_REDUCTIONS,
        **BACKEND_WINDOWS,
        **ARRAYS,
        **BACKEND_ARRAYS,
        "int_shape": Builtin("int_shape", lambda call, x: symbol_of(call, x).keras_shape(), needs_call=True),
        **DATA_FORMAT,
        "normalize_data_format": HELPERS["normalize_data_format"],
        "variable": Builtin("variable", variable, needs_call=True),
        "constant": Builtin("constant", _constant, needs_call=True),
        "clear_session": Builtin("clear_session", _nothing, needs_call=True),
        "concatenate": FUNCTIONS["concat"],
        "shape": Builtin("shape", _shape, needs_call=True),
        **OLD_RANDOM,
        **SAMPLED,
        **TABLES,
    },
)
IMAGE = {**RESIZE, **PICTURES, **CROPS, "extract_patches": PATCHES}
OPS = Namespace(
    "keras.ops",
    {
        **BACKEND.members,
        **OPS_WINDOWS,
        **OPS_ARRAYS,
        **NUMPY_NAMES,
        **BLOCKS,
        "image": Namespace("keras.ops.image", IMAGE),
        **ACTIVATION_FUNCTIONS,
    },
)
OPS.members = {**OPS.members, **dict.fromkeys(("nn", "numpy"), OPS), "linalg": OPS}
LAYERS_SPACE = Namespace("keras.layers", LAYERS, unknown_keras)
_PARTS = "convolutional core pooling normalization advanced_activations recurrent embeddings noise local wrappers"
LAYERS_SPACE.members = {
    **LAYERS,
    **dict.fromkeys(_PARTS.split(), LAYERS_SPACE),
    "merge": Namespace("keras.layers.merge", LAYERS, unknown_keras, MERGE),
    "experimental": Namespace("keras.layers.experimental", {**LAYERS, "preprocessing": LAYERS_SPACE}, unknown_keras),
}
MODELS = Namespace("keras.models", {"Sequential": SEQUENTIAL, "Model": MODEL, "Input": INPUT})
KERAS_SPACE = Namespace(
    "keras",
    {
        **LAYERS,  # `from keras import Dense`
        "layers": LAYERS_SPACE,
        "models": MODELS,
        "Sequential": SEQUENTIAL,
        "Model": MODEL,
        "Input": INPUT,
        "backend": BACKEND,
        "ops": OPS,
        "activations": Namespace(
            "keras.activations", {**ACTIVATION_FUNCTIONS, "get": Builtin("get", _activation, needs_call=True)}
        ),
        "applications": APPLICATIONS,
        "engine": Namespace("keras.engine", {"Layer": LAYER, "Model": MODEL, "Input": INPUT}),
        "losses": Namespace("keras.losses", LOSSES),
        "metrics": Namespace("keras.metrics", METRICS),
        **{name: Namespace(f"keras.{name}", {}) for name in ["optimizers", "callbacks"]},
        "utils": Namespace(
            "keras.utils", {**UTILS, "np_utils": Namespace("keras.utils.np_utils", UTILS), "conv_utils": CONV_UTILS}
        ),
        "datasets": DATASETS,
        "random": Namespace("keras.random", KERAS_RANDOM),
        "config": Namespace("keras.config", {name: BACKEND.members[name] for name in ("epsilon", "floatx")}),
        **{name: Namespace(f"keras.{name}", {}) for name in ["regularizers", "constraints"]},
        "initializers": Namespace("keras.initializers", INITIALIZERS),
        "preprocessing": Namespace(
            "keras.preprocessing", {"sequence": Namespace("keras.preprocessing.sequence", PREPARING)}
        ),
    },
)
TENSORFLOW = Namespace(
    "tensorflow",
    {
        "keras": KERAS_SPACE,
        "data": DATA,
        "nn": Namespace(
            "tf.nn",
            {
                **NUMERIC,
                **FUNCTIONS,
                **ARRAYS,
                **BLOCKS,
                **WINDOWS,
                **RUNNERS,
                "rnn_cell": Namespace("tf.nn.rnn_cell", CELLS),
            },
        ),
        "contrib": Namespace(
            "tf.contrib",
            {
                "slim": SLIM,
                "layers": CONTRIB_LAYERS,
                "framework": Namespace("tf.contrib.framework", FRAMEWORK),
                "rnn": Namespace("tf.contrib.rnn", {**CELLS, **RUNNERS}),
            },
        ),
        "math": Namespace("tf.math", {**NUMERIC, **FUNCTIONS, **CHOOSING}),
        "image": Namespace("tf.image", IMAGE),
        "random": Namespace("tf.random", RANDOM),
        **OLD_RANDOM,
        "layers": Namespace("tf.layers", {**LAYERS, **LAYER_FUNCTIONS}, unknown_keras),
        **NUMERIC,
        **ARRAYS,
        **GRAPH,
        **FUNCTIONS,
        **CHOOSING,
        "linalg": Namespace("tf.linalg", {**LINALG.members, **LINALG_NUMERIC, **LINALG_TABLES, **LINALG_NAMES}),
        "debugging": Namespace("tf.debugging", CHECKS),
        **BLOCKS,
        **SAMPLED,
        **OLD_TABLES,
        "shape": Builtin("shape", _shape, needs_call=True),
        "reshape": Builtin("reshape", _reshape, needs_call=True),
        **{name: Builtin(name, _constant, needs_call=True) for name in ("constant", "convert_to_tensor")},
        "Module": Type("Module", (KerasBase,), None),
        **{
            kind: kind
            for kind in [
                "float16",
                "float32",
                "float64",
                "bfloat16",
                "int8",
                "uint8",
                "int32",
                "int64",
                "bool",
                "string",
            ]
        },
        "newaxis": None,
        "TensorShape": TENSOR_SHAPE,
        "function": Builtin("function", lambda f: f),
        "Variable": Builtin("Variable", variable, needs_call=True),
        **{name: Builtin(name, _initializer, needs_call=True) for name in _INITIALIZERS.split()},
    },
)
KERAS_SPACE.members = {
    **KERAS_SPACE.members,
    "src": Namespace(
        "keras.src",
        {
            **KERAS_SPACE.members,
            "models": Namespace("keras.models", {"Sequential": SEQUENTIAL, "Model": MODEL, "Functional": MODEL}),
            "applications": Namespace("applications", {**APPLICATIONS.members, "imagenet_utils": IMAGENET_UTILS}),
        },
    ),
}
KERAS_SPACE.members = {
    **KERAS_SPACE.members,
    "api": Namespace("keras.api", {"_v2": Namespace("v2", {"keras": KERAS_SPACE})}),
}
TENSORFLOW.members = {**TENSORFLOW.members, "python": Namespace("tensorflow.python", {"keras": KERAS_SPACE}),
                      "compat": Namespace("compat", {"v1": TENSORFLOW, "v2": TENSORFLOW})}  # fmt: skip
ROOTS: dict[str, Any] = {
    "keras": KERAS_SPACE,
    "tensorflow": TENSORFLOW,
    **dict.fromkeys(("tf_keras", "keras_core"), KERAS_SPACE),
    "keras_applications": Namespace("applications", {**APPLICATIONS.members, "imagenet_utils": IMAGENET_UTILS}),
    "tf_slim": SLIM,
    **addons.ROOTS,
}
_BARE = "relu relu6 sigmoid tanh softmax elu selu gelu silu swish softplus softsign leaky_relu"
NAMES: dict[str, Any] = {
    **{name: FUNCTIONS[name] for name in _BARE.split()},
    **LAYERS,
    "layers": LAYERS_SPACE,
    "models": MODELS,
    "keras": KERAS_SPACE,
    "tf": TENSORFLOW,
    "tensorflow": TENSORFLOW,
    **dict.fromkeys(("K", "backend"), BACKEND),
    "tfa": addons.TFA,
    "slim": SLIM,
    "Sequential": SEQUENTIAL,
    "Model": MODEL,
    "Input": INPUT,
    **BUILT,
}
