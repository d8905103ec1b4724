"""The augmentation of a run as straight lines: only the changes that are on, with their strengths."""

from __future__ import annotations

from collections.abc import Callable

from core.augmentation import AUGMENTATIONS, Stage
from core.augmentation.kinds.mixing import partners, take_turns
from core.augmentation.rng import stream, uniform
from core.augmentation.types import BatchShape, CellIndices, LabelledBatch
from core.training.export.source_extraction import ScriptSource
from core.training.recipe.config import TrainConfig

HEAD = '''
def augmented(images, labels, index, step):
    """The training images at `index`, augmented for this step, and their targets; seeded by SEED and step."""
'''
NO_CHANGE = "    return images[index], labels[index]\n"
GATHER = """    b, rows, columns = index, *cells
    x = images.permute(0, 2, 3, 1)[b[:, None, None], rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
"""
WARP = """    grid = F.affine_grid(matrices[:, :2], list(x.shape), align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
"""


def augmentation_source(config: TrainConfig, source: ScriptSource) -> str:
    """A function `augmented(images, labels, index, step)`; what it calls is added to `source`."""
    active = [name for name in AUGMENTATIONS if name in config.active]
    if not active:
        return HEAD + NO_CHANGE
    source.take(stream, uniform, BatchShape)
    by_stage = {stage: [name for name in active if AUGMENTATIONS[name].stage is stage] for stage in Stage}
    text = HEAD + "    batch = BatchShape(len(index), *images.shape[1:])\n"
    text += _cells(config, by_stage[Stage.CELLS], source)
    rest = [name for name in active if AUGMENTATIONS[name].stage is not Stage.CELLS]
    if not rest:
        return text + "    return x, labels[index]\n"
    text += "    x, targets = x.float(), labels[index]\n"
    text += _warps(config, by_stage[Stage.WARP], source)
    if by_stage[Stage.PIXELS]:
        lines = "".join(_line(name, config, source, "x = {}(x, {})") for name in by_stage[Stage.PIXELS])
        text += f"    x = x / 255\n{lines}    x = x * 255\n"
    text += _mixes(config, by_stage[Stage.MIX], source)
    return text + "    return x, targets\n"


def _line(name: str, config: TrainConfig, source: ScriptSource, form: str) -> str:
    entry = AUGMENTATIONS[name]
    source.take(entry.draw, entry.apply)
    return "    " + form.format(_named(entry.apply), _draw(name, config)) + "\n"


def _draw(name: str, config: TrainConfig) -> str:
    """The call that asks chance."""
    draw = _named(AUGMENTATIONS[name].draw)
    return f"{draw}({getattr(config, name)!r}, batch, stream(SEED, step, {name!r}))"


def _named(function: Callable) -> str:
    return function.__name__


def _cells(config: TrainConfig, names: list[str], source: ScriptSource) -> str:
    if not names:
        return "    x = images[index]\n"
    source.take(CellIndices)
    text = "    sides = (torch.arange(side).expand(len(index), side) for side in images.shape[2:])\n"
    text += "    cells = CellIndices(*sides)  # from where each cell of the batch is taken\n"
    text += "".join(_line(name, config, source, "cells = {}(cells, {})") for name in names)
    return text + GATHER


def _warps(config: TrainConfig, names: list[str], source: ScriptSource) -> str:
    if not names:
        return ""
    text = "    matrices = torch.eye(3).expand(len(x), 3, 3)\n"
    text += "".join(_line(name, config, source, "matrices = matrices @ {}(x, {})") for name in names)
    return text + WARP


def _mixes(config: TrainConfig, names: list[str], source: ScriptSource) -> str:
    if not names:
        return ""
    source.take(LabelledBatch, partners)
    text = "    own = LabelledBatch(x, F.one_hot(targets, len(CLASSES)).float())\n"
    text += "    other = LabelledBatch(*map(partners, own))\n"
    draws = "".join(f"        {name!r}: {_draw(name, config)},\n" for name in names)
    text += f"    draws = {{\n{draws}    }}\n"
    for name in names:
        source.take(AUGMENTATIONS[name].draw, AUGMENTATIONS[name].apply)
    if len(names) == 2:
        source.take(take_turns)
        text += '    take_turns(draws, stream(SEED, step, "mixup or cutmix"))\n'
    for name in names:
        text += f"    own = {_named(AUGMENTATIONS[name].apply)}(own, other, draws[{name!r}])\n"
    return text + "    x, targets = own\n"
