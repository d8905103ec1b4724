"""Layers of packages around Keras, tensorflow_addons and keras_contrib, under the names of those packages.

Source: tfa.layers of tensorflow_addons 0.23, keras_contrib.layers.
"""

from __future__ import annotations

from typing import Any

from core.parsing.dialects.keras.builders import layer_builder, unknown_keras
from core.parsing.dialects.keras.layers import OF_PACKAGES
from core.parsing.dialects.keras.tensor_functions.functions import FUNCTIONS
from core.parsing.dialects.keras.unbuilt import KerasLayer
from core.parsing.evaluation.values import Namespace, Type

ADDONS, CONTRIB = "tfa.", "keras_contrib."  # what the kinds of their layers begin with


def _kinds(prefix: str, *more: str) -> dict[str, Any]:
    """The layers of a package, and those of Keras that it has too."""
    own = {kind.removeprefix(prefix): kind for kind in OF_PACKAGES if kind.startswith(prefix)}
    return {name: Type(name, (KerasLayer,), layer_builder(kind)) for name, kind in ({n: n for n in more} | own).items()}


_WITHOUT_LAYERS = "optimizers losses metrics callbacks seq2seq image text rnn"
TFA = Namespace(
    "tensorflow_addons",
    {
        "layers": Namespace(
            "tfa.layers",
            _kinds(ADDONS, "GroupNormalization", "SpectralNormalization", "AdaptiveAveragePooling2D",
                   "AdaptiveMaxPooling2D"),
            unknown_keras,
        ),
        "activations": Namespace("tfa.activations", {name: FUNCTIONS[name] for name in ("gelu", "mish")}),
        **{name: Namespace(f"tfa.{name}", {}) for name in _WITHOUT_LAYERS.split()},
    },
)  # fmt: skip
_CONTRIB = _kinds(CONTRIB, "GroupNormalization")
CONTRIB_SPACE = Namespace("keras_contrib.layers", _CONTRIB, unknown_keras)
_FILES = ("instancenormalization", "groupnormalization")
NORMALIZATION = Namespace("keras_contrib.layers.normalization", {**_CONTRIB, **dict.fromkeys(_FILES, CONTRIB_SPACE)})
CONTRIB_SPACE.members = {**_CONTRIB, "normalization": NORMALIZATION}
ROOTS = {"tensorflow_addons": TFA, "keras_contrib": Namespace("keras_contrib", {"layers": CONTRIB_SPACE})}
