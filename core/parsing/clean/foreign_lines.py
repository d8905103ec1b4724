"""Lines of a page that are no code for sure, though they have its signs: markup, formulas, references, printed values.

What is left are islands of code. One that is deeper than what stands above it can go on is moved to the margin.
"""

from __future__ import annotations

import itertools
import keyword
import re
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence

from core.parsing.clean.code_lines import (
    is_prose,
    is_sentence,
    is_statement,
    makes_network,
    source_of,
    within_code,
)
from core.parsing.clean.statements import LineRange, indent_of, spans
from core.parsing.clean.syntax import attempts, tree_or_error

_MARKUP = re.compile(
    r"\s*(?:"
    r"[^\w\"'#()\[\]{}]+$"  # signs alone
    r"|\.\. |:[\w-]+:|!?\[[^\]]*\]\(|\[!\["  # of reStructuredText and Markdown
    r"|<?https?://\S+$|[^=({\n]*<https?://|@\w+\{"  # an address, a reference of BibTeX
    r"|[*-]? ?[\w.-]+(?:\[[\w,]+\])? ?[<>=~]=? ?\d[\w.*]*(?:, ?[<>=!~]=? ?\d[\w.*]*)*$"  # a package and its version
    r"|(?:\$ ?)?(?:python3? (?:-m )?\w|pip3? |conda |apt |apt-get |git |cd |docker |wget |curl |sudo |make |mkdir )"
    r"|[^\s=]+(?: {2,}\S[^=\n]{0,80}?){2,}$"  # a row of a table
    r")"
)
_NOTHING = re.compile(
    r"\s*(?!(?:pass|break|continue|return)\s*$)(?:[-+*~] ?){0,3}[\w.-]+\s*$"
)  # a statement of one name
_FORMULA = re.compile(
    r"\\(?:frac|sum|prod|text|mathbf|mathbb|mathcal|mathrm|cdot|times|sigma|sqrt|left|right|begin|end|alpha|beta|theta"
    r"|partial|nabla|leq|geq|hat|bar|quad|ldots|infty|log|exp|max|min)\b|[\U0001d400-\U0001d7ff\u2200-\u22ff]"
)
_VALUE = re.compile(  # behind its name
    r"\s*[^\W\d][\w ]{0,60}:\s+(?:[(\[]*(?:tensor|array)\(|torch\.Size\(|[(\[]*[-+]?\d|<)"
)
_STRING_OR_COMMENT = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|#.*")
_BULLET = re.compile(r"\s*(?:[-*+>] |\d{1,3}[.)] )+")
_PLAIN = re.compile(r"[\"'(]?[^\W\d_]+(?:['’-][^\W\d_]+)*[\"')]?[,.:;!?]?")  # a word of a sentence
_SAID_OF_CALL = re.compile(r"\s*[\w.]+\((?:[^()\n]|\([^()\n]*\)){0,200}\) (?!(?:if|for|and|or|in|is|not)\b)(.*)")
_TOLD_TO_CALL = re.compile(r"\s*[A-Z][a-z]+ (?:[a-z]+ ){0,2}[\w.]+\((?:[^()\n]|\([^()\n]*\)){0,200}\)[.,]?\s*$")
_SHAPES = re.compile(r"\s*\([^()\n]*\) (?:->|→) [\w(]")  # what becomes what
_SIGNATURE = re.compile(  # the heading of a page of documentation, which writes the package before the name
    r"\s*(?:class|def|method|property|staticmethod|classmethod|function) \w+(?:\. ?\w+)+ ?(?:\(|$)"
    r"|[^=\n]*\) ?(?:(?:->|→) ?[\w.\[\], |]+)? ?\[(?:source|源代码)\] ?[#¶]?$"
)
_OTHER_SCRIPT = re.compile(r"\s*[\w.]*[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0400-\u04ff]")  # in the first word
_CONTRACTION = re.compile(r"(?!\s*[\w.]+ ?[-+*/]?=)[^'’\"(\[{#]*\b[A-Za-z]+['’](?:s|t|re|ve|ll|d|m)\b")
_NOT_IN_SENTENCES = re.compile(r"[=(\[{]")
_KEYWORDS = frozenset(keyword.kwlist)
_CODE_BEGINS = re.compile(r"(?:def|class)\b.*[(:]|(?:elif|else|except|@)\b|[\w.]+ ?(?:[(\[=]|[-+*/|]=)")
_BAR = re.compile(r"\s*(?:\d+/\d+|\d+%\|?) ?[\[|━╸\u2580-\u259f]")  # of progress
_SCHEMA = re.compile(r"\s*(\w+)(?:( ?=)|\.(?:fit|predict|evaluate)\().*[\[(,] ?\.\. ?[\])]")
_SETS = re.compile(r"\s*(\w+) ?=(?!=)")
_CONFLICT = re.compile(r"[<>|]{7}(?: |$)")
MOST_MOVED = 60  # islands of code
LEAST_LEADING = 4  # words at the begin of a line that code cannot begin with
LEAST_ALONE = 3  # words of a line without any sign of code


