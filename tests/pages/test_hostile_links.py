"""A link may say what it likes: what it brings stands on the page as text, never as a picture, a link or an icon."""

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from playground import catalog, link_aliases
from tests.hostile import ALL, LIVE
from tests.pages.helpers import open_page
from tests.pages.markdown import alive, nodes, texts
from tests.pages.test_old_links import LINKS

PAGES = [page.file for page in (catalog.HOME, *catalog.LESSONS)]
NAME = "![i](x) <img src=x onerror=alert(1)> :material/home: :red[r] $x^2$ **bold**"  # a layer's name has no dots
RUNS = f"nn.Sequential(OrderedDict([({NAME!r}, nn.Conv2d(3, 8, 3)), ({NAME + ' 2'!r}, nn.ReLU())]))"
STOPS = f"nn.Sequential(OrderedDict([({NAME!r}, nn.Flatten()), ({NAME + ' 2'!r}, nn.Linear(9, 9))]))"
WAYS = [  # more of a page shows once a choice is made, and a text of one's own has a key only then
    ("calculator", {"ca_net": "Your own", "ca_in": ALL}),
    ("calculator", {"ca_net": "Your own", "ca_in": "3x32x32", "ca_text": ALL}),
    ("calculator", {"ca_net": "Your own", "ca_in": "3x32x32", "ca_text": STOPS}),
    ("calculator", {"ca_net": "LeNet-5", "ca_dev": ALL, "ca_edits": f"{ALL};0:drop", "ca_row": ALL}),
    ("calculator", {"ca_tab": "Find a layer", "cs_from": "224", "cs_to": ALL}),
    ("calculator", {"ca_tab": "Find a layer", "cs_row": "9" * 5000}),
    ("normalization", {"nm_numbers": "own values", "nm_own": ALL}),
]


def keys(app: AppTest) -> set[str]:
    """The names that the page's controls have in the address."""
    protos = (node.proto for node in nodes(app._tree) if isinstance(getattr(node, "proto", None), Message))
    return {text for proto in protos for name, text in texts(proto) if name == "query_param_key"}


@pytest.mark.parametrize("page", PAGES)
def test_no_parameter_of_a_link_acts(page):
    known = keys(open_page(page)) | set(link_aliases.ALIASES.get(page, {}))
    known |= {key for file, query, _ in LINKS if file == page for key in query}
    app = open_page(page, **dict.fromkeys(known, ALL))
    assert not app.exception
    assert alive(app) == []


@pytest.mark.parametrize(("page", "query"), WAYS)
def test_no_text_that_a_choice_uncovers_acts(page, query):
    app = open_page(page, **query)
    assert not app.exception
    assert alive(app) == []


def test_no_name_of_a_layer_acts_in_any_tab():
    query = {"ca_net": "Your own", "ca_in": "3x32x32", "ca_text": RUNS}
    tabs = [tab.label for tab in open_page("calculator", **query).tabs]
    assert len(tabs) > 4
    for tab in tabs:
        app = open_page("calculator", **query, ca_tab=tab)
        assert not app.exception
        assert alive(app) == [], tab


def test_what_acts_is_noticed():
    def page(words: str) -> None:
        import streamlit as st

        st.caption(words)
        st.checkbox("`![i](x)` is code", help=words)

    app = AppTest.from_function(page, args=(ALL,)).run()
    assert {sign for sign, _ in alive(app)} == set(LIVE)
    assert len(alive(app)) == 2 * len(LIVE)
