"""Links by which others look at a run: a token of its own, which the owner makes and takes back.

The token stands in the run's folder and goes with it; the index beside the runs has a file for each digest of a token,
so that whoever reads names finds no token. All servers that share the folder know all links.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from core.jobs.storage.run_folder import write_json
from core.jobs.storage.run_store import RunStore

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes
SHARED = "shared.json"


@dataclass(frozen=True)
class SharedRun:
    """A run that others may look at: its images, too, if `shows_images`; its weights and script if `offers_files`."""

    owner: str
    run_id: str
    token: str
    shows_images: bool = False
    offers_files: bool = False


class SharedRuns:
    """The shared runs of a store. Only the owner's name opens `share`, `of` and `revoke`; only a token opens `find`."""

    def __init__(self, store: RunStore) -> None:
        self._store, self._index = store, store.root / "shared"

    def share(self, owner: str, run_id: str, *, shows_images: bool, offers_files: bool) -> SharedRun | None:
        """Let others look at a run. One that is shared keeps its token. None if the owner has no such run."""
        folder = self._store.folder(owner, run_id)
        if folder is None:
            return None
        before = self.of(owner, run_id)
        token = before.token if before else secrets.token_urlsafe(32)
        self._index.mkdir(mode=0o700, exist_ok=True)
        terms = {"token": token, "shows_images": shows_images, "offers_files": offers_files}
        write_json(folder.path / SHARED, terms)
        write_json(self._entry(token), {"owner": owner, "run_id": run_id})
        return SharedRun(owner, run_id, token, shows_images, offers_files)

    def of(self, owner: str, run_id: str) -> SharedRun | None:
        """How the owner's run is shared; None if it is not."""
        folder = self._store.folder(owner, run_id)
        terms = _read(folder.path / SHARED) if folder else {}
        token = terms.get("token")
        if not (isinstance(token, str) and TOKEN.fullmatch(token)):
            return None
        permissions = (terms.get(name) is True for name in ("shows_images", "offers_files"))
        return SharedRun(owner, run_id, token, *permissions)

    def revoke(self, owner: str, run_id: str) -> None:
        """The link opens nothing from now on; a new one has another token."""
        shared = self.of(owner, run_id)
        folder = self._store.folder(owner, run_id)
        if shared is not None and folder is not None:
            (folder.path / SHARED).unlink(missing_ok=True)
            self._entry(shared.token).unlink(missing_ok=True)

    def find(self, token: str) -> SharedRun | None:
        """The run that a link opens; None if it opens none, or its run was removed."""
        if not TOKEN.fullmatch(token):
            return None
        entry = _read(self._entry(token))
        owner, run_id = (str(entry.get(name, "")) for name in ("owner", "run_id"))
        shared = self.of(owner, run_id)
        if shared is not None and hmac.compare_digest(shared.token, token):
            return shared
        self._entry(token).unlink(missing_ok=True)
        return None

    def _entry(self, token: str) -> Path:
        return self._index / f"{hashlib.sha256(token.encode()).hexdigest()}.json"


def _read(path: Path) -> dict[str, object]:
    """The JSON object in a file; an empty one where there is none."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
