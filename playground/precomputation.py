"""What every class wants first is computed before its first visitor comes, by the processes beside the server.

Without such processes nothing is: on a small machine what is computed for nobody would only delay the pages.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial

from core.errors import PlaygroundError
from playground import computation_gate, first_imports

PAUSE_S = 0.2  # between two looks at whether somebody waits
log = logging.getLogger(__name__)


def run() -> None:
    """Compute all of it, one after another, whenever no visitor waits for such a process."""
    if not computation_gate.pool().size:
        return
    for compute in computations():
        while not computation_gate.is_idle():
            time.sleep(PAUSE_S)
        try:
            compute()
        except PlaygroundError as error:  # the server ends, or its memory does
            log.warning("Not computed beforehand: %s", error)
            return


def computations() -> Iterator[Callable[[], object]]:
    """Each as a page calls it, so that the page finds it in its cache."""
    with first_imports.one_at_a_time("precomputation"):
        from playground.dropout import views as dropout
        from playground.initialization import views as initialization

    yield initialization.all_stds
    for kind in dropout.KINDS:
        yield partial(dropout.weights, kind, dropout.first_settings(kind, dropout.SMALL))
