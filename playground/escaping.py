"""Words that are not ours, on their way into Markdown: what a link, a file or a pasted text brings is shown as it is.

Streamlit reads Markdown in labels, captions, errors and help texts: unescaped, a link to a page of ours could show a
stranger's picture or link there.
"""

from __future__ import annotations

import re

BREAK = "\u2060"  # a word joiner: takes no room and belongs to no word, so that what it stands in is no longer a sign
_SIGNS = re.compile(r"([\\`*\[\]{}<>#$~|&]|(?<![^\W_])_|_(?![^\W_])|^[-+=])")
_ITEM = re.compile(r"^(\d+)([.)])")
# Looked for by Streamlit and its Markdown in what is left after unescaping: icons, colours, emoji, bare addresses.
_NAMES = re.compile(r"(:(?=[\w+:/-])|www(?=\.)|@(?=[\w-]))", re.IGNORECASE)


def literal(foreign: str) -> str:
    r"""One line of Markdown that shows exactly these words, without a picture, a link, a formula or an icon in them.

    >>> literal("class_name 2 * 3: fine")
    'class_name 2 \\* 3: fine'
    >>> literal("![i](x)\n# no heading")
    '!\\[i\\](x) \\# no heading'
    >>> literal(":red[x]") == ":" + BREAK + "red\\[x\\]"
    True
    """
    return _escaped(" ".join(foreign.split()))


def sentence(words: str) -> str:
    r"""The same for a sentence of ours with somebody else's words in it; what it puts between backticks stays code.

    >>> sentence("Line 2: `a*b` is no [layer].")
    'Line 2: `a*b` is no \\[layer\\].'
    """
    parts = re.split(r"(`[^`]+`)", " ".join(words.split()))
    return "".join(part if index % 2 else _escaped(part) for index, part in enumerate(parts))


def _escaped(line: str) -> str:
    line = _SIGNS.sub(r"\\\1", line)
    return _NAMES.sub(rf"\1{BREAK}", _ITEM.sub(r"\1\\\2", line))
