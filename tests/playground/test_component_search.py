"""The installed packages are searched for Streamlit components once in a process of tests, whatever opens an app."""

import importlib.metadata

from streamlit.testing.v1 import AppTest


def test_a_second_app_reads_no_metadata_of_packages(monkeypatch):
    def opened() -> AppTest:
        return AppTest.from_string("import streamlit\n\nstreamlit.title('here')").run()

    opened()
    searches: list[None] = []
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: searches.append(None) or ())
    assert opened().title[0].value == "here"
    assert searches == []
