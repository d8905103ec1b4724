"""How much an image may be changed before a network sees it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from numbers import Real
from typing import Any

from core.augmentation.kinds.corruption import Corruption
from core.augmentation.kinds.geometric import Geometric
from core.augmentation.kinds.mixing import Mixing
from core.augmentation.kinds.photometric import Photometric
from core.augmentation.types import Augmentation, Stage
from core.errors import PlaygroundError
from core.knobs import knobs_of


@dataclass(frozen=True)
class Augmentations(Mixing, Corruption, Photometric, Geometric):
    """The strength of each augmentation, in the order of application (groups from right to left); all off by default.

    Raises: PlaygroundError if a strength is outside its bounds.

    >>> Augmentations(flip=True, crop=0.5).active
    ('flip', 'crop')
    """

    def __post_init__(self) -> None:
        for name, bounds in knobs_of(Augmentations).items():
            value = getattr(self, name)
            if bounds.low is None or bounds.high is None:
                if value not in (True, False):
                    raise PlaygroundError(f"{name} is {value!r}: it is either True or False.")
            elif not isinstance(value, Real) or not bounds.low <= float(value) <= bounds.high:
                raise PlaygroundError(f"{name} is {value!r}: choose a number from {bounds.low:g} to {bounds.high:g}.")

    @property
    def active(self) -> tuple[str, ...]:
        return tuple(name for name, off in OFF.items() if getattr(self, name) != off)

    @property
    def mixes(self) -> bool:
        """Whether targets become shares of two classes."""
        return any(AUGMENTATIONS[name].stage is Stage.MIX for name in self.active)


AUGMENTATIONS: dict[str, Augmentation] = {
    field.name: field.metadata["augmentation"] for field in dataclasses.fields(Augmentations)
}
OFF: dict[str, Any] = {
    field.name: field.default for field in dataclasses.fields(Augmentations)
}  # also where a subclass differs
