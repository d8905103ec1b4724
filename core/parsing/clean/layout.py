"""Prose taken off around code, and small repairs of broken lines, where there is one way only."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Sequence

from core.parsing.clean.code_lines import has_signs, is_prose, is_sentence, is_statement, within_code
from core.parsing.clean.statements import indent_of, spans
from core.parsing.clean.syntax import attempts, parsed

_REMARK = re.compile(r"[ \t]*(?:<\d{1,3}>|[\u2460-\u2473])[ \t]*$", re.MULTILINE)
_MAKES_LAYERS = re.compile(
    r"\bnn\.[A-Z]|(\bself\.\w+ ?=|\.add\() ?[\w.]*\b[A-Z]\w*\(|\b[A-Z]\w*\(.*\) ?\(\w+\)|^\s+\)+\(\w+\)"
    r"|^ *def (?!__(?:len|getitem|iter)__\()"  # of a class that is no set of data
)
MAX_DROPPED = 60
MAX_BROKEN = 40  # strings
_MENTION = re.compile(r"@[\w-]+\s*")
LEAST_OF_HEADING = 3  # words
_HEADING = re.compile(r"(?!(?:for|if|else|and|or|not|in|is|lambda|await)\b)(?:[\w.,:;&'-]++ ?)++$")
_BARE_INIT = re.compile(r"^([ \t]+def )_?init_?\((?=\s*self\b)", re.MULTILINE)
_BARE_SUPER = re.compile(r"(\bsuper\([^()\n]{0,80}\))\._?init_?\(")
_GOES_ON = re.compile(r"(?:except|else|elif|finally)\b.*:\s*(?:#.*)?$")  # with a block whose beginning stands above
_BEGINS = re.compile(r"(?:try|if|for|while)\b")
_APOSTROPHE = re.compile(r"\b[A-Za-z]+'(?:s|t|re|ve|ll|d|m)\b")


def parses(text: str) -> SyntaxError | None:
    """None if it is Python, else where it stops being it."""
    tree = parsed(text)
    if isinstance(tree, ast.Module):
        return None
    return tree or SyntaxError("too deep")


def without_prose(text: str) -> tuple[str, bool]:
    """The text with lines that are sentences, not code, left empty; and whether there were any.

    >>> without_prose("Here is the model:\\nx = 1")
    ('\\nx = 1', True)
    """
    lines = text.split("\n")
    inner = within_code(lines)
    for _ in attempts(lines, MAX_DROPPED):
        error = parses("\n".join(lines))
        if error is None:
            return "\n".join(lines), lines != text.split("\n")
        number = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
        above = next((n for n in range(number - 1, -1, -1) if lines[n].strip()), number)
        near = (n for n in (number, above) if is_prose(lines[n]) or _is_mention(lines, n))
        found = next((n for n in near if n not in inner or _is_heading(lines[n])), None)
        if found is None:
            return text, False
        lines[found] = ""
    return text, False


def _is_mention(lines: list[str], number: int) -> bool:
    """Whether a line names a person, as in `@bob`, and decorates nothing."""
    below = next((line.strip() for line in lines[number + 1 :] if line.strip()), "")
    return _MENTION.fullmatch(lines[number]) is not None and not re.match(r"@|class |def |async def ", below)


def _is_heading(line: str) -> bool:
    """Whether a line within code is the head of a page, at the margin, which no code can be."""
    return len(re.findall(r"[^\W\d_]{3,}", line)) >= LEAST_OF_HEADING and _HEADING.match(line) is not None


def without_sentences(text: str) -> str:
    """The same for lines that are sentences for sure, all at once: at the margin, of many words or of another script.

    >>> without_sentences("Now, let's build the model for our images:\\nx = 1")
    '\\nx = 1'
    """
    lines = text.split("\n")
    inner = within_code(lines)
    return "\n".join("" if is_sentence(line) and n not in inner else line for n, line in enumerate(lines))


def with_commas(text: str) -> str:
    """Commas between things in brackets that stand one below the other, which nothing else can be meant by.

    >>> with_commas("f(\\n    a(1)\\n    b(2),\\n)")
    'f(\\n    a(1),\\n    b(2),\\n)'
    """
    lines = text.split("\n")
    for _ in attempts(lines, MAX_BROKEN):
        error = parses("\n".join(lines))
        if error is None or "comma" not in error.msg or not error.lineno or not error.end_lineno:
            break
        first = next((n for n in range(error.lineno - 1, error.end_lineno) if _lacks_comma(lines, n)), None)
        if first is None:
            break
        code = re.match(r"[^#]*", lines[first])
        end = len(code[0].rstrip()) if code else len(lines[first])
        lines[first] = f"{lines[first][:end]},{lines[first][end:]}"
    return "\n".join(lines)


def _lacks_comma(lines: list[str], number: int) -> bool:
    after = next((line.strip() for line in lines[number + 1 :] if line.strip() and line.strip()[0] != "#"), "")
    return bool(re.search(r"[\w)\]'\"]\s*(#.*)?$", lines[number])) and bool(re.match(r"[A-Za-z_][\w.]*\(", after))


def with_strings(text: str) -> str:
    """Strings in single quotes that a page has broken over lines, each in one again; the lines keep their numbers.

    >>> with_strings('print("a\\nb")')
    'print("a\\\\nb")\\n'
    """
    lines = text.split("\n")
    for _ in attempts(lines, MAX_BROKEN):
        error = parses("\n".join(lines))
        number = error.lineno or 0 if error is not None else 0
        if error is None or "unterminated" not in error.msg or "triple" in error.msg or not 0 < number < len(lines):
            break
        if _APOSTROPHE.search(lines[number - 1]):  # of a sentence
            break
        after = next((n for n in range(number, len(lines)) if lines[n].strip()), number)
        if re.search(r"[=(:]|^import |^from ", lines[after]) and is_statement(lines[after]):  # and no part of a string
            break
        lines[number - 1] += "\\n" + lines[after]
        lines[after] = ""
    return "\n".join(lines)


def without_cut_off(text: str) -> str:
    """The text without the end of something that it begins with, whose own beginning was not copied.

    What makes layers stays, so that it is refused and not lost.

    >>> without_cut_off("        return x, y\\n\\nclass Net(nn.Module):\\n    pass")
    '\\n\\nclass Net(nn.Module):\\n    pass'
    >>> without_cut_off("    x = load()\\nexcept IOError:\\n    stop()\\nnet = make()")
    '\\n\\n\\nnet = make()'
    """
    lines = text.split("\n")
    margins = [n for n, line in enumerate(lines) if line[:1] not in ("", " ", "\t")]
    goes_on = next((n for n in margins if _GOES_ON.match(lines[n])), -1)
    is_open = not any(_BEGINS.match(lines[n]) for n in margins if n < goes_on)  # or else its beginning stands above
    last = goes_on if is_open and goes_on >= 0 else -1 if margins[:1] != [0] else len(lines)
    start = next((n for n in margins if n > last and not _GOES_ON.match(lines[n])), 0)
    above = lines[:start]
    begins = r"class |def |import |from |for |with |if |@|\w+ ?=|[\w.]+\("
    if not any(line.strip() for line in above) or not re.match(begins, _first_code(lines[start:])):
        return text
    makes_layers = any(_MAKES_LAYERS.search(line) for line in above)
    return text if makes_layers else "\n".join([""] * start + lines[start:])


def body_at_margin(text: str) -> str:
    """The text with the body of a function that it begins with, whose head was not copied, at the margin.

    >>> print(body_at_margin("    net = Sequential()\\n    net.add(Dense(3))\\n    return net\\n\\nstop = Early()"))
    net = Sequential()
    net.add(Dense(3))
    return net
    <BLANKLINE>
    stop = Early()
    """
    lines = text.split("\n")
    start = next((n for n, line in enumerate(lines) if line[:1] not in ("", " ", "\t")), 0)
    above = "\n".join(lines[:start])
    after = _first_code(lines[start:])
    is_body = re.search(r"\b[A-Z]\w*\(", above) and not re.search(r"\bself\b|^\s*def ", above, re.MULTILINE)
    if not is_body or not re.match(r"class |def |import |from |@|\w+ ?=", after):
        return text
    return "\n".join([textwrap.dedent(above), *lines[start:]])


def _first_code(lines: Sequence[str]) -> str:
    """The first line that is no remark."""
    return next((line for line in lines if line.strip() and line[0] != "#"), "")


def without_margins(text: str) -> str:
    """The end of an `__init__` and the methods after it, without the class above: both at the margin.

    >>> print(without_margins("        self.a = nn.ReLU()\\n\\n    def forward(self, x):\\n        return self.a(x)"))
    self.a = nn.ReLU()
    <BLANKLINE>
    def forward(self, x):
        return self.a(x)
    """
    start = re.search(r"^[ \t]*def \w+\(", text, re.MULTILINE)
    head, rest = (text[: start.start()], text[start.start() :]) if start is not None else (text, "")
    if not rest or not re.match(r"\s*self\.\w+ ?=", head):
        return text
    return textwrap.dedent(head) + textwrap.dedent(rest)


def with_init(text: str) -> str:
    """`__init__` where a page took the underscores for a mark of bold type, in a text that has no other.

    >>> print(with_init("class A(nn.Module):\\n    def init(self):\\n        super().init()"))
    class A(nn.Module):
        def __init__(self):
            super().__init__()
    """
    if "__init__" in text or not _BARE_INIT.search(text):
        return text
    return _BARE_INIT.sub(r"\1__init__(", _BARE_SUPER.sub(r"\1.__init__(", text))


def without_remarks(text: str) -> str:
    """The text without numbers in angle brackets, or in circles, at the end of lines.

    >>> without_remarks("x = Input((8,))  <1>")
    'x = Input((8,))'
    """
    return _REMARK.sub("", text)


def _without_inner_tabs(lines: list[str]) -> list[str]:
    """Spaces in place of tabs before lines within brackets, which no block depends on."""
    result = list(lines)
    for first, last in spans(lines):
        margin = lines[first][: indent_of(lines[first])] + " " * 4
        for number in range(first + 1, last + 1):
            if "\t" in lines[number][: indent_of(lines[number])]:
                result[number] = margin + lines[number].lstrip()
    return result


def indented_code(text: str) -> str:
    """The indented lines at the margin, where all other lines are sentences; else the text as it is.

    >>> indented_code("Here's what I tried:\\n\\n    x = 1\\n    y = 2\\n\\nIt doesn't work.")
    '\\n\\nx = 1\\ny = 2\\n\\n'
    """
    lines = _without_inner_tabs(text.split("\n"))
    outer = [line for line in lines if line.strip() and line[0] not in " \t#"]
    inner = [line for line in lines if line.strip() and line[0] in " \t"]
    if not outer or len(inner) < 2 or not all(is_prose(line) or not has_signs(line) for line in outer):
        return text
    return textwrap.dedent("\n".join(line if line[:1] in (" ", "\t") else "" for line in lines))
