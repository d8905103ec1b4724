"""Objects of a text in sets, dictionaries and lists: Python's containers ask them whether they are equal."""

from __future__ import annotations

from typing import Any


class Comparable:
    """An object that is equal to what its class says: by `__eq__`, or as a dataclass; to itself otherwise."""

    cls: Any

    def __eq__(self, other: object) -> bool:
        evaluator = self.cls.evaluator
        said = evaluator.says_equal(self, other) if evaluator is not None else None
        if said is not None:
            return bool(said)
        equal = super().__eq__(other)
        return self is other if equal is NotImplemented else equal

    def __hash__(self) -> int:
        evaluator = self.cls.evaluator
        said = evaluator.says_hash(self) if evaluator is not None else None
        if said is not None:
            return int(said)
        inherited: Any = super().__hash__
        if inherited is None:
            raise TypeError(f"unhashable type: '{self.cls.name}'")
        return int(inherited())
