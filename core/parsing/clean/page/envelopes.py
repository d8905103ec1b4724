"""Code inside of something else: a notebook's JSON, a string of JSON, lines that are strings."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Callable, Iterator

from core.parsing.clean.code_lines import makes_network
from core.parsing.clean.syntax import all_nodes, parsed

NOTEBOOK = "Only the code cells of the notebook are read."
CUT = "The file of the notebook is cut off; its code cells are read as far as they go."
LEAST_WRITTEN = 5
RUNS = ("exec", "eval", "print", "compile")  # a string
STRINGS = "The code stood in strings; it was taken out of them."
_SOURCE = re.compile(r'^\s{0,80}"(?:source|input)"\s?:\s?\[\s*$')
_CELL_SOURCE = re.compile(r'"(?:source|input)"\s{0,9}:\s{0,9}\[')
_KIND = re.compile(r'"cell_type"\s{0,9}:\s{0,9}"(\w{1,20})"')
_NEXT_STRING = re.compile(r'[\s,]{0,200}("(?:[^"\\]|\\.)*+")')
_STRING_LINE = re.compile(r'\s{0,80}("(?:[^"\\]|\\.){0,2000}"),?\s*$')


def unwrapped(text: str) -> tuple[str, tuple[str, ...]]:
    r"""What such a text holds, and what was done; any other text as it is.

    >>> unwrapped('{"cells": [{"cell_type": "code", "source": ["a = 1\\n", "b = 2"]}]}')
    ('a = 1\nb = 2', ('Only the code cells of the notebook are read.',))
    >>> unwrapped('"a = 1\\nb = 2\\n"')[0]
    'a = 1\nb = 2\n'
    """
    bare = text.lstrip("\ufeff \t\r\n")
    for is_one, read, note in ENVELOPES:
        inner = read(bare) if is_one(bare) else None
        if inner is not None:
            return inner, (note,)
    return text, ()


def _is_notebook(text: str) -> bool:
    return text.startswith("{") and re.search(r'"cells"\s{0,9}:', text) is not None


def _code_cells(text: str) -> str | None:
    """Of any version: in version 3 cells stand in worksheets."""
    try:
        notebook = json.loads(text)
        cells = notebook["cells"] if "cells" in notebook else [c for s in notebook["worksheets"] for c in s["cells"]]
        code = [cell.get("source", cell.get("input", "")) for cell in cells if cell.get("cell_type") == "code"]
        return "\n\n".join(source if isinstance(source, str) else "".join(map(str, source)) for source in code)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _is_part_of_notebook(text: str) -> bool:
    """Lines of a notebook's file as an editor shows them, each a string that ends with a line feed."""
    lines = [line for line in text.split("\n") if line.strip()]
    strings = [line for line in lines if _STRING_LINE.match(line)]
    ends = sum(line.rstrip(", \t\r").endswith('\\n"') for line in strings)
    return len(strings) > 1 and ends >= len(strings) / 2 and (len(strings) == len(lines) or _has_source(lines))


def _has_source(lines: list[str]) -> bool:
    return any(_SOURCE.match(line) for line in lines)


def _string_lines(text: str) -> str | None:
    """Those of the `source` of cells where the text says what is source."""
    lines, inside, result = text.split("\n"), True, []
    has_source = _has_source(lines)
    for number, line in enumerate(lines):
        if has_source:
            inside = bool(_SOURCE.match(lines[number - 1])) if number and not inside else inside and number > 0
            inside = inside and not line.strip().startswith("]")
        string = _STRING_LINE.match(line) if inside else None
        result.append(_decoded(string[1]).rstrip("\n") if string else "")
    return "\n".join(result)


def _decoded(string: str) -> str:
    try:
        return str(json.loads(string, strict=False))
    except ValueError:
        return string


def _is_string(text: str) -> bool:
    """One string alone, or one line in which the line feeds are written as backslash and n."""
    bare = text.strip()
    if "\n" in bare or "\\n" not in bare:
        return False
    tree = parsed(bare)
    if not isinstance(tree, ast.Module):
        return True
    if not tree.body:  # all of it is a comment, as its first line was
        return bare.count("\\n") >= LEAST_WRITTEN
    return len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr) and isinstance(tree.body[0].value, ast.Constant)


def _string(text: str) -> str | None:
    bare = text.strip()
    quoted = bare if len(bare) > 1 and bare[0] == bare[-1] == '"' else f'"{bare}"'
    try:
        return str(json.loads(quoted, strict=False))
    except ValueError:
        return bare.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"')


def _has_written_ends(text: str) -> bool:
    """Not Python, with a line in which many line feeds are written as backslash and n."""
    is_any = any(line.count("\\n") >= LEAST_WRITTEN for line in text.split("\n"))
    return is_any and not isinstance(parsed(text), ast.Module)


def _with_ends(text: str) -> str:
    r"""Each such line as the lines that it stands for.

    >>> _with_ends("a\\nb\\nc\\nd\\ne\\nf\nprint('\\n')")
    "a\nb\nc\nd\ne\nf\nprint('\\n')"
    """
    return "\n".join(_string(one) or one if one.count("\\n") >= LEAST_WRITTEN else one for one in text.split("\n"))


def _is_cut_notebook(text: str) -> bool:
    return '"cell_type"' in text and _CELL_SOURCE.search(text) is not None


def _cells_of_cut(text: str) -> str | None:
    """The code cells of a notebook's file whose begin or end was not copied, each as far as it goes."""
    cells, kind, end = [], "code", 0
    for source in _CELL_SOURCE.finditer(text):
        kinds = _KIND.findall(text, end, source.start())
        kind, end = kinds[-1] if kinds else kind, source.end()
        if kind == "code":
            cells.append("".join(_strings_from(text, end)))
    return "\n\n".join(cells) or None


def _strings_from(text: str, start: int) -> Iterator[str]:
    """The strings of a list that begins there, up to its end or the end of the text."""
    while string := _NEXT_STRING.match(text, start):
        yield _decoded(string[1])
        start = string.end()


def _is_commented(text: str) -> bool:
    """Nothing but comments, with code in them."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return len(lines) > 1 and all(line[0] == "#" for line in lines) and makes_network(text)


def _uncommented(text: str) -> str:
    return textwrap.dedent("\n".join(line.lstrip().removeprefix("#") for line in text.split("\n")))


def _is_quoted(text: str) -> bool:
    return '"""' in text or "'''" in text


def _quoted(text: str) -> str | None:
    """The long string that holds a network, where nothing else in the text does, such as what `exec` is given."""
    tree = parsed(text)
    if not isinstance(tree, ast.Module) or any(isinstance(one, (ast.ClassDef, ast.FunctionDef)) for one in tree.body):
        return None
    nodes = list(all_nodes(tree))
    if any(isinstance(one, ast.Call) and ast.unparse(one.func) not in RUNS for one in nodes):
        return None
    strings = [one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    inner = [one for one in strings if "\n" in one and makes_network(one)]
    return inner[0] if len(inner) == 1 else None


ENVELOPES: tuple[tuple[Callable[[str], bool], Callable[[str], str | None], str], ...] = (
    (_is_notebook, _code_cells, NOTEBOOK),
    (_is_part_of_notebook, _string_lines, NOTEBOOK),
    (_is_cut_notebook, _cells_of_cut, CUT),
    (_is_string, _string, STRINGS),
    (_has_written_ends, _with_ends, "Line feeds that were written as signs were put there."),
    (_is_commented, _uncommented, "All lines were comments; the marks of these were taken off."),
    (_is_quoted, _quoted, "The code stood in a string; it was taken out of it."),
)
