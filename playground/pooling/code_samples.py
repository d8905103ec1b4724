"""The lines that repeat the shift experiment of the pooling page."""

from __future__ import annotations

from core.layers.pooling import POOLINGS
from core.lessons.pooling import MARGIN
from playground.pooling.settings import PoolingSettings, ShiftSettings

TEMPLATE = """\
import torch
from torch import nn

from core.images.center_crop import square{imports}

picture = torch.from_numpy({picture})[None, None]
view = picture[..., {here}, {here}]
shifted = picture[..., {rows}, {columns}]

{pool}
before, after = pool(view), pool(shifted)  # {shape} each
unchanged = (after - before).abs() <= {tolerance} * (before.max() - before.min()).item()
print(int(unchanged.sum()), "of", unchanged.numel())"""


def shift_experiment(chosen: PoolingSettings, shape: tuple[int, ...]) -> str:
    """A program that prints how many pooled values are unchanged; `shape` is that of one pooled map."""
    shift = chosen.shift
    imports, picture = _picture(shift)
    more_imports, pool = _pool(chosen)
    rows, columns = (f"{MARGIN - by}:{MARGIN - by + shift.side}" for by in (shift.down, shift.right))
    return TEMPLATE.format(
        imports=imports + more_imports,
        picture=picture,
        here=f"{MARGIN}:{MARGIN + shift.side}",
        rows=rows,
        columns=columns,
        pool=pool,
        shape=(1, 1, *shape),
        tolerance=shift.tolerance,
    )


def _picture(shift: ShiftSettings) -> tuple[str, str]:
    """Imports, and the expression of the picture or its feature map."""
    expression = f'square("{shift.picture}", {shift.side + 2 * MARGIN})'
    if shift.filtered:
        return "\nfrom core.lessons.pooling import feature_map", f"feature_map({expression})"
    return "", f"{expression}.copy()"


def _pool(chosen: PoolingSettings) -> tuple[str, str]:
    """Imports, and the statement that makes `pool`."""
    module = POOLINGS[chosen.kind].code.format(**dict(chosen.knobs))
    if chosen.kind != "Stochastic":
        return "", f"pool = {module}"
    imports = "\nfrom core.layers.pooling import StochasticPool2d"
    if not chosen.seed:
        return imports, f"pool = {module}.eval()"
    seeded = module.replace(")", f", generator=torch.Generator().manual_seed({chosen.seed}))")
    return imports, f"def pool(x):\n    return {seeded}(x)\n\n"
