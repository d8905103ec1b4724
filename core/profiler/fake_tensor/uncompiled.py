"""What is compiled runs as it is written while it is profiled: compiling takes minutes, and not for fake tensors."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import torch


class _Eager:
    """One stance for the whole process: the first who profiles changes it, the last changes it back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._stance: contextlib.AbstractContextManager[None] | None = None

    def enter(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._stance = torch.compiler.set_stance("force_eager")
                self._stance.__enter__()

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._stance is not None:
                self._stance.__exit__(None, None, None)
                self._stance = None


_EAGER = _Eager()


@contextlib.contextmanager
def uncompiled() -> Iterator[None]:
    """Functions and modules of `torch.compile` run as they are written inside.

    >>> double = torch.compile(lambda x: 2 * x)
    >>> with uncompiled():
    ...     double(torch.ones(()))
    tensor(2.)
    """
    _EAGER.enter()
    try:
        yield
    finally:
        _EAGER.leave()
