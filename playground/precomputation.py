"""What every class wants first is computed while nobody is here, most of it by the processes beside the server.

Without such processes nothing is: on a small machine what is computed for nobody would only delay the pages.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial

import streamlit as st

from core.errors import PlaygroundError
from playground import computation_gate, first_imports
from playground.server.metrics import RERUNS

QUIET_S = 2.0  # without an answer to anybody: a class that is here needs all processors itself
PAUSE_S = 0.2  # between two looks at whether somebody is here
log = logging.getLogger(__name__)


def run() -> None:
    """Compute all of it, one after another, whenever nobody is here."""
    if not computation_gate.pool().size:
        return
    for compute in computations():
        while RERUNS.quiet_s < QUIET_S or not computation_gate.is_idle():
            time.sleep(PAUSE_S)
        try:
            compute()
        except PlaygroundError as error:  # the server ends, or its memory does
            log.warning("Not computed beforehand: %s", error)
            return


def computations() -> Iterator[Callable[[], object]]:
    """Each as a page calls it, so that the page finds it in its cache."""
    with first_imports.one_at_a_time("precomputation"):
        from core.models import MODELS
        from playground.calculator import results, settings
        from playground.dropout import views as dropout
        from playground.initialization import views as initialization

    yield initialization.all_stds
    for kind in dropout.KINDS:
        yield partial(dropout.weights, kind, dropout.first_settings(kind, dropout.SMALL))
    for preset in MODELS:
        yield partial(results.prepare, preset, settings.first())
    yield _large_network


@st.cache_resource(show_spinner=False)  # what a cached function calls shows no spinner: there is no page to show it on
def _large_network() -> None:
    with first_imports.one_at_a_time("inspect_network"):
        from playground.inspect_network import choice, network_source, network_view

    network_view.prepare(choice.included(network_source.efficientnet(), 0))
