"""What went wrong in a worker, for the person who started it."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


def sentence(error: BaseException) -> str:
    """An error in one sentence; one that is ours goes to the log as well."""
    from core.errors import PlaygroundError
    from core.storage_errors import is_storage_error, storage_sentence
    from core.training.mechanics.devices import is_out_of_memory

    if isinstance(error, PlaygroundError):
        return str(error)
    if isinstance(error, OSError) and is_storage_error(error):
        return storage_sentence(error)
    if is_out_of_memory(error):
        return "There is not enough memory for this run: use a smaller batch size or smaller images."
    log.error("a run failed", exc_info=error)
    return f"The run failed with an internal error: {type(error).__name__}."
