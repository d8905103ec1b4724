"""The server's end of one process that computes for it."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

ROOT = Path(__file__).parents[3]
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class ProcessDiedError(Exception):
    """The process has ended, and with it what it computed."""


class WorkerProcess:
    """A Python process with some modules imported and warm, which computes one function at a time; started at once.

    For one thread at a time. Raises: ProcessDiedError if it cannot start.
    """

    def __init__(self, modules: Sequence[str] = ()) -> None:
        command = [sys.executable, "-m", "core.jobs.process_pool.serve", *modules]
        paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "OMP_WAIT_POLICY": "PASSIVE"}
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, start_new_session=True, stdin=pipe, stdout=pipe
            )
        except OSError as error:
            raise ProcessDiedError from error
        self._receive()  # its first reply

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def compute(
        self, function: Callable[Arguments, Result], *arguments: Arguments.args, **no_names: Arguments.kwargs
    ) -> Result:
        """`function(*arguments)`, computed there; the function is known by its module and name.

        Raises: what the function raises; ProcessDiedError if the process ends meanwhile.
        """
        request = pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL)
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(request)
            self._process.stdin.flush()
        except (OSError, ValueError) as error:  # ValueError: closed
            raise ProcessDiedError from error
        is_result, value = self._receive()
        if is_result:
            return cast(Result, value)
        raise cast(Exception, value)

    def close(self) -> None:
        """End it, whatever it does. Nothing is lost by that."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not sent
                    pipe.close()

    def _receive(self) -> tuple[bool, object]:
        assert self._process.stdout is not None
        try:
            return cast(tuple[bool, object], pickle.load(self._process.stdout))
        except (EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
            self.close()
            raise ProcessDiedError from error
        except BaseException:  # half a reply may be left in the pipe
            self.close()
            raise
