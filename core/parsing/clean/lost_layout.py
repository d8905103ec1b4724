"""Lines and indentation that a page has lost, put back where there is one way only."""

from __future__ import annotations

import io
import itertools
import keyword
import re
import tokenize
from collections.abc import Sequence, Set
from dataclasses import dataclass

from core.parsing.clean.code_lines import is_header, is_prose, is_statement, makes_network
from core.parsing.clean.lost_remarks import without_remark, without_sentence
from core.parsing.clean.statements import spans

_JOINING = {"and", "or", "not", "in", "is", "lambda", "await", "as"}  # what goes on with a value
_METHOD = re.compile(r"(async )?def \w+\(\s*(self|cls)\b")
MAX_DEPTH = 20  # blocks in one another
MAX_DECORATORS = 4
MAX_LOOKED_AT = 200  # statements, to see whether a class goes on
MAX_CONDITION = 60  # parts of what stands behind `if`
_LOOPS = ("for", "while", "with", "if")
_CONTINUED = ("else", "elif", "except", "finally")
_LAST = ("else",)
_ENDING = {
    "if": ("else", "elif"),
    "elif": ("else", "elif"),
    "try": ("except", "finally"),
    "except": ("except", "else", "finally"),
    "else": ("finally",),
    "with": (),
}  # what ends the block under a header for sure
_OPENS = re.compile(r"^(?:class|(?:async )?def|for|while|if|with)\b", re.MULTILINE)
_WORD = re.compile(r"(?!(?:pass|break|continue|return)$)[^\W\d]\w*")
_COLON = re.compile(r"[^\W\d][\w.]* ?:(?!=)[^=\n]*(?:==[^=\n]*)?$")  # and no value
_CODE = re.compile(r"\bclass \w+[(:]|\bdef \w+\(|\bimport \w|\w ?= ?\w[\w.]*\(")  # even among words
_DATA = re.compile(r"\b(?:Variable|DataLoader|\w*Dataset|\w*Tensor)\(")  # no layers, though they look so
_CALLED = re.compile(r"\b(\w+)\(")
_ONLY_AT_END = re.compile(r"(return|raise|continue|break)\b")  # nothing can follow in the same block


@dataclass(frozen=True)
class Statement:
    """A logical line: its first and last physical line, and whether blank lines stand before it.

    `is_outside`: it uses a class of the text and nothing of an object, as what stands below a class does.
    """

    first: int
    last: int
    text: str
    is_apart: bool
    is_outside: bool

    @property
    def kind(self) -> str:
        """`class`, `method`, `def`, another word that opens a block, or nothing."""
        if not is_header(self.text):
            return ""
        if _METHOD.match(self.text):
            return "method"
        return "def" if self.text.startswith("async def") else re.split(r"\W", self.text, maxsplit=1)[0]


def with_indentation(text: str) -> str:
    """A text whose indentation was lost, where its blocks can end at one place only.

    >>> print(with_indentation("class A(B):\\ndef f(self):\\nfor a in b:\\na()\\nreturn 1\\nx = A()"))
    class A(B):
        def f(self):
            for a in b:
                a()
            return 1
    x = A()
    """
    lines = text.split("\n")
    if not _OPENS.search(text) or any(line[:1] in (" ", "\t") and line.strip() for line in lines):
        return text
    statements = logical_lines(lines, set(re.findall(r"^class (\w+)", text, re.MULTILINE)))
    levels = _levels(statements) if any(one.kind for one in statements) else None
    if levels is None:
        return text
    result = list(lines)
    for statement, level in zip(statements, levels, strict=True):
        for number in range(statement.first, statement.last + 1):
            result[number] = "    " * level + lines[number].strip() if lines[number].strip() else ""
    return "\n".join(result)


def logical_lines(lines: Sequence[str], classes: Set[str] = frozenset()) -> list[Statement]:
    """The statements of a text, each with the lines that it stands in; comments of their own belong to what follows."""
    result: list[Statement] = []
    first, after, is_apart = 0, 0, False
    for span in spans(lines):
        if span.first > after:  # blank lines between
            first, is_apart = span.first, True
        after = span.last + 1
        if lines[span.first].lstrip()[0] == "#":
            continue
        code = " ".join(line.strip() for line in lines[span.first : after])
        result.append(Statement(first, span.last, code, is_apart, _is_outside(code, classes)))
        first, is_apart = after, False
    return result


def _levels(statements: Sequence[Statement]) -> list[int] | None:
    """How deep each statement stands; None if there is more than one way."""
    levels: list[int] = []
    in_class, level, number = False, 0, 0
    while number < len(statements):
        one = statements[number]
        if one.kind == "class":
            levels.append(0)
            in_class, level = True, 1
        elif one.kind in ("method", "def"):
            if in_class and one.kind == "def" and _goes_on(statements, number + 1):
                return None  # it may stand in a method
            in_class = in_class and one.kind == "method"
            levels.append(int(in_class))
            level = 1 + in_class
        elif one.text[0] == "@":
            levels.append(int(in_class and _decorates_method(statements, number)))
        elif one.kind:
            inner = _block(statements, number, level)
            inner = _rest(statements, number) if inner is None and not level else inner
            if inner is None:
                return None
            levels += inner
            number += len(inner)
            continue
        else:
            is_below = in_class and level == 2 and one.is_apart and one.is_outside
            if is_below and not _goes_on(statements, number):
                in_class, level = False, 0
            levels.append(level)
            if level and re.match(r"return\b", one.text):
                level = 0
        number += 1
    return levels


