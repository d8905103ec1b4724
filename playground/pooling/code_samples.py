"""The program of the pooling page: the shift, the pooling, and how many values stay; it runs with PyTorch alone."""

from __future__ import annotations

from core.images.center_crop import square_program
from core.layers.pooling import POOLINGS
from core.lessons.pooling import MARGIN
from playground.pooling.settings import PoolingSettings
from playground.program_text import program

IMPORTS = ("import torch", "from torch import nn", "from torch.nn import functional as F")
FEATURE_MAP = """\
outline = torch.tensor([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]) / 8
padded = F.pad(picture, (1, 1, 1, 1), mode="replicate")
picture = F.relu(F.conv2d(padded, outline[None, None]))  # a feature map, as a first layer gives it"""
STOCHASTIC = """\
def stochastic_pool(x, kernel_size, stride, generator=None):
    \"\"\"One value of each window, drawn in proportion to it; without a generator, the expected one.\"\"\"
    windows = x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride).flatten(-2)
    total = windows.sum(-1, keepdim=True)
    share = windows / total.clamp_min(torch.finfo(x.dtype).tiny)
    probability = torch.where(total > 0, share, 1 / windows.shape[-1])
    if generator is None:
        return (probability * windows).sum(-1)
    drawn = torch.multinomial(probability.flatten(0, -2), 1, generator=generator)
    return windows.gather(-1, drawn.view(*windows.shape[:-1], 1)).squeeze(-1)


def pool(x):
    return stochastic_pool(x, {kernel_size}, {stride}{generator})

"""
COMPARE = """\
def unchanged(before, after):
    same = (after - before).abs() <= {tolerance} * (before.max() - before.min()).item()
    return f"{{int(same.sum())}} of {{same.numel()}}"


print("unchanged before pooling:", unchanged(view, shifted))
print("unchanged after pooling:", unchanged(pool(view), pool(shifted)))"""


def shift_code(chosen: PoolingSettings) -> str:
    """A program that prints how many values are unchanged before and after pooling."""
    shift = chosen.shift
    needs, picture = square_program(shift.picture, shift.side + 2 * MARGIN)
    rows, columns = (f"{MARGIN - by}:{MARGIN - by + shift.side}" for by in (shift.down, shift.right))
    here = f"{MARGIN}:{MARGIN + shift.side}"
    return program(
        (*IMPORTS, *needs) if shift.filtered else (*IMPORTS[:2], *needs),
        f"{picture}\npicture = torch.from_numpy(picture)[None, None]  # (1, 1, H, W)",
        FEATURE_MAP if shift.filtered else "",
        f"view = picture[..., {here}, {here}]\nshifted = picture[..., {rows}, {columns}]",
        _pool(chosen),
        COMPARE.format(tolerance=shift.tolerance),
    )


def _pool(chosen: PoolingSettings) -> str:
    """The statements that make `pool`."""
    if chosen.kind != "Stochastic":
        return f"pool = {POOLINGS[chosen.kind].code.format(**dict(chosen.knobs))}\n"
    generator = f", torch.Generator().manual_seed({chosen.seed})" if chosen.seed else ""
    return STOCHASTIC.format(**dict(chosen.knobs), generator=generator)
