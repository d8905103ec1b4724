"""What of a page Streamlit takes for Markdown or HTML, and what of hostile words would act there."""

import re
from collections.abc import Iterator

from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from tests.hostile import LIVE

PLAIN = {"bidi_component", "code", "arrow_vega_lite_chart", "arrow_data_frame", "plotly_chart"}  # no Markdown in them
DRAWN_AS_HTML = {"inline_svg", "formula"}
TAG = "<img src=x"
MARKDOWN = {"body", "label", "help", "options", "text", "content", "caption", "delta", "title", "tooltip"}


def nodes(block: object) -> Iterator[object]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from nodes(child)


def texts(message: Message) -> Iterator[tuple[str, str]]:
    """Name and value of all strings in a message."""
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        if field.type == field.TYPE_STRING:
            yield from ((field.name, text) for text in values)
        elif field.type == field.TYPE_MESSAGE and not field.message_type.GetOptions().map_entry:
            yield from (text for each in values for text in texts(each))


def markdown(app: AppTest) -> Iterator[str]:
    """All Markdown of a page: bodies, labels, help texts, names of options."""
    for node in nodes(app._tree):
        if node.type not in (*PLAIN, "html") and isinstance(getattr(node, "proto", None), Message):
            read = MARKDOWN - {"options"} if node.type in ("selectbox", "multiselect") else MARKDOWN
            yield from (text for name, text in texts(node.proto) if name in read)


def html(app: AppTest) -> Iterator[str]:
    """All HTML and SVG of a page; in data of our components it is a string like others, quotes escaped."""
    for node in nodes(app._tree):
        if node.type == "html":
            yield node.proto.body
        elif node.type == "bidi_component" and node.proto.component_name in DRAWN_AS_HTML:
            yield node.proto.json


def alive(app: AppTest) -> list[tuple[str, str]]:
    """What of the hostile words a page would let act, and where; in code, and after a backslash, nothing does."""
    bare = ((text, re.sub(r"\\.", "", re.sub(r"(?<!\\)`[^`]+`", "", text))) for text in markdown(app))
    acting = [(sign, text) for text, rest in bare for sign in LIVE if sign in rest]
    return acting + [(TAG, text) for text in html(app) if TAG in text]
