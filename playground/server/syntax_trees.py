"""One thread at a time builds a syntax tree of a text.

CPython counts how deep it is in a tree in one place for all threads. Where another one gets its turn in the midst, as
while garbage is looked for, and begins a tree of its own, the first one's `ast.parse` raises a SystemError: so did a
page that shows its own source, once in some thousand answers of a busy class.

Source: https://github.com/python/cpython/issues/106905
"""

from __future__ import annotations

import ast
import functools
import threading
from collections.abc import Callable
from typing import Any


@functools.cache
def install() -> None:
    """For all of this process, `inspect` and Streamlit included."""
    ast.parse = one_at_a_time(ast.parse)


def one_at_a_time(parse: Callable[..., Any]) -> Callable[..., Any]:
    """A function that other threads wait for; it may call itself."""
    lock = threading.RLock()

    @functools.wraps(parse)
    def parse_alone(*arguments: Any, **named: Any) -> Any:
        with lock:
            return parse(*arguments, **named)

    return parse_alone
