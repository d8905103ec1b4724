"""Where to cut a network: blocks that are worth computing again instead of keeping, and layers that can be left out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from torch import nn

from core.profiler.rows import Row

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


def checkpoint_blocks(model: nn.Module, rows: tuple[Row, ...]) -> tuple[str, ...]:
    """Paths for `Setting.checkpointed`: whole blocks, and stretches "features[0:5]" of a plain `nn.Sequential`."""
    saved, total = _saved_by_path(rows), sum(row.saved_bytes for row in rows)
    return tuple(path for path, part in _blocks(model, "", saved, total) if part > total / 200)


def _saved_by_path(rows: tuple[Row, ...]) -> dict[str, int]:
    saved: Counter[str] = Counter()
    for row in rows:
        parts = row.name.split(".") if row.name else []
        for length in range(len(parts) + 1):
            saved[".".join(parts[:length])] += row.saved_bytes
    return saved


def _blocks(module: nn.Module, path: str, saved: dict[str, int], total: int) -> Iterator[tuple[str, int]]:
    """A block is a module of somebody's own that has parts; containers, and the network itself, are gone into."""
    if isinstance(module, nn.Sequential):
        yield from _stretches(module, path, saved, total)
        return
    for name, child in module.named_children():
        child_path = f"{path}.{name}" if path else name
        if isinstance(child, _CONTAINERS):
            yield from _blocks(child, child_path, saved, total)
        elif child._modules:
            yield child_path, saved.get(child_path, 0)


def _stretches(sequence: nn.Sequential, path: str, saved: dict[str, int], total: int) -> Iterator[tuple[str, int]]:
    """Runs of single layers, cut so that each keeps about as much as the square root of their number asks for."""
    names = list(sequence._modules)
    share = max(total / max(2.0, math.sqrt(len(names))), 1)
    first, held = 0, 0
    for index, (name, child) in enumerate(sequence.named_children()):
        child_path = f"{path}.{name}" if path else name
        inner = saved.get(child_path, 0)
        if child._modules:
            if index - first > 1:
                yield f"{path}[{first}:{index}]", held
            if isinstance(child, _CONTAINERS):
                yield from _blocks(child, child_path, saved, total)
            else:
                yield child_path, inner
            first, held = index + 1, 0
            continue
        held += inner
        if held >= share and index > first:
            yield f"{path}[{first}:{index + 1}]", held
            first, held = index + 1, 0
    if len(names) - first > 1 and first:
        yield f"{path}[{first}:{len(names)}]", held


def droppable(model: nn.Module, rows: tuple[Row, ...]) -> tuple[str, ...]:
    """Parts that give the shape they take, have weights, and keep the most: leaving one out changes nothing else."""
    sizes: dict[str, int] = {}
    for path, module in model.named_modules():
        if not path or not any(True for _ in module.parameters()) or isinstance(module, _NORMS):
            continue
        inside = [row for row in rows if row.called and (row.name == path or row.name.startswith(path + "."))]
        if not inside or inside[0].input_shape != inside[-1].output_shape:
            continue
        if isinstance(model.get_submodule(path.rpartition(".")[0]), nn.Sequential):
            sizes[path] = sum(row.saved_bytes for row in inside)
    return tuple(sorted(sizes, key=lambda path: -sizes[path]))


_NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.PReLU)
