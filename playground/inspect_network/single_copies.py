"""One copy of each model in memory, however often caches let it go while visitors still look at it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable

from torch import nn


class SingleCopies:
    """Models that are alive somewhere, each under a key: who wants one gets the same, and it goes with its last holder.

    A cache with few entries alone would build a model again that the sessions of a class hold already, 45 MB each time.
    """

    def __init__(self) -> None:
        self._alive: weakref.WeakValueDictionary[Hashable, nn.Module] = weakref.WeakValueDictionary()
        self._lock = threading.Lock()

    def get(self, key: Hashable, build: Callable[[], nn.Module]) -> nn.Module:
        """The model under this key, built if nobody holds it."""
        with self._lock:
            model = self._alive.get(key)
            if model is None:
                model = self._alive[key] = build()
            return model
