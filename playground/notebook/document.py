"""A recording as a notebook file (nbformat 4.5), for Jupyter, Colab and Kaggle."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.metadata import packages_distributions
from typing import Any

from playground import catalog, thumbnails
from playground.markup import as_base64
from playground.notebook.drawings import standing_alone
from playground.notebook.recording import Item, Recording

_ICON = re.compile(r":material/\w+:\s?")
_PIP_NAMES = {"PIL": "pillow", "skimage": "scikit-image", "sklearn": "scikit-learn"}
_LINES = {
    "tab": "## {}",
    "heading": "## {}",
    "formula": "$$\n{}\n$$",
    "legend": "where {}",
    "caption": "**{}**",
    "source": "Source: {}",
}
_INSTALL = """\
# Installs what is missing; the rest stays as it is.
from importlib.util import find_spec

missing = [package for name, package in {needed}.items() if find_spec(name) is None]
if missing:
    %pip install --quiet {{" ".join(missing)}}"""
_FILE = """\
# {name}, which the next cells read
from binascii import a2b_base64
from pathlib import Path

Path("{name}").write_bytes(a2b_base64("{content}"))"""
_SHOW = '\n\nfrom PIL import Image\n\nImage.open("{name}")'


def as_bytes(recording: Recording) -> bytes:
    """The notebook of what is on the screen now."""
    import nbformat

    return nbformat.writes(notebook(recording)).encode()


def notebook(recording: Recording) -> Any:
    """The same as nbformat's own node: title, idea, what to install, then every section from top to bottom."""
    from nbformat import v4

    shown = _without_empty_sections([item for item in map(_written_out, recording.items()) if item.content])
    page = catalog.by_file(recording.file)
    head = [f"# {page.title}", *(_plain(item.content) for item in shown if item.kind == "idea")]
    picture = {"page.svg": thumbnails.svg(page.file)} if page.file in thumbnails.PICTURES else {}
    cells = [_text(head, picture)]
    if packages := needed(item.content for item in shown if item.kind == "code"):
        cells.append(v4.new_code_cell(_INSTALL.format(needed=packages)))
    cells += _cells(_files_first(item for item in shown if item.kind != "idea"))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # the same page gives the same file
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": python, "language_info": {"name": "python"}})


def _written_out(item: Item) -> Item:
    """Code that takes long to write is recorded as the function that writes it."""
    return replace(item, content=item.content()) if item.kind == "code" and callable(item.content) else item


def needed(programs: Iterable[str]) -> dict[str, str]:
    """Module -> the package that brings it, of all that is imported and does not belong to Python.

    >>> needed(["import json, torch", "from PIL import Image"])
    {'PIL': 'pillow', 'torch': 'torch'}
    """
    nodes = [node for program in programs for node in ast.walk(ast.parse(program))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    modules = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
    installed = packages_distributions() if modules - _PIP_NAMES.keys() else {}
    return {name: _PIP_NAMES.get(name) or installed.get(name, [name])[0] for name in sorted(modules)}


def _without_empty_sections(items: list[Item]) -> list[Item]:
    """Without the headings under which nothing but controls and charts stands."""
    kept: list[Item] = []
    for item in reversed(items):
        below = kept[-1].kind if kept else "tab"
        if (item.kind, below) not in (("heading", "heading"), ("heading", "tab"), ("tab", "tab")):
            kept.append(item)
    return kept[::-1]


def _files_first(items: Iterable[Item]) -> list[Item]:
    """A file is written before the code that reads it; on the page it stands below, as a download."""
    ordered: list[Item] = []
    for item in items:
        reading = [at for at, one in enumerate(ordered) if one.kind == "code" and item.name in one.content]
        if item.kind == "file" and reading:
            ordered.insert(reading[-1], item)
        else:
            ordered.append(item)
    return ordered


def _cells(items: Iterable[Item]) -> list[Any]:
    """Lines of text that follow each other share a cell, a drawing and its title too."""
    from nbformat import v4

    cells: list[Any] = []
    lines: list[str] = []
    for item in items:
        if item.kind in ("code", "file", "drawing") and lines:
            cells.append(_text(lines))
            lines = []
        if item.kind == "code":
            cells.append(v4.new_code_cell(item.content.strip("\n")))
        elif item.kind == "file":
            cells.append(v4.new_code_cell(_written(item)))
        elif item.kind == "drawing":
            cells += _drawn(item)
        else:
            lines.append(_line(item))
    return [*cells, _text(lines)] if lines else cells


def _line(item: Item) -> str:
    return _LINES[item.kind].format(_plain(item.content))


def _plain(text: str) -> str:
    """Markdown as any reader of it understands it: without Streamlit's icons."""
    return _ICON.sub("", text).strip()


def _text(lines: Iterable[str], pictures: Mapping[str, str] | None = None) -> Any:
    """A cell of Markdown, with SVG pictures below its text."""
    from nbformat import v4

    pictures = pictures or {}
    written = "\n\n".join([*lines, *(f"![{name.removesuffix('.svg')}](attachment:{name})" for name in pictures)])
    cell = v4.new_markdown_cell(written)
    if pictures:
        encoded = {name: as_base64(text.encode()) for name, text in pictures.items()}
        cell["attachments"] = {name: {"image/svg+xml": content} for name, content in encoded.items()}
    return cell


def _drawn(item: Item) -> list[Any]:
    drawings = standing_alone(item.content)
    return [_text([f"*{title}*"] if title else [], {"drawing.svg": text}) for title, text in drawings]


def _written(item: Item) -> str:
    """The lines that write a file, and show it if it is a picture."""
    lines = _FILE.format(name=item.name, content=as_base64(item.content()))
    return lines + (_SHOW.format(name=item.name) if item.name.endswith((".png", ".jpg")) else "")
