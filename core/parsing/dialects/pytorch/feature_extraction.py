"""`torchvision.models.feature_extraction`: what parts of a network give."""

from __future__ import annotations

from typing import Any

from torch import nn

from core.parsing.evaluation.budget import place
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.misspelt_names import LostChangeError
from core.parsing.evaluation.values import Builtin, Namespace


def _create(call: BuiltinCall, model: nn.Module, return_nodes: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`create_feature_extractor(net, {"layer2": "features"})`: the network up to the last of these parts."""
    given = return_nodes if isinstance(return_nodes, dict) else {name: name for name in call.iterate(return_nodes)}
    parts = dict(model.named_children())
    inner = next((name for name in given if name not in parts), None)
    if inner is not None:
        said = (
            f"{call.name}: only whole parts of the network are read, such as {next(iter(parts), 'conv1')}, not {inner}."
        )
        raise LostChangeError(place(call.node) + said)
    return call.call(call.evaluator.from_prelude("IntermediateLayerGetter"), model, given)


FEATURE_EXTRACTION = Namespace(
    "feature_extraction",
    {"create_feature_extractor": Builtin("create_feature_extractor", _create, needs_call=True)},
)
