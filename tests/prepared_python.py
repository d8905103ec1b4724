"""Runs programs as `python -I` does, in a Python that has imported torch already: a start costs a fork, not seconds.

A program sees what a stranger's does: its own folder, arguments, variables and input, nothing of this repository, and
nothing of the program before it. On systems without a safe fork each program gets a Python of its own.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

# Each line of its input is an order. A child of the fork takes the place of a Python just started and ends as one does.
_PREPARED = """
import atexit, json, os, random, runpy, sys, types
import numpy, torch

def become(order):
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.dup2(os.open(order[name], os.O_RDONLY if number == 0 else os.O_WRONLY), number)
    sys.stdin = sys.__stdin__ = open(0, closefd=False)
    numpy.random.seed()
    random.seed()

for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if not child:
        become(order)
        file, *_ = sys.argv = order["arguments"]
        if file == "-c":
            program = sys.argv.pop(1)
            main = sys.modules["__main__"] = types.ModuleType("__main__")
            exec(compile(program, "<string>", "exec"), main.__dict__)
        else:
            runpy.run_path(file, run_name="__main__")
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # taking torch apart takes longer than most programs
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


class _Prepared:
    """A Python that waits for orders; `threads` is OMP_NUM_THREADS, which is read as torch is imported."""

    def __init__(self, threads: str | None) -> None:
        environment = _without_python(os.environ)
        environment |= {} if threads is None else {"OMP_NUM_THREADS": threads}
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", _PREPARED],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=tempfile.gettempdir(),
            env=environment,
            start_new_session=True,
        )

    def exit_status(self, order: dict[str, object], patience: float) -> int:
        """How the program ended; one that takes longer than `patience` seconds takes this Python with it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], patience)[0]:
            os.killpg(self.process.pid, signal.SIGKILL)
            _prepared.cache_clear()
            raise subprocess.TimeoutExpired(str(order["arguments"]), patience)
        return int(self.process.stdout.readline())


@cache
def _prepared(threads: str | None) -> _Prepared:
    return _Prepared(threads)


def _without_python(environment: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in environment.items() if not key.startswith("PYTHON")}


def run(
    arguments: Sequence[str], folder: Path, text: str = "", threads: str | None = None, patience: float = 900
) -> subprocess.CompletedProcess[str]:
    """What `python -I` with `arguments` (-c and a program, or a file) does in `folder`, with `text` as its input.

    `threads` is the OMP_NUM_THREADS that it sees; None leaves what this process has. Raises
    `subprocess.TimeoutExpired` after `patience` seconds.
    """
    threads = os.environ.get("OMP_NUM_THREADS") if threads is None else threads
    environment = _without_python(os.environ) | ({} if threads is None else {"OMP_NUM_THREADS": threads})
    if sys.platform != "linux":
        command = [sys.executable, "-I", *arguments]
        how = {"cwd": folder, "env": environment, "timeout": patience, "input": text}
        return subprocess.run(command, capture_output=True, text=True, check=False, **how)
    with tempfile.TemporaryDirectory() as between:
        files = {name: Path(between) / name for name in ("stdin", "stdout", "stderr")}
        for name, path in files.items():
            path.write_text(text if name == "stdin" else "", encoding="utf-8")
        order = {"arguments": list(arguments), "folder": str(folder), "environment": environment}
        status = _prepared(threads).exit_status(order | {name: str(path) for name, path in files.items()}, patience)
        printed = [files[name].read_text(encoding="utf-8", errors="replace") for name in ("stdout", "stderr")]
    return subprocess.CompletedProcess(list(arguments), status, *printed)
