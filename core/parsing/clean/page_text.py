"""Text as it comes off a web page, a notebook, a mail or a terminal -> Python text, line for line, with notes.

Every step is one pass over the lines. It is taken only where its signs are there, so that Python text stays as it is.
"""

from __future__ import annotations

import html
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable

ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
SPACES = {
    ord("\u00a0"): " ",
    ord("\u3000"): "  ",
    ord("\u2003"): "  ",
    ord("\u2002"): " ",
    ord("\u2009"): " ",
    0x0B: " ",
    0x0C: " ",
}
QUOTES = str.maketrans("“”„‟″‘’‚‛′`´", "\"\"\"\"\"'''''''")
FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    ord("、"): ",", ord("。"): ".", ord("【"): "[", ord("】"): "]", ord("《"): "<", ord("》"): ">", ord("…"): "...",
    ord("−"): "-", ord("–"): "-", ord("—"): "-", ord("×"): "*", ord("「"): '"', ord("」"): '"',
}  # fmt: skip
ESCAPED = re.compile(r"\\([_*\[\]<>#])")
CAPTION = re.compile(
    r"\s*(?:(?:python3?|py|code|copy(?: code)?|run|edit|text|plaintext|复制代码|复制|拷贝|运行|代码)"
    r"(?![a-zA-Z_(=.])[\s:：]*){1,4}\d*\s*",
    re.IGNORECASE,
)
PROMPT = re.compile(r"\s{0,20}(?:>>>|\.\.\.:?|In ?\[(?:[\d \*]{0,6}|None)\]:|\[[\d \*]{0,6}\]:(?=\s*$)|\$) ?")
OUTPUT = re.compile(r"\s{0,20}Out ?\[(?:[\d \*]{0,6}|None)\]:")
NUMBERED = re.compile(r"[ \t]{0,12}(?:\[(?=\d{1,5}\]))?(\d{1,5})([.:|)\]>│┃→]?)(?=\D|$)")
SHELL = re.compile(r"[ \t]{0,40}(?:[!%]\S|\?\S|(?:pip3?|conda|apt-get) +install\b|[\w.]{1,80}\?{1,2}[ \t]{0,20}$)")
PRINT = re.compile(r"([ \t]{0,80})print[ \t]+(?![(=.,\[])(\S.{0,2000})$")
EXEC_TAG = re.compile(r"<[/!]?[a-zA-Z][^<>\n]{0,300}>")
ENTITY = re.compile(r"&(?:quot|lt|gt|amp|nbsp|apos|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
ERROR = re.compile(r"[\w.]{0,80}(?:Error|Exception|Interrupt|Warning)\b(?!\s*Traceback)")
DIFF_HEAD = re.compile(r"(?:diff --git|index [0-9a-f]{6,}|@@ |\+\+\+ |--- )")

Step = Callable[[list[str]], list[str]]


def cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    """Python text and sentences on what was taken off.

    >>> cleaned("1. import torch\\n2. x = 1")
    ('import torch\\nx = 1', ('Line numbers were taken off.',))
    """
    notes: list[str] = []
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u0085", "\n")
    text = _noted(text, text.translate(ZERO_WIDTH).translate(SPACES), "", notes)
    lines = text.split("\n")
    for step, sentence in STEPS:
        after = step(lines)
        if after != lines and sentence:
            notes.append(sentence)
        lines = after
    return "\n".join(lines), tuple(notes)


def _noted(before: str, after: str, sentence: str, notes: list[str]) -> str:
    if after != before and sentence:
        notes.append(sentence)
    return after


def out_of_notebook(text: str) -> str:
    """The code cells of a notebook's JSON, of any version; any other text as it is.

    >>> out_of_notebook('{"cells": [{"cell_type": "code", "source": ["a = 1\\\\n", "b = 2"]}]}')
    'a = 1\\nb = 2'
    """
    if not text.lstrip("\ufeff \t\r\n").startswith("{") or not re.search(r'"cells"\s{0,9}:', text):
        return text
    try:
        notebook = json.loads(text.lstrip("\ufeff"))
        cells = notebook["cells"] if "cells" in notebook else [c for s in notebook["worksheets"] for c in s["cells"]]
        code = [cell.get("source", cell.get("input", "")) for cell in cells if cell.get("cell_type") == "code"]
        return "\n\n".join(source if isinstance(source, str) else "".join(map(str, source)) for source in code)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return text


def _without_tags(lines: list[str]) -> list[str]:
    text = "\n".join(lines)
    if not re.search(r"</?(?:pre|code|span|div|p|br|td|tr|li)\b", text, re.IGNORECASE):
        return lines
    return [EXEC_TAG.sub("", line) for line in lines]


def _unescaped(lines: list[str]) -> list[str]:
    return [html.unescape(line) if ENTITY.search(line) else line for line in lines]


def _out_of_fences(lines: list[str]) -> list[str]:
    fences = [index for index, line in enumerate(lines) if line.strip()[:3] in ("```", "~~~")]
    if not fences:
        return lines
    if len(fences) == 1:
        return ["" if index == fences[0] else line for index, line in enumerate(lines)]
    inside, result, is_open = set(fences), [], False
    for index, line in enumerate(lines):
        if index in inside:
            is_open = not is_open
            result.append("")
        else:
            result.append(line if is_open else "")
    return result


def _without_prompts(lines: list[str]) -> list[str]:
    if not any(PROMPT.match(line) or OUTPUT.match(line) for line in lines):
        return lines
    return _unprompted(lines)


def _unprompted(lines: list[str]) -> list[str]:
    result, has_dots = [], any(line.lstrip().startswith((">>>", "...:")) for line in lines)
    margin = 0
    for line in lines:
        match = PROMPT.match(line)
        stripped = line.lstrip()
        if OUTPUT.match(line):
            result.append("")
        elif match and (stripped.startswith((">>>", "In", "[")) or (stripped.startswith("...") and has_dots)):
            margin = match.end() if stripped.startswith("In") and line[match.end() :].strip() else 0
            result.append(line[match.end() :])
        elif stripped.startswith("...") and stripped != "..." and not has_dots:
            result.append(line)
        else:
            result.append(line[margin:] if margin and not line[:margin].strip() else line)
    return result


def _without_numbers(lines: list[str]) -> list[str]:
    """Numbers that count the lines, with a point, bar, colon or spaces behind; also a block of them alone."""
    matches = [(index, NUMBERED.match(line)) for index, line in enumerate(lines) if line.strip()]
    numbered = [(index, match) for index, match in matches if match]
    if len(numbered) < 2 or len(numbered) < 0.8 * len(matches):
        return _without_gutter(lines)
    values = [int(match[1]) for _, match in numbered]
    rising = sum(1 for one, two in itertools.pairwise(values) if two == one + 1)
    if rising < 0.8 * (len(values) - 1):
        return lines
    marks = Counter(match[2] for _, match in numbered)
    mark = marks.most_common(1)[0][0]
    if not mark and all(not lines[index][match.end() :].strip() for index, match in numbered):
        return lines
    rests = {index: lines[index][match.end() if match[2] == mark else match.end(1) :] for index, match in numbered}
    gaps = [len(rest) - len(rest.lstrip(" ")) for rest in rests.values() if rest.strip()]
    gap = min(gaps, default=0)
    result = list(lines)
    for index, rest in rests.items():
        result[index] = rest[gap:] if rest.strip() else ""
    return result


def _without_gutter(lines: list[str]) -> list[str]:
    """A block 1, 2, 3 ... of lines that hold nothing else, as a page's margin is copied."""
    result = list(lines)
    start = 0
    while start < len(lines):
        length = 0
        while start + length < len(lines) and lines[start + length].strip() == str(length + 1):
            length += 1
        if length >= 4:
            result[start : start + length] = [""] * length
        start += max(length, 1)
    return result


def _without_marks(lines: list[str]) -> list[str]:
    """A sign that begins every line: a mail's >, a list's - or *, a table's |; and the marks of a diff."""
    full = [line for line in lines if line.strip()]
    if len(full) < 2:
        return lines
    is_diff = any(DIFF_HEAD.match(line) for line in full) or all(line[0] in "+- " for line in full)
    if is_diff and any(line[0] == "+" for line in full):
        return _new_side(lines)
    quoted = [line for line in full if line.lstrip().startswith(">")]
    if len(quoted) > len(full) / 2 and not any(line.lstrip().startswith(">>>") for line in quoted[:1]):
        return _unmarked(lines, ">")
    for mark in ("-", "*", "|", "+", "•", "·", "#"):
        if all(line.lstrip().startswith(mark) for line in full):
            if mark == "#" and not any(re.match(r"\s*#\s*(import|from|class|def|nn\.)", line) for line in full):
                continue
            return _unmarked(lines, mark)
    return lines


def _unmarked(lines: list[str], mark: str) -> list[str]:
    """Without a sign, or several of it, before the lines, and without the spaces that all have behind it."""
    sign = re.escape(mark)
    matches = [re.match(rf"\s*(?:{sign} ?)*{sign}" if mark == ">" else rf"\s*{sign}", line) for line in lines]
    rests = [line[match.end() :] if match else line for line, match in zip(lines, matches, strict=True)]
    marked = [rest for rest, match in zip(rests, matches, strict=True) if match and rest.strip()]
    gap = min((len(rest) - len(rest.lstrip(" ")) for rest in marked), default=0)
    return [rest[gap:] if match else rest for rest, match in zip(rests, matches, strict=True)]


def _new_side(lines: list[str]) -> list[str]:
    result = []
    for line in lines:
        if DIFF_HEAD.match(line) or line[:1] == "-" or line.startswith("\\ No newline"):
            result.append("")
        else:
            result.append(line[1:] if line[:1] in ("+", " ") else line)
    return result


def _without_tracebacks(lines: list[str]) -> list[str]:
    """Without what an error has printed: from its first line to the one that names the error."""
    result = list(lines)
    start = None
    for index, line in enumerate(lines):
        if "Traceback (most recent call last)" in line:
            start = index - (index > 0 and set(lines[index - 1].strip()) == {"-"})
        elif start is not None and ERROR.match(line):
            result[start : index + 1] = [""] * (index + 1 - start)
            start = None
    return result


def _without_captions(lines: list[str]) -> list[str]:
    return ["" if line.strip() and CAPTION.fullmatch(line) and not line.strip().isdigit() else line for line in lines]


def _without_shell(lines: list[str]) -> list[str]:
    return [_kept_indent(line) if SHELL.match(line) else line for line in lines]


def _kept_indent(line: str) -> str:
    """Nothing, or `pass` where the line stands inside of a block."""
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass" if indent else ""


def _with_print_calls(lines: list[str]) -> list[str]:
    return [PRINT.sub(r"\1print(\2)", line) if "print" in line else line for line in lines]


STEPS: tuple[tuple[Step, str], ...] = (
    (_without_tags, "HTML tags were taken off."),
    (_unescaped, ""),
    (_out_of_fences, "Only the code between the fences is read."),
    (_without_tracebacks, "The lines that an error printed were left out."),
    (_without_prompts, "Prompts were taken off."),
    (_without_numbers, "Line numbers were taken off."),
    (_without_marks, "Marks at the beginning of the lines were taken off."),
    (_without_captions, ""),
    (_without_shell, "Shell commands and notebook commands were left out."),
    (_with_print_calls, ""),
)


def plain_signs(text: str) -> str:
    r"""Typographic quotes, full-width signs and signs with Markdown's backslash as Python writes them.

    >>> plain_signs(r"f（“a\_b”，1）")
    'f("a_b",1)'
    """
    return ESCAPED.sub(r"\1", text.translate(FULL_WIDTH).translate(QUOTES))
