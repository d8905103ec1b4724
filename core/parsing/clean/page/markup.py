"""HTML, fences and captions around code -> the code, as lists of lines."""

from __future__ import annotations

import html
import re

from core.parsing.clean.code_lines import is_statement
from core.parsing.clean.statements import indent_of

CAPTION = re.compile(
    r"\s*(?:(?:python3?|py|code|copy(?: code)?|run|edit|text|plaintext|复制代码|复制|拷贝|运行|代码)"
    r"(?![a-zA-Z_(=.])[\s:：]*){1,4}\d*\s*",
    re.IGNORECASE,
)
TAG = re.compile(
    r"</?(?:pre|code|span|div|p|br|hr|td|th|tr|li|ul|ol|table|tbody|thead|b|i|em|strong|a|font|h[1-6]|html|body|head|section"
    r"|article|button|img|svg|sup|sub|s|u|kbd|samp|textarea|syntaxhighlight)\b[^<>\n]{0,300}>|<![^<>\n]{0,300}>",
    re.IGNORECASE,
)
STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
KNOWN_TAG = re.compile(r"</?(?:pre|code|span|div|p|br|td|tr|li)\b", re.IGNORECASE)
BREAK = re.compile(r"(?:<br ?/?>|</(?:p|div|li|tr|h[1-6])>)(?!\s*$)", re.IGNORECASE)  # none at the end of a line
ENTITY = re.compile(r"&(?:quot|lt|gt|amp|nbsp|apos|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
# Of Markdown, LaTeX, forums and trackers.
FENCE = re.compile(
    r"\s{0,20}(?:```|~~~|\\(?:begin|end)\{(?:lstlisting|minted|verbatim|python|code)\*?\}"
    r"|\[/?code(?:=\w{1,20})?\]\s*$|\{code(?::\w{1,20})?\}\s*$"
    r"|\{[%{][%<]? ?(?:end|/ ?)?(?:highlight|codeblock)\b[^}\n]{0,80}\})",
    re.IGNORECASE,
)
LANGUAGE = re.compile(
    r"\s{0,20}(?:(?:`{3,9}|~{3,9})[\s{.]{0,4}|\{[%{][%<]? ?(?:highlight|codeblock) (?:lang:)?)([A-Za-z]\w{0,20})"
)
OPENED = re.compile(r"(```|~~~)(?=\S*[ (=])(.+)")  # with code behind it, and no language
CLOSED = re.compile(r"(\s*[^\s`~].*?)\s*(```|~~~)\s*$")
PYTHON = ("py", "ipython", "ipy")


def without_html(lines: list[str]) -> list[str]:
    """Without tags and with the signs that entities stand for."""
    return [_unescaped(line) for line in _without_tags(lines)]


def _without_tags(lines: list[str]) -> list[str]:
    if not any(KNOWN_TAG.search(STRING.sub("", line)) for line in lines if "<" in line):
        return lines
    return [TAG.sub("", part) for line in lines for part in BREAK.sub("\n", line).split("\n")]


def _unescaped(line: str) -> str:
    return html.unescape(line).replace("\u00a0", " ") if ENTITY.search(line) else line


def with_own_fences(lines: list[str]) -> list[str]:
    """Fences that stand in a line with code, each in the blank line above or below instead.

    >>> with_own_fences(["", "```class A(B):", "    x = 1```", ""])
    ['```', 'class A(B):', '    x = 1', '```']
    """
    result = list(lines)
    for number, line in enumerate(lines):
        opened, closed = OPENED.match(line), CLOSED.match(line)
        if opened and number and not result[number - 1].strip() and is_statement(opened[2]):
            result[number - 1], result[number] = opened[1], opened[2]
        elif closed and number + 1 < len(lines) and not lines[number + 1].strip() and is_statement(closed[1]):
            result[number], result[number + 1] = closed[1], closed[2]
    return result


def out_of_fences(lines: list[str]) -> list[str]:
    """What stands between fences; where some are of Python, those of other languages are left out."""
    lines = with_own_fences(lines)
    fences = {index: LANGUAGE.match(line) for index, line in enumerate(lines) if FENCE.match(line)}
    if not fences:
        return lines
    if len(fences) == 1:
        return ["" if index in fences else line for index, line in enumerate(lines)]
    languages = {index: match[1].lower() if match else "" for index, match in fences.items()}
    has_python = any(one.startswith(PYTHON) for one in languages.values())
    result, is_inside, is_read, indent = [], False, False, 0
    for index, line in enumerate(lines):
        is_deeper = is_inside and indent_of(line) > indent + 3  # in a docstring
        if index in fences and not is_deeper:
            indent = indent_of(line)
            language = languages[index]
            is_inside = not is_inside or bool(language)  # only an opening fence names a language
            is_read = is_inside and (not has_python or not language or language.startswith(PYTHON))
        result.append(line if is_read and (index not in fences or is_deeper) else "")
    return result


def without_captions(lines: list[str]) -> list[str]:
    return ["" if line.strip() and CAPTION.fullmatch(line) and not line.strip().isdigit() else line for line in lines]
