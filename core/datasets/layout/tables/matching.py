"""From the names of files in a table to the images they mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from core.datasets.layout.folders.roles import PREDICT, role_of
from core.datasets.layout.listing import TEST, TRAIN
from core.datasets.layout.naming import stem, without_zeros


class FileIndex:
    """Images by the names that a table may give them: with or without folders, with or without a suffix."""

    def __init__(self, parts_of: Mapping[str, tuple[str, ...]]) -> None:
        self._parts_of = parts_of
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._wrapper = _common(parts[:-1] for parts in parts_of.values())
        for path, parts in parts_of.items():
            own = stem(parts[-1]).lower()
            for name in {parts[-1].lower(), own, *([without_zeros(own)] if own.isdecimal() else [])}:
                self._by_name[name].append(path)

    def find(self, name: str, table: str = "") -> str | None:
        """The image of that name; None if there is none, or several.

        Of images with one name in several folders the one counts whose folders agree with the name's own, then with
        the folder and the split of the table, whose path is `table`: a table that says none is not about a test.
        """
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        if not parts:
            return None
        last = parts[-1].lower()
        names = (last, stem(last), *([without_zeros(last)] if last.isdecimal() else []))
        paths = next((self._by_name[name] for name in names if name in self._by_name), [])
        if len(paths) > 1:
            paths = self._nearest(paths, parts[:-1])
        if len(paths) > 1:
            paths = self._beside(paths, table)
        if len(paths) > 1:
            paths = self._of_split(paths, self.split_of_table(table))
        return paths[0] if len(paths) == 1 else None

    def _nearest(self, paths: list[str], folders: list[str]) -> list[str]:
        def agreement(path: str) -> int:
            own, count = self._parts_of[path][:-1], 0
            for mine, given in zip(reversed(own), reversed(folders), strict=False):
                if mine.lower() != given.lower():
                    break
                count += 1
            return count

        scores = {path: agreement(path) for path in paths}
        return [path for path in paths if scores[path] == max(scores.values())]

    def _beside(self, paths: list[str], table: str) -> list[str]:
        folder = table.rpartition("/")[0]
        return [path for path in paths if folder and path.startswith(f"{folder}/")] or paths

    def _of_split(self, paths: list[str], split: str) -> list[str]:
        splits = {path: self._splits(path) for path in paths}
        if same := [path for path in paths if split in splits[path]]:
            return same
        return [path for path in paths if not splits[path] & {TEST, PREDICT}] or paths

    def _splits(self, path: str) -> set[str]:
        parts = self._parts_of[path][len(self._wrapper) : -1]
        return {role.split for part in parts if (role := role_of(part))}

    def split_of_table(self, path: str) -> str:
        """The split that a table's name or the folders around it say; training if they say none.

        Folders that are around everything do not count.
        """
        parts = path.split("/")
        around = len(_common([tuple(parts[:-1]), self._wrapper]))
        roles = (role_of(stem(part)) for part in reversed(parts[around:]))
        return next((role.split for role in roles if role), TRAIN)


def _common(folders: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The folders with which all begin."""
    common: tuple[str, ...] | None = None
    for parts in folders:
        if common is None:
            common = parts
        while common != parts[: len(common)]:
            common = common[:-1]
    return common or ()
