"""Parts of PyTorch and torchvision beside layers: distributions, quantization, crops, `torch.hub`, word vectors."""

from __future__ import annotations

import ast
from typing import Any

import torch
from torch import Tensor, nn

from core.models import MODELS
from core.parsing.dialects.pytorch.functions import checked_size
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.dialects.pytorch.preludes.audio import SOURCE as AUDIO_SOURCE
from core.parsing.dialects.pytorch.preludes.distributions import SOURCE as DISTRIBUTION_SOURCE
from core.parsing.dialects.pytorch.preludes.helpers import SOURCE
from core.parsing.dialects.pytorch.preludes.timm import SOURCE as TIMM_SOURCE
from core.parsing.dialects.pytorch.preludes.timm_gates import ALIASES as TIMM_ALIASES
from core.parsing.dialects.pytorch.preludes.timm_gates import SOURCE as GATES_SOURCE
from core.parsing.dialects.pytorch.presets import parted
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, FromPrelude, Namespace, StoredValue, Unknown


def _defined(source: str) -> dict[str, FromPrelude]:
    definitions = [one for one in ast.parse(source).body if isinstance(one, (ast.ClassDef, ast.FunctionDef))]
    return {one.name: FromPrelude(one.name) for one in definitions}


HELPERS = _defined(SOURCE)


def _some(names: str) -> dict[str, Any]:
    return {name: HELPERS[name] for name in names.split()}


_DISTRIBUTIONS = _defined(DISTRIBUTION_SOURCE)
_TRANSFORMS = dict.fromkeys(
    (f"{kind}Transform" for kind in ["Abs", "Affine", "Exp", "Power", "Sigmoid", "Softplus", "Tanh"]),
    _DISTRIBUTIONS["ElementwiseTransform"],
)
DISTRIBUTIONS = Namespace("torch.distributions", _DISTRIBUTIONS | _TRANSFORMS)
_PARTS = """
    normal uniform beta multivariate_normal independent bernoulli categorical kl one_hot_categorical distribution
    laplace gumbel log_normal cauchy gamma dirichlet exponential poisson studentT relaxed_bernoulli relaxed_categorical
    mixture_same_family transformed_distribution transforms
"""
DISTRIBUTIONS.members = {**DISTRIBUTIONS.members, **dict.fromkeys(_PARTS.split(), DISTRIBUTIONS)}
QUANTIZED = Namespace("nn.quantized", _some("FloatFunctional"))
_UNCHANGED = "hflip vflip rotate normalize gaussian_blur adjust_brightness adjust_contrast adjust_saturation adjust_hue"
_IMAGE = {**_some("center_crop crop resize"), **dict.fromkeys(_UNCHANGED.split(), HELPERS["unchanged_image"])}
IMAGE_FUNCTIONS = Namespace("torchvision.transforms.functional", _IMAGE)
TRANSFORMS = Namespace("torchvision.transforms", {**_some("CenterCrop Resize"), "functional": IMAGE_FUNCTIONS})


_AUDIO, TIMM = _defined(AUDIO_SOURCE), _defined(TIMM_SOURCE)
TIMM_GATES = _defined(GATES_SOURCE)
TIMM_GATES |= {name: TIMM_GATES[other] for name, other in TIMM_ALIASES.items()}
AUDIO = Namespace("torchaudio", {"transforms": Namespace("torchaudio.transforms", _AUDIO)})


def _hub(call: BuiltinCall, repository: Any = "", model: Any = "", *args: Any, **kwargs: Any) -> Any:
    """`torch.hub.load("pytorch/vision", "resnet18")`: one of torchvision's networks."""
    kwargs = {name: value for name, value in kwargs.items() if name not in ("force_reload", "verbose", "trust_repo")}
    if str(repository).startswith("pytorch/vision") and model in MODELS:
        return parted(call, model, kwargs)
    line = getattr(call.node, "lineno", 1)
    return Unknown(f"the network {str(model)[:40]!r} of torch.hub is not one of the presets here", line)


def _stored(call: BuiltinCall, *args: Any, **kwargs: Any) -> StoredValue:
    """`torch.load` and its kind: weights, settings or a whole network, of which nothing is known."""
    return StoredValue(f"what {call.name} reads is in a file, and not in this text", getattr(call.node, "lineno", 1))


_LOADERS = {"load": "torch.load", "load_url": "load_url", "load_state_dict_from_url": "load_state_dict_from_url"}
STORED = {name: Builtin(said, _stored, needs_call=True) for name, said in _LOADERS.items()}
HUB = Namespace("torch.hub", {**STORED, "load": Builtin("load", _hub, needs_call=True)})
MODEL_ZOO = Namespace("model_zoo", {"load_url": STORED["load_url"]})


def _from_pretrained(call: BuiltinCall, embeddings: Any, freeze: Any = True, *args: Any, **kwargs: Any) -> nn.Module:
    """`nn.Embedding.from_pretrained(vectors)`: as many words and features as the vectors have, or usual numbers."""
    if isinstance(embeddings, Tensor):
        sizes: tuple[Any, ...] = tuple(embeddings.shape)
    else:
        line = getattr(call.node, "lineno", 1)
        what = getattr(embeddings, "what", "the size of these vectors is not known")
        open_ones = [Unknown(what, line, name, path=name) for name in ("vocab_size", "embedding_dim")]
        sizes = tuple(call.evaluator.resolve(one, call.node) for one in open_ones)
    if len(sizes) != 2:
        raise call.fail("it takes a matrix: a row for each word.")
    settings = {name: value for name, value in kwargs.items() if name == "padding_idx" and value is not None}
    made = constructed(BuiltinCall(call.evaluator, call.node, "Embedding"), nn.Embedding, sizes, settings)
    return made.requires_grad_(not call.evaluator.is_true(freeze, call.node))


EMBEDDING_MEMBERS = {"from_pretrained": Builtin("from_pretrained", _from_pretrained, needs_call=True)}


def _causal_mask(call: BuiltinCall, *args: Any, **kwargs: Any) -> Tensor:
    """`nn.Transformer.generate_square_subsequent_mask(steps)`, of the class or of a layer."""
    given = [one for one in (*args, kwargs.get("sz")) if one is not None and not isinstance(one, nn.Module)]
    steps = call.evaluator.resolve(given[0], call.node)
    checked_size(call, float(steps) ** 2)
    return torch.full((steps, steps), float("-inf"), device=call.evaluator.run.device).triu(1)


CAUSAL_MASK = Builtin("generate_square_subsequent_mask", _causal_mask, needs_call=True)


def bare_module(call: BuiltinCall) -> nn.Module:
    """`nn.Module()`, which holds parts of another network; it is none itself."""
    if not call.evaluator.budget.depth:
        raise call.fail("it computes nothing: write a class that inherits from it.")
    return nn.Module()
