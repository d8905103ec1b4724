"""What is the same for every app that a test opens is prepared once in a process of tests."""

import importlib.metadata

from streamlit.runtime.scriptrunner import script_cache
from streamlit.testing.v1 import AppTest


def opened() -> AppTest:
    return AppTest.from_string("import streamlit\n\nstreamlit.title('here')").run()


def counted(monkeypatch, module, name: str) -> list[tuple]:
    """The calls of a function from now on, which goes on as before."""
    calls, function = [], getattr(module, name)
    monkeypatch.setattr(module, name, lambda *given, **named: calls.append(given) or function(*given, **named))
    return calls


def test_a_second_app_reads_no_metadata_of_packages(monkeypatch):
    opened()
    searches = counted(monkeypatch, importlib.metadata, "distributions")
    assert opened().title[0].value == "here"
    assert searches == []


def test_a_script_is_compiled_once(monkeypatch):
    opened()
    compiled = counted(monkeypatch, script_cache.magic, "add_magic")
    assert opened().run().title[0].value == "here"
    assert compiled == []
