"""`collections.deque` as a text may use it: a list with two ends, which may be bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class Deque(list[Any]):
    """Items with two ends.

    >>> items = Deque([1, 2, 3], maxlen=2)
    >>> items.push(4)
    >>> items
    [3, 4]
    """

    def __init__(self, items: Iterable[Any] = (), maxlen: int | None = None):
        super().__init__(items)
        self.maxlen = maxlen
        self.trim()

    def trim(self, at_end: bool = False) -> None:
        """Drops what is too many, at the end that nothing was added to."""
        excess = len(self) - (len(self) if self.maxlen is None else self.maxlen)
        if excess > 0:
            del self[slice(len(self) - excess, None) if at_end else slice(excess)]

    def push(self, item: Any) -> None:
        """`append`."""
        self.append(item)
        self.trim()

    def push_left(self, item: Any) -> None:
        """`appendleft`."""
        self.insert(0, item)
        self.trim(at_end=True)

    def push_all(self, items: Iterable[Any]) -> None:
        """`extend`."""
        for item in list(items):
            self.push(item)

    def push_all_left(self, items: Iterable[Any]) -> None:
        """`extendleft`."""
        for item in list(items):
            self.push_left(item)

    def rotate(self, count: int = 1) -> None:
        """Items of the right end to the left one."""
        at = -count % len(self) if self else 0
        self[:] = self[at:] + self[:at]


DEQUE: dict[str, Callable[..., Any]] = {
    **{name: getattr(list, name) for name in ("remove", "reverse", "index", "count", "clear", "insert")},
    "append": Deque.push,
    "appendleft": Deque.push_left,
    "extend": Deque.push_all,
    "extendleft": Deque.push_all_left,
    "rotate": Deque.rotate,
    "pop": lambda items: items.pop(),
    "popleft": lambda items: items.pop(0),
    "copy": lambda items: Deque(items, items.maxlen),
}
