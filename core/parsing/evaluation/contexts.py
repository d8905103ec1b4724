"""What a `with` of a text is about."""

from __future__ import annotations

from core.parsing.evaluation.values import Special


class Context(Special):
    """What a `with` of a text enters and leaves."""

    def enter(self) -> None:
        """Before its block."""

    def leave(self) -> None:
        """Behind its block, also where that fails."""
