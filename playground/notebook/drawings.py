"""Our SVG drawings as files of their own: the colours of the light theme in place of the page's."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

SVG = "http://www.w3.org/2000/svg"
# As .streamlit/config.toml has them; a test compares.
LIGHT = {
    "--st-primary-color": "#255fc9",
    "--st-background-color": "#ffffff",
    "--st-secondary-background-color": "#f3f5fa",
    "--st-text-color": "#111827",
    "--st-border-color": "#dde2ec",
}
_VARIABLE = re.compile(r"var\((--[\w-]+)[^()]*\)")
_SIZE = re.compile(r"[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)")


def standing_alone(markup: str) -> list[tuple[str, str]]:
    """Title and SVG text of each drawing in what `inline_svg` shows."""
    return [(title, _alone(drawing)) for title, drawing in _drawings(ET.fromstring(f"<div>{markup}</div>"))]


def _drawings(node: ET.Element, title: str = "") -> Iterator[tuple[str, ET.Element]]:
    for child in node:
        if child.tag.removeprefix(f"{{{SVG}}}") == "svg":
            yield title or child.get("aria-label", ""), child
        elif child.tag == "figcaption" and child.get("class") != "note":
            title = "".join(child.itertext())
        else:
            yield from _drawings(child)


def _alone(drawing: ET.Element) -> str:
    for node in drawing.iter():
        node.tag = f"{{{SVG}}}{node.tag.rpartition('}')[2]}"
        for key, value in node.attrib.items():
            node.set(key, _VARIABLE.sub(lambda found: LIGHT.get(found[1], "inherit"), value))
    if size := _SIZE.fullmatch(drawing.get("viewBox", "")):
        drawing.attrib.setdefault("width", f"{float(size[1]):g}")
    drawing.set("style", f"color:{LIGHT['--st-text-color']};font-family:sans-serif")
    ET.register_namespace("", SVG)
    return ET.tostring(drawing, encoding="unicode")
