"""The recording of a page: order, redrawn fragments, and that no page goes around it."""

import ast
from pathlib import Path

from streamlit.testing.v1 import AppTest

from playground.notebook import Item, Recording

ROOT = Path(__file__).parents[3]


def test_a_redrawn_fragment_replaces_what_it_showed_in_its_place():
    def app() -> None:
        import streamlit as st

        from playground import notebook

        def shown() -> list[str]:
            return [item.content for item in st.session_state["notebook"].items()]

        @notebook.fragment
        def inner(text: str) -> None:
            notebook.record("heading", text)

        @notebook.fragment(key="outer")
        def outer(*texts: str) -> None:
            notebook.record("heading", "outer")
            for text in texts:
                inner(text)

        with notebook.page("kernels"):
            notebook.record("heading", "first")
            outer("inner")
            notebook.record("heading", "last")
        st.text(shown())
        inner("changed")  # the page is over: as Streamlit redraws one fragment alone
        st.text(shown())
        outer()
        st.text(shown())
        outer("anew")
        st.text(shown())

    texts = [text.value for text in AppTest.from_function(app).run().text]
    assert texts == [
        "['first', 'outer', 'inner', 'last']",
        "['first', 'outer', 'changed', 'last']",
        "['first', 'outer', 'last']",
        "['first', 'outer', 'anew', 'last']",
    ]


def test_fragments_of_one_function_are_told_apart_by_their_part():
    def app() -> None:
        import streamlit as st

        from playground import notebook

        def draw(text: str) -> None:
            notebook.record("heading", text)

        with notebook.page("kernels") as recording:
            for part in "ab":
                notebook.fragment(draw, part=part)(part)
        notebook.fragment(draw, part="a")("c")
        st.text([item.content for item in recording.items()])

    assert AppTest.from_function(app).run().text[0].value == "['c', 'b']"


def test_until_a_part_is_drawn_to_its_end_the_notebook_holds_what_it_showed_before():
    def app() -> None:
        import streamlit as st

        from playground import notebook

        def shown() -> list[str]:
            return [item.content for item in recording.items()]

        @notebook.fragment
        def part(text: str) -> None:
            notebook.record("heading", text)
            st.text(shown())

        with notebook.page("kernels") as recording:
            part("old")
        part("new")
        st.text(shown())

    assert [text.value for text in AppTest.from_function(app).run().text] == ["[]", "['old']", "['new']"]


def test_outside_of_a_page_nothing_is_recorded():
    def app() -> None:
        import streamlit as st

        from playground import notebook

        notebook.record("heading", "nowhere")
        notebook.fragment(lambda: notebook.record("heading", "nowhere"))()
        st.text(notebook.current())

    assert AppTest.from_function(app).run().text[0].value == "None"


def test_items_come_in_the_order_of_the_page():
    first, second = Item("heading", "1"), Item("heading", "2")
    recording = Recording("kernels", {"": ["b", "a"], "a": [first], "b": [second], "gone": [first]})
    assert list(recording.items()) == [second, first]
    assert list(Recording("kernels").items()) == []


def test_every_fragment_is_recorded():
    """`lesson.fragment` and not `st.fragment`, everywhere but in the admin view, which has no notebook."""
    scripts = [path for part in ("pages", "playground") for path in (ROOT / part).rglob("*.py")]
    bare = {
        str(script.relative_to(ROOT))
        for script in scripts
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "st.fragment"
    }
    assert bare == {"playground/notebook/recording.py", "playground/server/admin.py"}
