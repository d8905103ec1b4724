"""What went wrong in a worker, for the person who started it."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


def sentence(error: BaseException) -> str:
    """An error in one sentence; one that is ours goes to the log as well."""
    import torch

    from core.errors import PlaygroundError

    if isinstance(error, PlaygroundError):
        return str(error)
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return "There is not enough memory for this run: use a smaller batch size or smaller images."
    log.error("a run failed", exc_info=error)
    return f"The run failed with an internal error: {type(error).__name__}."
