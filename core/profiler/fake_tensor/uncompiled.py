"""What is compiled runs as it is written while it is profiled: compiling takes minutes, and not for fake tensors."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import torch


class _Eager:
    """One stance for the whole process: the first who profiles changes it, the last changes it back."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._users = 0
        self._stance: contextlib.AbstractContextManager[None] | None = None
        self._compile: Callable[..., Any] = torch.compile

    def enter(self) -> None:
        """Where the compiler was not imported yet, nothing is compiled; it is told as soon as something is to be."""
        with self._lock:
            self._users += 1
            if self._users > 1:
                return
            if "torch._dynamo" in sys.modules:
                self._set_stance()
            else:
                self._compile, torch.compile = torch.compile, self._set_stance_and_compile

    def _set_stance_and_compile(self, *arguments: Any, **named: Any) -> Any:
        with self._lock:
            if self._users and self._stance is None:
                self._set_stance()
        return self._compile(*arguments, **named)

    def _set_stance(self) -> None:
        self._stance = torch.compiler.set_stance("force_eager")
        self._stance.__enter__()

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users:
                return
            if torch.compile == self._set_stance_and_compile:
                torch.compile = self._compile
            if self._stance is not None:
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
