"""How much a picture may be changed before a network sees it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from numbers import Real

from core.errors import PlaygroundError
from core.knobs import knob, knobs_of


@dataclass(frozen=True)
class Augmentations:
    """The strength of each change, in the order in which they are made; as it comes, nothing is changed.

    Shares are parts of the picture's side (`shift`), of its area (`crop`) or of the range from black to white
    (`noise`); `rotation` is in degrees either way, `blur` in pixels, `hue` in turns of the colour circle.

    Raises: PlaygroundError if a strength is outside its bounds.

    >>> Augmentations(flip=True, crop=0.5).active
    ('flip', 'crop')
    """

    flip: bool = knob(False, label="Mirror at random", help="Left and right are exchanged in half of the pictures.")
    vertical_flip: bool = knob(
        False, label="Turn upside down at random", help="Top and bottom are exchanged in half of the pictures."
    )
    shift: float = knob(
        0.0, 0.0, 0.5, step=0.01, label="Shift at random", help="At most this share of the side, each way."
    )
    crop: float = knob(
        1.0, 0.05, 1.0, step=0.05, label="Smallest crop", help="Share of the area that is kept and enlarged; 1 is off."
    )
    rotation: int = knob(0, 0, 180, label="Rotate at random (degrees)", help="At most this far, either way.")
    brightness: float = knob(0.0, 0.0, 0.9, step=0.05, help="Multiplied by 1 minus to 1 plus this.")
    contrast: float = knob(0.0, 0.0, 0.9, step=0.05, help="Distance from the mean grey, times 1 minus to 1 plus this.")
    saturation: float = knob(0.0, 0.0, 1.0, step=0.05, help="Distance from grey, times 1 minus to 1 plus this.")
    hue: float = knob(0.0, 0.0, 0.5, step=0.01, help="Turns of the colour circle, either way; half is the opposite.")
    grey: float = knob(0.0, 0.0, 1.0, step=0.05, help="Share of the pictures that lose their colours.")
    blur: float = knob(0.0, 0.0, 4.0, step=0.1, help="Standard deviation of the Gaussian in pixels, at most.")
    noise: float = knob(0.0, 0.0, 0.5, step=0.01, help="Standard deviation; 1 is the step from black to white.")
    erase: float = knob(0.0, 0.0, 1.0, step=0.05, help="Share of the pictures that lose a rectangle.")
    mixup: float = knob(
        0.0, 0.0, 2.0, step=0.1, label="MixUp", help="Alpha: two pictures laid over each other; small is mild."
    )
    cutmix: float = knob(
        0.0, 0.0, 2.0, step=0.1, label="CutMix", help="Alpha: a box of another picture; 1 makes all sizes alike."
    )

    def __post_init__(self) -> None:
        for name, bounds in knobs_of(Augmentations).items():
            value = getattr(self, name)
            if bounds.low is None:
                if value not in (True, False):
                    raise PlaygroundError(f"{name} is {value!r}: it is either True or False.")
            elif not isinstance(value, Real) or not bounds.low <= value <= bounds.high:
                raise PlaygroundError(f"{name} is {value!r}: choose a number from {bounds.low:g} to {bounds.high:g}.")

    @property
    def active(self) -> tuple[str, ...]:
        """Names of the changes that are on."""
        return tuple(name for name, off in OFF.items() if getattr(self, name) != off)

    @property
    def mixes(self) -> bool:
        """Whether targets become shares of two classes."""
        return bool(self.mixup or self.cutmix)


OFF = {field.name: field.default for field in dataclasses.fields(Augmentations)}  # also where a subclass differs
