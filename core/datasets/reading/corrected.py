"""What a source is taken to mean on a command line, where a correction that is not possible is refused."""

from __future__ import annotations

from core.datasets.builtin import BUILT_IN
from core.datasets.layout import LayoutChoice, Understanding
from core.datasets.layout.choice import AUTO
from core.datasets.reading.loading import understood
from core.errors import DataError


def understood_as_corrected(source: str, choice: LayoutChoice) -> Understanding | None:
    """What `understood` says; None for a built-in dataset, which has no files.

    A source without any reading is described as well, by its refusal.
    Raises: DataError if there is no such source, or `choice` names a reading that is not possible there, or corrects a
    built-in dataset.
    """
    if source in BUILT_IN:
        if choice != LayoutChoice():
            raise DataError(
                f"{source} comes with this program and has no folders: leave out what corrects their layout."
            )
        return None
    understanding = understood(source, choice)
    possible = [reading.key for reading in understanding.readings]
    if choice.reading not in (AUTO, understanding.reading) and possible:
        named = ", ".join(map(repr, possible))
        raise DataError(f"The reading {choice.reading!r} is not possible for {source}: choose from {named}.")
    return understanding
