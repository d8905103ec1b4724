"""Streamlit's data caches hold so many bytes at most, all together, and what was used last stays."""

import dataclasses

import pytest
import streamlit as st
from streamlit.runtime.caching import global_cache_budget

from core.limits import limits
from playground.server import cache_bytes
from tests.browser.chromium import ROOT

SIZE = 100_000


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    few = dataclasses.replace(limits(), cache_bytes=5 * SIZE + SIZE // 2)
    monkeypatch.setattr(cache_bytes, "limits", lambda: few)
    st.cache_data.clear()
    yield
    global_cache_budget.get_global_cache_budget().reconfigure(None)


def test_what_was_used_longest_ago_goes_first_whichever_cache_it_is_in(caplog):
    computed = []

    @st.cache_data(show_spinner=False)
    def one(number: int) -> bytes:
        computed.append(number)
        return bytes(SIZE)

    @st.cache_data(show_spinner=False)
    def other(number: int) -> bytes:
        return bytes(SIZE)

    cache_bytes.bound()
    one(1), one(2)
    for number in range(3):
        other(number)
        one(1)
    other(3)
    assert global_cache_budget.get_global_cache_budget().total_bytes <= 5.5 * SIZE
    one(1)
    assert computed == [1, 2]
    one(2)
    assert computed == [1, 2, 2]
    assert "budget" not in caplog.text


def test_what_the_options_of_streamlit_say_counts(monkeypatch):
    monkeypatch.setattr(cache_bytes.config, "get_option", {"server.maxCacheDataSize": "1gb"}.get)
    cache_bytes.bound()
    assert not global_cache_budget.get_global_cache_budget().is_enabled
    assert "maxCacheDataSize" not in (ROOT / ".streamlit/config.toml").read_text(encoding="utf-8")
