"""`python -m core COMMAND`: what the app knows, in a terminal. Every module of `core.cli` is a command."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

from core import cli
from core.errors import PlaygroundError


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status; what a person can mend is said in one sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m core", description="Convolutional networks in the terminal.")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in pkgutil.iter_modules(cli.__path__):
        importlib.import_module(f"core.cli.{module.name}").add_parser(subparsers)
    arguments = parser.parse_args(words)
    try:
        return arguments.run(arguments)
    except PlaygroundError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
