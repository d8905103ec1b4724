"""`python -m core COMMAND`: what the app knows, in a terminal. Every module of `core.cli` is a command."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import TextIO

from core import cli
from core.errors import PlaygroundError

INTERRUPTED = 130  # as shells have it


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status; what a person can mend is said in one sentence on stderr."""
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()  # None where a shell has closed them
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that the terminal's encoding lacks is escaped
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _command(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read the output has enough of it
        sys.stdout = _nowhere()  # for the interpreter, which flushes it in the end
        return 1
    except OSError as error:
        about = f"{error.filename}: " if error.filename else "Reading or writing failed: "
        print(f"{about}{error.strerror or error}.", file=sys.stderr)
        sys.stdout = _nowhere()
        return 1
    return status


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")


def _command(words: Sequence[str] | None) -> int:
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
