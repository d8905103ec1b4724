"""Finding an entry of a registry by its name or by its key, and saying which there are where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from core.errors import PlaygroundError


class Named(Protocol):
    """What every entry has: its name on the screen, and its key, which is short and needs no quotes in a terminal."""

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> str: ...


Entry = TypeVar("Entry", bound=Named)


def registry(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Entries by name, in order."""
    return {entry.name: entry for entry in entries}


def lookup(kind: str, entries: Mapping[str, Entry], name: str) -> Entry:
    """The entry of that name or key, in capitals or not.

    Raises: PlaygroundError if there is none.
    """
    if name in entries:
        return entries[name]
    for entry in entries.values():
        if str(name).casefold() in (entry.name.casefold(), entry.key.casefold()):
            return entry
    known = ", ".join(entry.key for entry in entries.values())
    raise PlaygroundError(f"{kind} {name!r} is not known: choose one of {known}.")
