"""A small app with what the pages use of Streamlit's protocol, for `test_streamlit_client.py`."""

import streamlit as st

from playground.server import browser_messages

browser_messages.install()
OPTIONS = ("small", "medium", "large")
st.session_state.setdefault("ticks", 0)


@st.fragment(key="shown")
def shown() -> None:
    """Redrawn by the controls of another fragment."""
    st.text(f"shown {st.session_state.get('number')} {st.session_state.get('size')}")
    st.toggle("mirrored", key="mirrored")


@st.fragment
def controls() -> None:
    st.slider("number", 0, 40, 20, key="number", bind="query-params", on_change=st.rerun, args=(("shown",),))
    st.select_slider("size", OPTIONS, key="size")
    st.segmented_control("side", ("left", "right"), default="left", required=True, key="side")
    st.selectbox("kind", OPTIONS, key="kind")
    st.slider("fixed", 0, 1, disabled=True)


@st.fragment(run_every=0.2)
def clock() -> None:
    st.session_state.ticks += 1
    st.text(f"kind {st.session_state.kind}")


def choose(kind: str) -> None:
    st.session_state.kind = kind


controls()
shown()
if st.toggle("ticking", key="ticking"):
    clock()
st.button("Choose large", on_click=choose, args=("large",))
if st.button("Fail"):
    raise ValueError("as asked")
st.text(" ".join(["state", *(str(st.session_state.get(key)) for key in ("number", "size", "side", "kind"))]))
