"""For how long what people leave on the server is kept. docs/privacy.md says the same."""

from __future__ import annotations

from collections.abc import Sequence

from core.jobs.tracked_runs import TrackedRun
from core.limits import limits

KEPT = limits().kept_runs  # finished runs of one owner that can still be looked at
KEPT_BYTES = limits().kept_run_bytes  # and what they may take of the disk
KEPT_DAYS = 7.0  # days after an owner's last visit for which the images of their finished runs are kept
FORGOTTEN_DAYS = 180.0  # after the last visit, when the browser has lost its cookie, finished runs are removed


def expired_runs(runs: Sequence[TrackedRun], days_away: float) -> list[TrackedRun]:
    """Which of an owner's runs, the newest first, are to be removed, `days_away` days after their last visit."""
    finished, kept_bytes, expired = [run for run in runs if run.is_over], 0, []
    for number, run in enumerate(finished):
        kept_bytes += run.folder.size_bytes()
        if number >= KEPT or (number and kept_bytes > KEPT_BYTES) or days_away > FORGOTTEN_DAYS:
            expired.append(run)
    return expired


def needed_uploads(runs: Sequence[TrackedRun], days_away: float) -> tuple[set[str], set[str]]:
    """Paths of the uploaded archives that an owner's runs need, and of those that unfinished ones need.

    To look at a finished run its decoded images are enough, and these are kept until the owner stays away.
    """
    unfinished = {run.spec.source.path for run in runs if not run.is_over}
    return (unfinished if days_away > KEPT_DAYS else {run.spec.source.path for run in runs}), unfinished