def _goes_on(statements: Sequence[Statement], number: int) -> bool:
    """Whether a class goes on from there: with a method, or with what is of an object."""
    for one in statements[number : number + MAX_LOOKED_AT]:
        if one.kind == "class":
            return False
        if one.kind == "method" or re.search(r"\bself\b", one.text):
            return True
    return number + MAX_LOOKED_AT < len(statements)


def _decorates_method(statements: Sequence[Statement], number: int) -> bool:
    below = next((one for one in statements[number : number + MAX_DECORATORS] if one.text[0] != "@"), None)
    return below is not None and (below.kind == "method" or statements[number].text in ("@staticmethod", "@property"))


def _is_outside(text: str, classes: Set[str]) -> bool:
    return bool(classes) and "self" not in text and not classes.isdisjoint(_CALLED.findall(text))


def _block(statements: Sequence[Statement], start: int, level: int) -> list[int] | None:
    """The levels of a header and of the one statement below it, if its block ends there for sure.

    It does where the block has to end with that statement, or where what follows it is the end of a function. All that
    stands between an `if` and its `else` is in the block.
    """
    header, body = statements[start], start + 1
    if level > MAX_DEPTH or body == len(statements) or statements[body].kind in ("class", "def", "method", *_CONTINUED):
        return None
    count = _until_else(statements, start)
    inner = [level + 1] * count if count else None
    if not count:
        inner = _block(statements, body, level + 1) if statements[body].kind else [level + 1]
    if inner is None:
        return None
    levels = [level, *inner]
    after = start + len(levels)
    if after < len(statements) and statements[after].kind in _ENDING.get(header.kind, _LAST):
        chain = _block(statements, after, level)
        return None if chain is None else [*levels, *chain]
    is_end = after == body + 1 and _ONLY_AT_END.match(statements[body].text) is not None
    is_end = is_end or _ends_function(statements, after)
    return levels if is_end else None


def _until_else(statements: Sequence[Statement], start: int) -> int:
    """How many statements stand between a header and what goes on with it, 0 if others than plain ones do."""
    ending = _ENDING.get(statements[start].kind, ())
    after = start + 1
    while after < len(statements) and not statements[after].kind and statements[after].text[0] != "@":
        after += 1
    return after - start - 1 if after < len(statements) and statements[after].kind in ending else 0


def _rest(statements: Sequence[Statement], start: int) -> list[int] | None:
    """The levels from a loop on to the end of a text that makes no network there: where its block ends is all one."""
    if statements[start].kind not in _LOOPS:
        return None
    levels, level = [], 0
    for one in statements[start:]:
        if one.kind not in (*_LOOPS, "") or makes_network(_DATA.sub("f(", one.text)) or not is_statement(one.text):
            return None
        levels.append(level)
        level += one.kind != ""
    return levels if 0 < level <= MAX_DEPTH and statements[-1].kind == "" else None


def _ends_function(statements: Sequence[Statement], after: int) -> bool:
    """Whether a function ends before a statement, or with it where it is a `return`."""
    if after < len(statements) and re.match(r"return\b", statements[after].text):
        after += 1
        if after < len(statements) and (statements[after].is_apart or statements[after].is_outside):
            return True
    if after == len(statements):
        return True
    return statements[after].kind in ("class", "def", "method") or statements[after].text[0] == "@"


def with_lines(text: str) -> str:
    """Statements that stand in one line, each in its own, where two words side by side say that one ends.

    >>> with_lines("import torch x = 1 y = f(x) + 2")
    'import torch\\nx = 1\\ny = f(x) + 2'
    """
    if text.strip().count("\n") > 2 or len(text) < 20:
        return text
    try:
        said = itertools.dropwhile(lambda line: is_prose(line) and not _CODE.search(line), text.split("\n"))
        bare = " ".join(word for line in said for word in without_remark(without_sentence(line)).split())
        tokens = list(tokenize.generate_tokens(io.StringIO(bare).readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return text
    parts: list[str] = []
    line, depth, before, is_block = "", 0, None, False
    code = [token for token in tokens if token.string.strip()]
    for index, token in enumerate(code):
        is_end = (
            before is not None and depth == 0 and _ends(before, token, line, code[index + 1 : index + MAX_CONDITION])
        )
        if is_end or (is_block and depth == 0 and before is not None and before.string == ":"):
            parts.append(line)
            line, is_block = "", False
        if not line:
            is_block = token.string in ("class", "def", "if", "elif", "for", "while", "with", "else", "try")
        space = " " if line and before is not None and before.end != token.start else ""
        line += space + token.string
        depth += (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
        before = token
    made = [*parts, line]
    return text if any(map(_is_word, made)) else "\n".join(made)


def _is_word(line: str) -> bool:
    """Whether a line is what remains of a sentence: a name alone, or one with a colon behind it."""
    return _WORD.fullmatch(line) is not None or (_COLON.match(line) is not None and not is_header(line))


def _ends(before: tokenize.TokenInfo, after: tokenize.TokenInfo, line: str, rest: Sequence[tokenize.TokenInfo]) -> bool:
    """Whether the statement `line` ends between two tokens: a value is followed by a name."""
    value_before = (
        before.type in (tokenize.NUMBER, tokenize.STRING)
        or before.string in (")", "]", "}")
        or (
            before.type == tokenize.NAME
            and not (keyword.iskeyword(before.string) and before.string not in ("pass", "None", "True", "False"))
        )
    )
    if after.type != tokenize.NAME or not value_before:
        return False
    if after.string in ("import", "from"):
        return not (line.startswith("from ") and after.string == "import") and not line.startswith(("raise ", "yield "))
    if after.string == "if":
        return next((one.string for one in rest if one.string in (":", "else")), "") == ":"
    if after.string == "else":
        return bool(rest) and rest[0].string == ":"
    return after.string not in _JOINING
