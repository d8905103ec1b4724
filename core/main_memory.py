"""Main memory of this machine, or of the container (Linux control group, of either version) that we live in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

MEMBERSHIP = Path("/proc/self/cgroup")
ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class ControlGroup:
    """A control group with a limit: bytes that it may take, and those that it holds besides files in the cache."""

    limit_bytes: int
    used_bytes: int


def total_bytes() -> int:
    """Bytes of main memory that this process and its relatives may use."""
    return min([psutil.virtual_memory().total, *(group.limit_bytes for group in _groups())])


def used_bytes() -> int:
    """Bytes of `total_bytes` that are in use and that the system cannot take back."""
    memory = psutil.virtual_memory()
    narrowest = min(_groups(), key=lambda group: group.limit_bytes, default=None)
    if narrowest is None or narrowest.limit_bytes >= memory.total:
        return memory.total - memory.available
    return narrowest.used_bytes


def _groups() -> Iterator[ControlGroup]:
    """Ours and those around it, as far as they set a limit. Source: cgroups(7); kernel docs, cgroup-v1/memory."""
    for folder in _folders():
        version_2 = (folder / "memory.max").exists()
        limit = _read(folder / ("memory.max" if version_2 else "memory.limit_in_bytes"))
        if limit.isdigit():  # not "max"
            used = _read(folder / ("memory.current" if version_2 else "memory.usage_in_bytes"))
            yield ControlGroup(int(limit), int(used or 0) - _file_bytes(folder, "" if version_2 else "total_"))


def _folders() -> Iterator[Path]:
    """The folders that describe our groups' memory, each once; in a container the outermost is all there is."""
    folders = [ROOT, ROOT / "memory"]
    for line in _read(MEMBERSHIP).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):  # version 2, version 1
            top = ROOT / controllers
            own = top / path.lstrip("/")
            folders += [folder for folder in (own, *own.parents) if folder.is_relative_to(top)]
    yield from dict.fromkeys(folders)


def _file_bytes(folder: Path, prefix: str) -> int:
    stat = dict(line.split(None, 1) for line in _read(folder / "memory.stat").splitlines())
    return sum(int(stat.get(f"{prefix}{name}_file", 0)) for name in ("active", "inactive"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
