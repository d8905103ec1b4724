"""`python -m core download NAME`: fetch a dataset for all users of this machine; without a name, a list."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from core.errors import DataError


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("download", help="download a dataset once for all users of this machine")
    parser.add_argument("name", nargs="?", help="the dataset; without it, a list of all with their sizes")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Fetch a dataset behind a progress bar, or list them. Returns the exit status."""
    from core.datasets import REMOTE

    if arguments.name is None:
        _list()
    elif arguments.name not in REMOTE:
        raise DataError(f"There is no dataset {arguments.name!r} to download: choose {', '.join(REMOTE)}.")
    else:
        _fetch(arguments.name)
    return 0


def _list() -> None:
    from core.datasets import REMOTE, is_downloaded

    for name, entry in REMOTE.items():
        here = "here" if is_downloaded(name) else f"{entry.size_bytes / 1e6:,.1f} MB"
        print(f"{name:24} {here:>10}  {entry.title}: {entry.blurb} Licence: {entry.licence}.")


def _fetch(name: str) -> None:
    from tqdm import tqdm

    from core.datasets import REMOTE, download

    with tqdm(total=REMOTE[name].size_bytes, unit="B", unit_scale=True, file=sys.stderr) as bar:
        path = download(name, lambda done, total: bar.update(done - bar.n))
    print(path)
