"""The files under a folder of this machine, links followed: out of it too, where it was not opened to strangers."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.datasets.layout.listing import SourceContents
from core.datasets.reading.containers.archive import Opening, open_inner
from core.datasets.reading.containers.byte_source import PIECE, ByteSource
from core.datasets.reading.containers.limits import ENTRY_CAP
from core.datasets.reading.containers.members import Member, MemberTable
from core.datasets.reading.containers.names.encodings import decoded_names
from core.errors import DataError
from core.images import RefusedPicture

SHARED_FOLDERS = "CNN_PLAYGROUND_FOLDERS"  # a folder under which every visitor of this server may name folders
NAMED = 3  # paths that a note gives
LINK_OUT, BROKEN_LINK, LOOP = "a link out of what may be read", "a link to nothing", "a link back to a folder above it"
UNREADABLE, TOO_DEEP = "cannot be opened", "a folder too deep in others"
DEPTH_CAP = 60  # folders in each other
WAY_OUT = {
    LINK_OUT: "links that lead out of what this server may read are not followed, copy their targets into the folder",
    BROKEN_LINK: "these links point to nothing, copy what they should point to into the folder",
    UNREADABLE: "these cannot be opened, change their permissions",
}


@dataclass
class FolderWalk:
    """A folder being gone through: the paths of its files as they are on the disk, and what is left out.

    Links are followed to what lies under `limit`; those that lead out of the folder itself are listed as `linked`.
    """

    root: str
    limit: str
    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    linked: list[str] = field(default_factory=list)

    def add(self, folder: str, above: tuple[str, ...]) -> None:
        """Go through `folder`; `above` are the true paths of it and of those that it lies in."""
        try:
            entries = sorted(os.scandir(os.path.join(self.root, folder)), key=lambda entry: entry.name)
        except OSError:
            self.left_out[folder] = UNREADABLE
            return
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            is_link = entry.is_symlink()
            true_path = os.path.realpath(entry.path) if is_link else os.path.join(above[-1], entry.name)
            if is_link and (reason := self._wrong_link(true_path, above)):
                self.left_out[path] = reason
                continue
            if is_link and not Path(true_path).is_relative_to(self.root):
                self.linked.append(path)
            if entry.is_dir():
                self.folders.append(path)
                if len(above) < DEPTH_CAP:
                    self.add(path, (*above, true_path))
                else:
                    self.left_out[path] = TOO_DEEP
            elif entry.is_file():  # a pipe or a device would never end
                self.files.append(path)
            if max(len(self.files), len(self.folders)) > ENTRY_CAP:  # links can make many folders of a few
                raise DataError(f"{self.root} holds more than {ENTRY_CAP:,} files or folders: choose a smaller one.")

    def _wrong_link(self, true_path: str, above: tuple[str, ...]) -> str:
        if not os.path.exists(true_path):
            return BROKEN_LINK
        if not Path(true_path).is_relative_to(self.limit):
            return LINK_OUT
        return LOOP if true_path in above or Path(self.root).is_relative_to(true_path) else ""


def path_of(name: str | Path) -> Path:
    """The path that somebody wrote, `~` replaced by the home folder.

    Raises: DataError if no file can have that name: a NUL byte, too long, or the home folder of nobody.
    """
    try:
        if "\0" in str(name):
            raise ValueError(name)
        path = Path(name).expanduser()
        path.is_dir()
    except (OSError, RuntimeError, ValueError) as error:
        shown = str(name).replace("\0", "\\0")
        shown = shown if len(shown) <= 60 else f"{shown[:60]} …"
        raise DataError(f"No folder or file can have the name {shown}: check it.") from error
    return path


def open_folder(folder: Path) -> SourceContents:
    """The files under a folder. What may not be opened, and links that lead nowhere, are left out with a note.

    Links may lead out of the folder, as in datasets whose splits are made of links, and a note names them. Where
    `CNN_PLAYGROUND_FOLDERS` lets visitors name folders, they may not lead out of that folder.
    Raises: DataError if it is no folder, cannot be read, or holds too many files.
    """
    if not folder.is_dir():
        raise DataError(f"The folder {folder} does not exist: check the name.")
    root = os.path.realpath(folder)
    walk = FolderWalk(root, limit=_limit(root))
    walk.add("", (root,))
    if walk.left_out.get("") == UNREADABLE:
        raise DataError(f"The folder {folder} cannot be opened: change its permissions.")
    return _contents(folder.name or root, walk)


def _limit(root: str) -> str:
    """What links under `root` may lead to."""
    shared = os.environ.get(SHARED_FOLDERS)
    if not shared:
        return os.path.abspath(os.sep)
    shared = os.path.realpath(os.path.expanduser(shared))
    return shared if Path(root).is_relative_to(shared) else root


def _contents(name: str, walk: FolderWalk) -> SourceContents:
    stored = [*walk.files, *walk.folders, *walk.left_out]
    decoded, notes = decoded_names([os.fsencode(path) for path in stored])
    names = dict(zip(stored, decoded, strict=True))
    table = MemberTable(folders={names[path] for path in walk.folders}, notes=notes)
    places = {names[path]: Path(walk.root, path) for path in walk.files}
    for path, place in places.items():
        if (member := _member(place)) is None:
            walk.left_out[path] = UNREADABLE
        else:
            table.members[path] = member
    table.left_out = {names.get(path, path): reason for path, reason in walk.left_out.items()}
    table.notes += _notes_on(table.left_out)
    if walk.linked:
        table.notes.append(f"Read from elsewhere, through links: {_named(walk.linked)}.")
    open_inner(table, Opening(), lambda path: ByteSource(places[path]))
    return table.contents(name)


def _member(path: Path) -> Member | None:
    try:
        about = path.stat()
    except OSError:  # it went away
        return None
    return Member(about.st_size, f"{about.st_size} {about.st_mtime_ns}", functools.partial(_pieces, path))


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb", buffering=0) as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        message = f"{path.name} cannot be opened ({error.strerror}): check its permissions."
        raise RefusedPicture(message, UNREADABLE) from error


def _notes_on(left_out: dict[str, str]) -> list[str]:
    """A sentence on each kind of thing that was left out, naming a few."""
    notes = []
    for reason, way_out in WAY_OUT.items():
        paths = [path for path, given in left_out.items() if given == reason]
        if paths:
            notes.append(f"Left out: {_named(paths)}; {way_out}.")
    return notes


def _named(paths: list[str]) -> str:
    more = f" and {len(paths) - NAMED:,} more" if len(paths) > NAMED else ""
    return f"{', '.join(paths[:NAMED])}{more}"
