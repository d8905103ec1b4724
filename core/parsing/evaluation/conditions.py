"""What a `forward` is given beside an image or noise to make something of it: a time step of a diffusion, a class."""

from __future__ import annotations

import ast
import re
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.values import MISSING, Function

TIME = re.compile(r"t|ts|times?|tau|sigmas?|time_?steps?|t_?steps?|noise_?(level|label|step)s?")
LABEL = re.compile(
    r"y|c|cls|digits?|targets?|class(es)?|cond(ition)?s?|((class|cls|digit|gen|fake|real|image|img|true)_?)?"
    r"(labels?|class_idx|cls_idx|class_ids?)"
    r"|(task|domain|speaker|subject|category|genre|style|level|station|store|site|weekday|day|hour|month)s?(_?(ids?|idx|index))?"
)
SAME = ("long", "int", "to", "cuda", "cpu", "squeeze", "view", "reshape", "flatten", "detach", "type")
MOST_INSIDE = 2  # layers of the text that hand an input on
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


def condition(module: nn.Module, method: Function, name: str, names: list[str], first: Tensor) -> Any:
    """Zeros, one number for each item of the batch, for such an input; `MISSING` for any other.

    Args: `names` are the inputs of `forward`, of which `first` is the value of the first.
    """
    if not is_condition(module, method, name, names):
        return MISSING
    zeros = torch.zeros(first.shape[0], device=first.device)
    return zeros if TIME.fullmatch(name.lower()) else zeros.long()


def is_condition(module: nn.Module, method: Function, name: str, names: list[str]) -> bool:
    """Whether an input is the time of a network with convolutions, or a class that an embedding is looked up for."""
    if name == names[0]:
        return False
    if TIME.fullmatch(name.lower()):
        layers = _layers_of(module, method, name)
        is_image = any(isinstance(part, CONVOLUTIONS) for layer in layers for part in layer.modules())
        return not is_image and any(isinstance(layer, CONVOLUTIONS) for layer in module.modules())
    is_class = LABEL.fullmatch(name.lower()) and is_embedded(module, method, name)
    return bool(is_class) and not is_embedded(module, method, names[0])  # which would be words like the others


def is_embedded(module: nn.Module, method: Function, name: str, depth: int = 0) -> bool:
    """Whether an input is looked up in an embedding, also by a layer of the text that gets it first; or `one_hot`."""
    if any(map(partial(_is_one_hot, name), all_nodes(method.node))):
        return True
    layers = _layers_of(module, method, name)
    firsts = [next(one.children(), None) if isinstance(one, nn.Sequential) else one for one in layers]
    if any(isinstance(one, nn.Embedding) for one in firsts) or depth == MOST_INSIDE:
        return any(isinstance(one, nn.Embedding) for one in firsts)
    for layer in firsts:
        definition = getattr(layer, "definition", None)
        inner = definition.find("forward") if definition is not None else MISSING
        if not isinstance(layer, nn.Module) or not isinstance(inner, Function):
            continue
        names = [one.arg for one in inner.node.args.args[1:]]
        if names and is_embedded(layer, inner, names[0], depth + 1):
            return True
    return False


def _layers_of(module: nn.Module, method: Function, name: str) -> list[nn.Module]:
    """The layers that `forward` calls on an input as it is."""
    found = []
    for part in all_nodes(method.node):
        match part:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=attr), args=[given, *_]):
                found += [module._modules.get(attr)] if _name_of(given) == name else []
    return [layer for layer in found if layer is not None]


def _is_one_hot(name: str, part: ast.AST) -> bool:
    match part:
        case ast.Call(func=ast.Attribute(attr="one_hot") | ast.Name(id="one_hot"), args=[given, *_]):
            return _name_of(given) == name
    return False


def _name_of(node: ast.expr) -> str:
    """`labels` for `labels`, and for `labels.long()` and its kind."""
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in SAME:
            return _name_of(inner)
    return node.id if isinstance(node, ast.Name) else ""
