"""Streamlit's options are read without its lock.

Streamlit reads options some ten times for each element that it sends, each time under one lock. A thread that Python
interrupts while it holds the lock keeps all others waiting until its next turn, and then each of them in a row: thirty
first visitors waited there most of the time (`docs/load.md`). Values change only while the server starts, and reading
an entry of a dictionary takes no lock.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from streamlit import config


@functools.cache
def install() -> None:
    """For all of this process, unless a test has put a reader with options of its own in place of Streamlit's."""
    if config.get_option.__module__ == config.__name__:
        config.get_option = _unlocked(config.get_option)


def _unlocked(get_option: Callable[[str], Any]) -> Callable[[str], Any]:
    @functools.wraps(get_option)
    def read(key: str) -> Any:
        option = (config._config_options or {}).get(key)
        return get_option(key) if option is None else option.value

    return read
