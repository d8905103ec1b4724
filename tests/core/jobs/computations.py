"""What the tests of the process pool have computed: found there by module and name."""

import os
import threading
from typing import Any

from core.errors import PlaygroundError, ShapeError


class OddError(Exception):
    """It can be written, and not read again."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"{one} and {other}")


def echo(value: Any) -> Any:
    return value


def process_id() -> int:
    return os.getpid()


def die() -> None:
    os._exit(1)


def die_once(path: str) -> int:
    """Ends its process, and the next time gives the id of another one."""
    try:
        os.mkdir(path)
    except FileExistsError:
        return os.getpid()
    os._exit(1)


def die_twice(folder: str) -> int:
    """Ends its process twice, and the third time gives the id of another one."""
    tries = len(os.listdir(folder))
    if tries == 2:
        return os.getpid()
    os.mkdir(f"{folder}/{tries}")
    os._exit(1)


def stay(path: str) -> None:
    """Never comes back; a folder shows that it has begun."""
    os.mkdir(path)
    threading.Event().wait()


def unsendable() -> Any:
    return lambda: None


def refuse(kind: str) -> None:
    if kind == "layer":
        from core.profiler import Failure
        from core.profiler.rows import LayerError

        raise LayerError("it stops at fc", (), Failure("fc", "Linear", ((1, 2),), "3", "change it", "in", 3))
    errors: dict[str, Exception] = {
        "playground": PlaygroundError("too large"),
        "shape": ShapeError("7x7 does not fit"),
        "bug": ZeroDivisionError("a mistake of ours"),
        "odd": OddError(1, 2),
    }
    raise errors[kind]
