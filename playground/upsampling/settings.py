"""The controls of the upsampling page: the picture, the scale, and the kernel of the two learnable methods."""

from __future__ import annotations

from dataclasses import dataclass

from core.images.center_crop import PHOTOGRAPHS
from core.knobs import knob
from core.layers.upsampling import WEIGHTS, transposed_padding, write_count_range


@dataclass(frozen=True)
class UpsamplingSettings:
    """The picture, how much larger it becomes, and the kernel of the two learnable methods."""

    scale: int = knob(2, 2, 4, help="Enlargement factor; for a transposed convolution, its stride.")
    kernel_size: int = knob(3, 2, 7)
    weights: str = knob(
        "uniform",
        choices={name: name.capitalize() for name in WEIGHTS},
        label="Initial weights",
        help="Weights of the learnable kernels before any training.",
    )
    picture: str = knob("chelsea", choices=PHOTOGRAPHS)
    side: int = knob(32, 16, 48, step=4, label="Image size", help="Side length before upsampling, in pixels.")

    @property
    def kernel(self) -> dict[str, int | str]:
        """The knobs of the learnable methods."""
        return {"kernel_size": self.kernel_size, "weights": self.weights}

    @property
    def padding(self) -> tuple[int, int]:
        """Padding and output padding of the transposed convolution."""
        return transposed_padding(self.kernel_size, self.scale)

    @property
    def write_counts(self) -> tuple[int, int]:
        """The fewest and the most inputs that are added into an output away from the border."""
        return write_count_range(self.kernel_size, self.scale)

    def is_solved(self) -> bool:
        """Whether a transposed convolution of stride 3 and uniform weights leaves no checkerboard."""
        fewest, most = self.write_counts
        return self.scale == 3 and fewest == most and self.weights == "uniform"
