"""Garbage is collected by Python as it goes and wholly in quiet moments, never after each run of a script."""

import gc
import tomllib
import weakref

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


@pytest.mark.parametrize(
    ("collections", "times"), [([0, 9, 9, 9, 9, 9], 1), ([0, 9, 9, 18, 18, 18], 2), ([0, 9, 18, 27, 36, 45], 0)]
)
def test_everything_is_collected_once_after_each_busy_time_and_never_within_one(monkeypatch, collections, times):
    class Over(Exception):
        pass

    done, counts = [], iter(collections)

    def count():
        try:
            return next(counts)
        except StopIteration:
            raise Over from None

    monkeypatch.setattr(startup, "_collections", count)
    monkeypatch.setattr(startup.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(startup, "collect_everything", lambda: done.append(1))
    with pytest.raises(Over):
        startup._collect_when_quiet()
    assert len(done) == times
