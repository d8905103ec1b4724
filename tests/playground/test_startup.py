"""Garbage is collected by Python as it goes and wholly in quiet moments, never after each run of a script."""

import ast
import gc
import itertools
import threading
import tomllib
import types
import weakref
from collections.abc import Callable

import pytest

from playground import startup
from tests.browser.chromium import ROOT


class Node:
    """Something that can hold itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before():
    yield
    gc.callbacks[:] = [each for each in gc.callbacks if each is not startup._pass_over_survivors]
    gc.unfreeze()


def test_streamlit_does_not_collect_after_every_run():
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert config["runner"]["postScriptGC"] is False
    assert gc.isenabled()


def test_a_quiet_moment_frees_what_was_frozen_and_freezes_what_is_left():
    node = Node()
    gc.freeze()
    watched = weakref.ref(node)
    del node
    gc.collect()
    assert watched() is not None  # frozen: nothing else would ever free it
    startup.collect_everything()
    assert watched() is None
    assert gc.get_freeze_count() > 0


def test_what_a_full_collection_leaves_is_passed_over_by_the_next():
    gc.callbacks.append(startup._pass_over_survivors)
    gc.unfreeze()
    gc.collect(1)
    assert gc.get_freeze_count() == 0
    gc.collect()
    assert gc.get_freeze_count() > 0


@pytest.mark.parametrize(
    ("collections", "seconds", "times"),
    [
        ([0, 9, 9, 9, 9, 9], 20, 1),
        ([0, 9, 9, 18, 18, 18], 20, 2),
        ([0, 9, 18, 27, 36, 45], 10, 0),
        ([0, 9, 18, 27, 36, 45], 50, 2),
        ([0, 9, 9, 18, 18, 18], 10, 1),
    ],
    ids=["once it is over", "twice", "not within it", "but in a long one", "not in every short pause"],
)
def test_when_everything_is_collected(monkeypatch, collections, seconds, times):
    class Over(Exception):
        pass

    done, counts = [], iter(collections)

    def count():
        try:
            return next(counts)
        except StopIteration:
            raise Over from None

    monkeypatch.setattr(startup, "_collections", count)
    clock = itertools.count(0, seconds)
    monkeypatch.setattr(startup.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(startup.time, "sleep", lambda _: None)
    monkeypatch.setattr(startup, "collect_everything", lambda: done.append(1))
    with pytest.raises(Over):
        startup._collect_when_quiet()
    assert len(done) == times


@pytest.mark.parametrize(
    ("megabytes", "looks"),
    [
        ([500] * 24, [0, 10, 20]),
        ([500, 510, 520, 524, *[530] * 16], [0, 4, 14]),
        ([500, 540, 580, 620, 660], [0, 1, 2, 3, 4]),
        ([600, 500, 520, 530], [0]),
    ],
    ids=["every two seconds", "sooner after growth", "again and again", "not while less is there"],
)
def test_when_free_memory_is_given_back(monkeypatch, megabytes, looks):
    class Over(Exception):
        pass

    class Process:
        at, trims = 0, []

        def memory_info(self):
            return types.SimpleNamespace(rss=megabytes[self.at] * 1_000_000)

        def pass_time(self, seconds):
            self.at += 1
            if self.at == len(megabytes):
                raise Over

    process = Process()
    monkeypatch.setattr(startup.psutil, "Process", lambda: process)
    monkeypatch.setattr(startup.time, "sleep", process.pass_time)
    monkeypatch.setattr(startup.time, "monotonic", lambda: process.at * startup.LOOK_S)
    monkeypatch.setattr(startup.heap, "trim", lambda: process.trims.append(process.at))
    with pytest.raises(Over):
        startup._trim()
    assert process.trims == looks


def test_of_a_class_that_comes_together_one_starts_the_import(monkeypatch):
    begun: list[str] = []

    class NoThread:
        def __init__(self, target: Callable[[], None], daemon: bool) -> None:
            begun.append(target.__name__)

        def start(self) -> None:
            pass

    nothing = (
        "_share_the_interpreter",
        "logs.configure",
        "browser_messages.install",
        "heap.keep_small",
        "heap.keep_few_kernels",
    )
    installed = (
        *("component_state.install", "script_threads.install", "closed_tabs.install", "syntax_trees.install"),
        *("disk_uploads.keep_on_disk", "cache_bytes.bound"),
    )
    for name in (*nothing, *installed):
        monkeypatch.setattr(f"playground.startup.{name}", lambda: None)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.setattr(startup, "_first_call", threading.Lock())
    monkeypatch.setattr(startup.threading, "Thread", NoThread)
    for _ in range(3):
        startup.import_torch_in_background()
    assert begun == ["_warm_up"]


def test_pages_are_imported_once_beforehand_and_by_their_first_visitor():
    files = sorted(startup.PAGES.glob("*.py"))
    ideas = {file.stem: startup._idea(ast.parse(file.read_text(encoding="utf-8"))) for file in files}
    assert [page for page, idea in ideas.items() if not idea] == ["home"]
    assert ideas["dropout"].startswith("Drop random parts"), "the key that `lesson.idea` takes"
