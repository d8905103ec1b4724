"""Our components from the files of their folders: Streamlit takes markup, script and style as one string each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from playground.charts.theme import DATA_SCALE, WEIGHT_SCALE

_HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import\s[^;]*?\sfrom\s+"(\.{1,2}/[^"]+)";\n?', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|let|function|async function|class)\b)", re.MULTILINE)


def component(name: str, **constants: Any) -> Callable[..., Any]:
    """The component `name` of its folder's `name.js`, `name.css` and `name.html`.

    Its script knows `constants` and the page's scales of colours. Without markup of its own it has an empty `div` of
    its name as class, a dash for each underscore; the element stays while data change, and so may hold state.
    """
    file = _HERE / name / name
    html, css = file.with_suffix(".html"), file.with_suffix(".css")
    return st.components.v2.component(
        name,
        html=html.read_text(encoding="utf-8") if html.exists() else f'<div class="{name.replace("_", "-")}"></div>',
        css=style(_HERE / "shared" / "base.css", *([css] if css.exists() else [])),
        js=script(file.with_suffix(".js"), {"DATA_SCALE": DATA_SCALE, "WEIGHT_SCALE": WEIGHT_SCALE} | constants),
    )


def script(main: Path, constants: Mapping[str, Any] | None = None) -> str:
    """The module `main` and all it imports, dependencies first, as one module.

    Modules name what they need with `import { a, b } from "./other.js";` (no renaming, no default imports), so every
    editor understands them; here those lines go, and so does `export` except `export default`. Top-level names are
    therefore unique across a component's files; two alike are a SyntaxError in the browser.

    Args: `constants` become `const NAME = <json>;` at the head, known to every module.
    Raises: FileNotFoundError if a module is missing, ImportError if two need each other.
    """
    modules: dict[Path, str] = {}
    _collect(main.resolve(), modules, ())
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in (constants or {}).items())
    return head + "\n".join(modules.values())


def style(*files: Path) -> str:
    """Style sheets, one after the other."""
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _collect(file: Path, modules: dict[Path, str], waiting: tuple[Path, ...]) -> None:
    """Add `file` behind everything it imports, each once; `waiting` are the modules that led here."""
    if file in waiting:
        raise ImportError(
            " -> ".join(module.name for module in (*waiting, file)) + ": no order puts each before the other"
        )
    text = file.read_text(encoding="utf-8")
    for needed in _IMPORT.findall(text):
        path = (file.parent / needed).resolve()
        if path not in modules:
            _collect(path, modules, (*waiting, file))
    modules[file] = _EXPORT.sub("", _IMPORT.sub("", text))
