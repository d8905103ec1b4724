"""What a run is to do, in plain values: it is written to disk and read by other processes."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import core.datasets
from core.datasets import LayoutChoice
from core.training.recipe.config import TrainConfig

JSON_KEYS = {"decoded": "pictures", "created_at": "since", "server": "office"}  # as runs on disk have them


@dataclass(frozen=True)
class Source:
    """Where images come from; `title` is what people call it.

    A built-in or downloaded set has a `name`. Anything else has a `path`: an archive that somebody gave this server
    (`is_upload`: it is removed when they let go of it, and nothing of it is kept after that), or a
    folder of this machine, whose `stamp` changes with what lies in it. `layout` is a `LayoutChoice` as text: how its
    folders are read where that was corrected.
    """

    title: str
    name: str = ""
    path: str = ""
    stamp: str = ""
    is_upload: bool = False
    is_private: bool = False
    layout: str = ""

    @property
    def choice(self) -> LayoutChoice:
        """How the folders are to be read."""
        return LayoutChoice.parse(self.layout)

    def read_as(self, choice: LayoutChoice) -> Source:
        """The same files, read in another way."""
        return dataclasses.replace(self, layout=str(choice))

    @property
    def is_named(self) -> bool:
        """Whether everybody knows the set by the same name."""
        return not self.path

    @property
    def where(self) -> str:
        """What `core.datasets.load` takes."""
        return self.path or self.name

    def decoded_file(self, folder: Path, size: int) -> Path:
        """Where the decoded images are: beside the archive for an upload, else one file in `folder` for all users."""
        if self.is_upload:
            reading = f"-{_digest(self.layout)}" if self.layout else ""
            return Path(self.path).parent / f"decoded-{size}{reading}.pt"
        if self.is_named:
            return folder / f"{self.name}-{_version()}-{size}.pt"
        content = "\n".join([self.path, self.stamp, *([self.layout] if self.layout else [])])
        return folder / f"folder-{_digest(content)}-{size}.pt"


def _digest(content: str) -> str:
    return hashlib.blake2b(content.encode(errors="surrogatepass"), digest_size=12).hexdigest()


@cache
def _version() -> str:
    """Changes with the code that draws and decodes: what another version of the app has decoded is not ours."""
    files = sorted(Path(core.datasets.__file__).parent.rglob("*.py"))
    return hashlib.blake2b(b"".join(file.read_bytes() for file in files), digest_size=4).hexdigest()


@dataclass(frozen=True)
class JobSpec:
    """A run: whose, on which images (`decoded` is their file), by which recipe and where.

    `created_at` counts seconds since 1970. `server` looks after the run; another takes over when that one is gone.
    `device` is "cpu", "mps", "cuda:0" or, on a cluster, "gpu"; `threads` is 0 for as many as the worker may use.
    """

    run_id: str
    owner: str
    source: Source
    size: int
    config: TrainConfig
    decoded: str
    created_at: float
    server: str
    device: str = "cpu"
    threads: int = 0

    def to_json(self) -> dict[str, Any]:
        return {JSON_KEYS.get(name, name): value for name, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> JobSpec:
        """The inverse. Raises: TypeError, ValueError or KeyError if these are not the values of a specification."""
        names = {key: name for name, key in JSON_KEYS.items()}
        nested = {"source": checked(Source(**values["source"])), "config": TrainConfig(**values["config"])}
        return checked(cls(**{names.get(key, key): value for key, value in (values | nested).items()}))


_PLAIN: dict[str, tuple[type, ...]] = {"str": (str,), "bool": (bool,), "int": (int,), "float": (int, float)}
Checked = TypeVar("Checked", Source, JobSpec)


def checked(values: Checked) -> Checked:
    """The same values. Raises: TypeError if one that is to be a number, a text or a truth value is something else."""
    for field in dataclasses.fields(values):
        value = getattr(values, field.name)
        if not isinstance(value, _PLAIN.get(str(field.type), (object,))):
            raise TypeError(f"{field.name} is {value!r}, not {field.type}")
    return values
