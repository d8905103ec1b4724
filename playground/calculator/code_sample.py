"""Lines of plain PyTorch that print the figures of the page: they run anywhere and allocate next to nothing."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import lru_cache, partial

import torch
from torch import nn

from core.layers import blocks
from core.models import MODELS
from core.optim import get_precision
from core.profiler.fitting import Edit
from core.training.export.source_extraction import ScriptSource
from playground.calculator.results import Analysis

ALWAYS = {"import torch", "from torch import nn", "from torch.utils.flop_counter import FlopCounterMode"}
KNOWN = {  # names that a network's text may use, and where they come from
    "OrderedDict": "from collections import OrderedDict",
    "F": "from torch.nn import functional as F",
    "math": "import math",
    "partial": "from functools import lru_cache, partial",
}
GPU_DROPOUT = """for layer in model.modules():  # a GPU keeps a dropout mask of one byte a cell
    if type(layer) is nn.Dropout and not layer.inplace and 0 < layer.p < 1:
        layer.forward = lambda x, p=layer.p: torch.native_dropout(x, p, True)[0]"""
SAVING = """saved, parameters = {}, {p.untyped_storage()._cdata for p in model.parameters()}


def save(tensor):
    \"\"\"Autograd keeps this tensor for the backward pass: its memory counts once, and weights do not count.\"\"\"
    if tensor.untyped_storage()._cdata not in parameters:
        saved[tensor.untyped_storage()._cdata] = tensor
    return tensor


counter = FlopCounterMode(display=False)
with counter, torch.autograd.graph.saved_tensors_hooks(save, lambda tensor: tensor):
    y = model(x)"""
PARAMETERS = 'print(f"parameters: {sum(p.numel() for p in model.parameters()):,}")'
MACS = 'print(f"MACs per image: {counter.get_total_flops() // 2 // len(x):,}")'
OUTPUT = 'print("output:", *(tuple(part.shape) for part in (y if isinstance(y, (tuple, list)) else [y])))'
SAVED = 'print(f"saved activations: {sum(t.untyped_storage().nbytes() for t in saved.values()):,} B")'
FAILING = """try:
    model(x)
except (RuntimeError, ValueError, IndexError, TypeError) as error:
    print("PyTorch fails:", error)"""
UNCOUNTED = (nn.Bilinear, nn.RNNBase, nn.RNNCellBase)  # FlopCounterMode has no formula for their multiplications


def lines(analysis: Analysis) -> str:
    """A program that prints parameters, MACs, output shape and saved activations as the page shows them."""
    build, source = _text(analysis.model.lines) if analysis.model.lines else _preset(analysis.spec.preset)
    body = [build, *_changes(analysis), *_measuring(analysis)]
    future = "from __future__ import annotations\n\n" if source.pieces else ""
    imports = "\n".join(sorted(source.imports, key=lambda line: (line.startswith("from"), line)))
    pieces = "".join(f"\n\n{piece.strip()}\n" for piece in source.pieces)
    return f"{future}{imports}\n{pieces}\n{'' if not pieces else chr(10)}" + "\n".join(body) + "\n"


@lru_cache(maxsize=64)
def _preset(key: str) -> tuple[str, ScriptSource]:
    """A named network, called as this project calls it, and its functions and classes."""
    source = ScriptSource(imports=set(ALWAYS))
    build, arguments = MODELS[key].build, ""
    if isinstance(build, partial):
        pairs = [*map(repr, build.args), *(f"{name}={value!r}" for name, value in build.keywords.items())]
        build, arguments = build.func, ", ".join(pairs)
    source.take(build)
    return _on_meta(f"model = {build.__name__}({arguments})"), source


def _text(text: str) -> tuple[str, ScriptSource]:
    """A network's own lines, whose last expression gets a name, and what they use."""
    source = ScriptSource(imports=set(ALWAYS))
    tree = ast.parse(text)
    own = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    for name in sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - own):
        part = getattr(blocks, name, None)
        if inspect.isclass(part) and part.__module__ == blocks.__name__:
            source.take(part)
        elif name in KNOWN:
            source.imports.add(KNOWN[name])
    return _on_meta(_named(text, tree)), source