def without_foreign(text: str) -> str:
    """The text without lines that are no code for sure, all at once; what is within code stays.

    >>> without_foreign("nn.ReLU: how it works\\n====\\nx = 1\\ny is\\\\frac{1}{x}\\nz = 2 3")
    '\\n\\nx = 1\\n\\nz = 2 3'
    >>> without_foreign("Make a list ::\\n\\n    x = []\\n    y = [x]\\n\\n* and use it =)\\n")
    '\\n\\nx = []\\ny = [x]\\n\\n\\n'
    """
    lines = text.split("\n")
    inner = within_code(lines)
    last_set = {match[1]: number for number, line in enumerate(lines) if (match := _SETS.match(line))}
    result, borders = list(lines), []
    for span in spans(lines):
        if span.first not in inner and (_is_foreign(span, lines) or _is_schema(span, lines, last_set)):
            result[span.first : span.last + 1] = [""] * (span.last + 1 - span.first)
            borders.append(span.first)
    return "\n".join(_with_islands_at_margin(result, borders))


def _is_foreign(span: LineRange, lines: Sequence[str]) -> bool:
    line = lines[span.first]
    if _CONFLICT.match(line):
        return False
    if is_statement(source_of(span, lines)):
        says_nothing = _NOTHING.match(line) or (_OTHER_SCRIPT.match(line) and "=" not in line)
        return span.first == span.last and bool(says_nothing)
    if span.last > span.first and makes_network("\n".join(lines[span.first : span.last + 1])):
        return False
    return is_prose(line) or is_sentence(line) or is_foreign(line)


def _is_schema(span: LineRange, lines: Sequence[str], last_set: Mapping[str, int]) -> bool:
    """Whether a line shows in general, with `..` for more of the kind, what a later one does.

    Args: `last_set` is the last line that gives a name a value.
    """
    schema = _SCHEMA.match(lines[span.first])
    if schema is None or is_statement(source_of(span, lines)):
        return False
    return schema[2] is None or last_set.get(schema[1], -1) > span.last


def _with_islands_at_margin(lines: list[str], borders: Sequence[int]) -> list[str]:
    """The lines, each part between two borders that begins deeper than the code above it allows at the margin."""
    for _ in attempts(lines, MOST_MOVED):
        error = tree_or_error("\n".join(lines))
        if not isinstance(error, IndentationError) or "unexpected indent" not in error.msg or not error.lineno:
            break
        number = error.lineno - 1
        start = max((one for one in borders if one < number), default=-1) + 1
        end = min((one for one in borders if one > number), default=len(lines))
        island = [line for line in lines[start:end] if line.strip() and line.lstrip()[0] != "#"]
        if island and island[0] == lines[number] and indent_of(island[0]) <= min(map(indent_of, island)):
            lines[start:end] = textwrap.dedent("\n".join(lines[start:end])).split("\n")
        elif re.match(r"\s*(?:import|from) ", lines[number]):  # which may stand anywhere
            lines[number] = lines[number].lstrip()
        else:
            break
    return lines


def is_foreign(line: str) -> bool:
    """Whether a line that is no Python is none of code that has a slip either.

    >>> [is_foreign(line) for line in ("but in short its out = F(x) + x", "out: torch.Size([1, 2])", "x = nn.ReLU 3")]
    [True, True, False]
    >>> is_foreign("class torch.nn.Flatten(start_dim=1)"), is_foreign("class Net(nn.Module)")
    (True, False)
    """
    if any(one.match(line) for one in (_MARKUP, _VALUE, _BAR, _OTHER_SCRIPT, _CONTRACTION, _SHAPES, _SIGNATURE)):
        return True
    if _is_about_call(line):
        return True
    bare = _STRING_OR_COMMENT.sub("", line)
    return _FORMULA.search(bare) is not None or _begins_with_symbol(bare) or _reads_like_sentence(bare)


def _is_about_call(line: str) -> bool:
    """Whether words stand behind a call, or tell to use it, as they cannot in code.

    >>> _is_about_call("nn.Flatten(start_dim=1) turns each image into a row.")
    True
    >>> _is_about_call("Use TimeDistributed(Flatten())"), _is_about_call("Class Net(nn.Module):")
    (True, False)
    """
    said = _SAID_OF_CALL.match(line)
    if said and _leading_words(said[1]) >= LEAST_ALONE:
        return True
    told = _TOLD_TO_CALL.match(line)
    return told is not None and line.split()[0].lower() not in _KEYWORDS


def _leading_words(text: str) -> int:
    """How many words stand beside each other at the begin of a text, as they cannot in code."""
    words = text.split()
    plain = [_PLAIN.fullmatch(word) is not None for word in words]
    leading = plain.index(False) if False in plain else len(plain)
    return leading if _are_beside(words[:leading]) else 0


def _begins_with_symbol(line: str) -> bool:
    """Whether the first sign is one that no program has, such as a picture or a bullet."""
    first = line.strip()[:1]
    return bool(first) and ord(first) > 127 and unicodedata.category(first)[0] in "SP"


def _reads_like_sentence(line: str) -> bool:
    """Whether words begin a line, or make all of it, that stand beside each other as they cannot in code."""
    bullet = _BULLET.match(line)
    bare = line[bullet.end() :].strip() if bullet else line.strip()
    if _CODE_BEGINS.match(bare):
        return False
    if bullet and not is_statement(bare):
        return True
    if _leading_words(bare) >= LEAST_LEADING:
        return True
    words = bare.split()
    plain = [_PLAIN.fullmatch(word) is not None for word in words]
    has_signs = _NOT_IN_SENTENCES.search(bare) is not None
    return not has_signs and sum(plain) >= LEAST_ALONE and _are_beside(words)


def _are_beside(words: Sequence[str]) -> bool:
    """Whether two of some words, one behind the other, are none that Python joins values with."""
    known = [word.strip("\"'(),.:;!?").lower() in _KEYWORDS for word in words]
    return any(not one and not two for one, two in itertools.pairwise(known))
