"""HTML and captions around code -> the code, as lists of lines."""

from __future__ import annotations

import html
import re

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


def without_html(lines: list[str]) -> list[str]:
    """Without tags and with the signs that entities stand for."""
    return [_unescaped(line) for line in _without_tags(lines)]


def _without_tags(lines: list[str]) -> list[str]:
    if not any(KNOWN_TAG.search(STRING.sub("", line)) for line in lines if "<" in line):
        return lines
    return [TAG.sub("", part) for line in lines for part in BREAK.sub("\n", line).split("\n")]


def _unescaped(line: str) -> str:
    return html.unescape(line).replace("\u00a0", " ") if ENTITY.search(line) else line


def without_captions(lines: list[str]) -> list[str]:
    return ["" if line.strip() and CAPTION.fullmatch(line) and not line.strip().isdigit() else line for line in lines]
