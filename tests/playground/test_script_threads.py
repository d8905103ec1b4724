"""What a visitor's script leaves is freed at the end of its thread, without a look for garbage."""

import gc
import weakref

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

from playground.server import script_threads

contexts: list[weakref.ref] = []  # one of each run of `app`


def app():
    import weakref

    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from tests.playground.test_script_threads import contexts

    contexts.append(weakref.ref(get_script_run_ctx()))
    st.write("moved to", st.slider("Side", 1, 9, key="side"))


@pytest.fixture(autouse=True)
def _without_garbage_collection(monkeypatch):
    monkeypatch.setattr(ScriptRunner, "_run_script_thread", script_threads._letting_go(ScriptRunner._run_script_thread))
    contexts.clear()
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_nothing_of_an_answer_is_left():
    page = AppTest.from_function(app).run()
    page.slider(key="side").set_value(5).run()
    assert page.slider(key="side").value == 5
    assert len(contexts) == 2
    assert [one() for one in contexts] == [None] * 2