def _named(text: str, tree: ast.Module) -> str:
    """The lines with the network they end with called `model`."""
    last, rows = tree.body[-1], text.rstrip().split("\n")
    if isinstance(last, ast.Expr):
        first = last.lineno - 1
        return "\n".join([*rows[:first], f"model = {rows[first]}", *rows[first + 1 :]])
    if isinstance(last, ast.Assign):
        name = ast.unparse(last.targets[0])
        return "\n".join(rows) + ("" if name == "model" else f"\nmodel = {name}")
    name = getattr(last, "name", "")
    return "\n".join(rows) + f"\n\n\nmodel = {name}()"


def _on_meta(build: str) -> str:
    """The lines that make the network, without memory for it; definitions stay outside."""
    tree, rows = ast.parse(build), build.split("\n")
    ends = [node.end_lineno or 0 for node in tree.body if not isinstance(node, ast.Assign | ast.Expr)]
    head, rest = rows[: max(ends, default=0)], rows[max(ends, default=0) :]
    within = textwrap.indent("\n".join(rest).strip("\n"), "    ")
    before = "\n".join(head) + "\n\n\n" if head else ""
    return f'{before}with torch.device("meta"):  # shapes alone: no memory is taken\n{within}'


def _changes(analysis: Analysis) -> Iterator[str]:
    """The clicked changes, and what of the setting changes the network."""
    setting, precision = analysis.setting, get_precision(analysis.setting.precision)
    yield from map(_edit, analysis.spec.edits)
    for path in setting.frozen:
        yield f"model.get_submodule({path!r}).requires_grad_(False)"
    if setting.inplace is not None:
        yield "for layer in model.modules():"
        yield '    if isinstance(getattr(layer, "inplace", None), bool):'
        yield f"        layer.inplace = {setting.inplace}"
    if precision.pure is not None:
        yield f"model = model.to({precision.pure})"
    if setting.channels_last:
        yield "model = model.to(memory_format=torch.channels_last)"
    if setting.device == "cuda" and any(type(layer) is nn.Dropout for layer in analysis.model.module.modules()):
        yield GPU_DROPOUT


def _edit(edit: Edit) -> str:
    """One change of the network as a line."""
    parent, _, name = edit.path.rpartition(".")
    if edit.argument == "drop":
        return f"model.get_submodule({parent!r}).add_module({name!r}, nn.Identity())"
    if edit.argument == "in_features":
        return (
            f"old = model.get_submodule({edit.path!r})\n"
            f'new = nn.Linear({edit.value}, old.out_features, old.bias is not None, device="meta")\n'
            f"model.get_submodule({parent!r}).add_module({name!r}, new)"
        )
    return f"model.get_submodule({edit.path!r}).{edit.argument} = {edit.value!r}"


def _measuring(analysis: Analysis) -> Iterator[str]:
    """The input, one forward pass, and a line for each figure that such a pass can tell."""
    yield f"x = {_input(analysis)}"
    if analysis.profile is None:  # the network fails at a layer
        yield FAILING
        return
    yield SAVING
    yield PARAMETERS
    if not any(isinstance(layer, UNCOUNTED) for layer in analysis.model.module.modules()):
        yield MACS
    yield OUTPUT
    if saves_alike(analysis):
        yield SAVED


def saves_alike(analysis: Analysis) -> bool:
    """Whether a plain forward pass of shapes alone keeps what the page says.

    Not under autocast or with checkpointing; and where a real device keeps something else than shapes tell: statistics
    of norms in pure 16 bit, the workspace of recurrent layers, values that a real run has found.
    """
    setting, profile = analysis.setting, analysis.profile
    precision = get_precision(setting.precision)
    is_plain = not setting.checkpointed and precision.autocast is None and precision.pure is None
    has_workspace = any(isinstance(layer, nn.RNNBase) for layer in analysis.model.module.modules())
    return is_plain and not has_workspace and not (profile and profile.notes)


def _input(analysis: Analysis) -> str:
    """The tensor that the network is given: as many images as go through at a time."""
    size = (analysis.setting.pass_size, *analysis.input_shape)
    first = next((layer for layer in analysis.model.module.modules() if not layer._modules), None)
    pure = get_precision(analysis.setting.precision).pure
    dtype = torch.int64 if isinstance(first, nn.Embedding | nn.EmbeddingBag) else pure
    kind = f", dtype={dtype}" if dtype is not None else ""
    last = ", memory_format=torch.channels_last" if analysis.setting.channels_last and len(size) == 4 else ""
    return f'torch.empty({size}{kind}{last}, device="meta")'
