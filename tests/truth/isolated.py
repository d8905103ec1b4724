"""Runs blocks of code as a stranger does: in an empty folder, and without this repository."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tests import prepared_python

ROOT = Path(__file__).parents[2]

# Runs inside of `python -I`. A block sees a `__main__` of its own, torch as it comes (one thread), and no other block.
_RUNNER = """
import contextlib, importlib.util, io, json, linecache, sys, traceback, types

blocks = json.load(sys.stdin)
for package in ("core", "playground"):
    assert importlib.util.find_spec(package) is None, f"{package} can be imported: {sys.path}"
if any("torch" in text for text in blocks):
    import torch
answers = []
for number, text in enumerate(blocks):
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    name = f"<block {number}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    if "torch" in sys.modules:
        sys.modules["torch"].set_default_dtype(sys.modules["torch"].float32)
        sys.modules["torch"].set_grad_enabled(True)
        sys.modules["torch"].seed()  # a block that forgets to seed prints other numbers than the page
    printed, error = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(text, name, "exec"), module.__dict__)
    except BaseException:
        error = traceback.format_exc()
    answers.append((printed.getvalue(), error))
sys.__stdout__.write("\\n" + json.dumps(answers))
"""


class BlockFailed(AssertionError):
    """A block raised an exception; the message holds its traceback and its text."""


def outputs(blocks: Sequence[str], folder: Path, patience: float = 300) -> list[str]:
    """What each block prints when a stranger runs it: one start of Python for all, each block on its own.

    `folder` is empty but for files that the page offers beside its block (image.png). This repository is not on the
    path, and neither variables nor settings of an earlier block reach a later one.
    """
    if folder.resolve().is_relative_to(ROOT):
        raise ValueError(f"{folder} lies inside the repository")
    done = prepared_python.run(["-c", _RUNNER], folder, json.dumps(list(blocks)), threads="1", patience=patience)
    if done.returncode:
        raise BlockFailed(f"Python ended with {done.returncode}:\n{done.stderr}")
    answers = json.loads(done.stdout.splitlines()[-1])
    for number, (_, error) in enumerate(answers):
        if error:
            raise BlockFailed(f"{error}\nin block {number}:\n\n{blocks[number]}")
    return [printed for printed, _ in answers]
