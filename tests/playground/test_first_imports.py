"""Two first imports never overlap, and what was imported once waits for nobody."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from playground import first_imports


def test_first_imports_do_not_overlap():
    inside, overlaps = 0, []

    def import_something(number: int) -> None:
        nonlocal inside
        with first_imports.one_at_a_time(f"test {number}"):
            inside += 1
            overlaps.append(inside)
            threading.Event().wait(0.01)  # others would come in now
            inside -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(import_something, range(8)))
    assert overlaps == [1] * 8


def test_what_was_imported_once_waits_for_nobody():
    with first_imports.one_at_a_time("test once"):
        pass
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with first_imports.one_at_a_time("test held"):
            held.set()
            done.wait(60)

    with ThreadPoolExecutor(1) as other:
        other.submit(hold)
        assert held.wait(60)
        with first_imports.one_at_a_time("test once"):
            assert not done.is_set()
        done.set()


def test_what_failed_is_imported_again():
    with pytest.raises(ImportError), first_imports.one_at_a_time("test failed"):
        raise ImportError
    assert "test failed" not in first_imports._imported
