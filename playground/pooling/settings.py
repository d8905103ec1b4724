"""The controls of the pooling page: what is pooled, how, and which region."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.images.center_crop import PHOTOGRAPHS
from core.knobs import Knob, knob
from core.layers.pooling import POOLINGS
from core.lessons import pooling as lab
from playground import controls

MAPS = tuple(name for name, entry in POOLINGS.items() if entry.gives == "map")
SEED = Knob(0, 0, 20, help="0 shows `eval()`: the expected value. Any other number is the seed of a random draw.")
HEIGHT, WIDTH = Knob(40, 8, 64), Knob(60, 8, 64)
CHANNELS = Knob(256, 1, 512)
REGION_SIDE = 48  # of the picture that a region is cut from


@dataclass(frozen=True)
class ShiftSettings:
    """The picture, how far it is shifted, and what counts as unchanged."""

    right: int = knob(1, 0, lab.MARGIN, label="Shift right")
    down: int = knob(0, 0, lab.MARGIN, label="Shift down")
    picture: str = knob("chelsea", choices=PHOTOGRAPHS)
    filtered: bool = knob(
        True, label="Outline filter and ReLU first", help="Pool a feature map, as in a network, not the image itself."
    )
    side: int = knob(64, 32, 96, step=8, label="Image size", help="Side length before pooling, in pixels.")
    tolerance: float = knob(
        0.05,
        0.0,
        0.3,
        step=0.01,
        help="A value counts as unchanged if it changes by at most this fraction of the range of all values.",
    )


@dataclass(frozen=True)
class PoolingSettings:
    """A pooling with its knobs, and what it is tried on; `seed` is that of stochastic pooling."""

    kind: str
    knobs: tuple[tuple[str, int], ...]
    seed: int
    shift: ShiftSettings

    @property
    def window(self) -> tuple[int, int] | None:
        """Kernel size and stride, where the pooling has a window of fixed size."""
        knobs = dict(self.knobs)
        return (knobs["kernel_size"], knobs["stride"]) if "kernel_size" in knobs else None


def choose_pooling() -> PoolingSettings:
    kind = controls.pick("Pooling", MAPS, "po_kind")
    knobs = dict(POOLINGS[kind].knobs)
    if kind == "Max":  # opens with a window large enough to show the point
        knobs["kernel_size"] = replace(knobs["kernel_size"], default=4)
    if kind == "Overlapping max":  # its windows overlap only where the stride is smaller
        kernel = controls.widget("kernel_size", knobs["kernel_size"], "po_kernel_size")
        stride = controls.widget("stride", replace(knobs["stride"], high=kernel - 1), "po_stride")
        values: tuple[tuple[str, int], ...] = (("kernel_size", kernel), ("stride", stride))
    else:
        values = controls.knob_values(knobs, "po_")
    seed = controls.widget("seed", SEED, "po_draw") if kind == "Stochastic" else 0
    return PoolingSettings(kind, values, seed, controls.edit(ShiftSettings, "po_"))


def choose_pyramid() -> tuple[int, int, int, int]:
    """Height, width and channels of a map, and the levels of the pyramid over it."""
    return (
        controls.widget("height", HEIGHT, "po_h"),
        controls.widget("width", WIDTH, "po_w"),
        controls.widget("channels", CHANNELS, "po_c"),
        controls.widget("levels", POOLINGS["Spatial pyramid"].knobs["levels"], "po_levels"),
    )


def choose_region() -> tuple[tuple[int, int, int, int], int]:
    """A region of the picture (left, top, right, bottom; ends inclusive), and the size that it is pooled to."""
    left = controls.widget("left", Knob(9, 0, REGION_SIDE - 1), "po_l")
    top = controls.widget("top", Knob(4, 0, REGION_SIDE - 1), "po_t")
    width = controls.widget("width", Knob(31, 1, REGION_SIDE), "po_rw")
    height = controls.widget("height", Knob(22, 1, REGION_SIDE), "po_rh")
    size = controls.widget("output_size", POOLINGS["RoI"].knobs["output_size"], "po_roi")
    return (left, top, min(left + width, REGION_SIDE) - 1, min(top + height, REGION_SIDE) - 1), size
