"""What is a line of code, what is a sentence, and how much of a text is no Python: the one place that says so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from core.parsing.clean.statements import LineRange, indent_of, spans
from core.parsing.clean.syntax import parsed, tree_or_error

MAKES_NETWORK = re.compile(
    r"\bclass \w{1,80} ?[(:]|\bdef \w{1,80} ?\(|\.add ?\("
    r"|[\w\])] ?= ?[\w.]{0,80}(?:[A-Z]\w{0,40}|models?\.\w{1,40}|resnet\w{0,9}|vgg\w{0,9}"
    r"|(?:static\.nn|fluid\.layers|tf\.layers|slim)\.\w{1,40}) ?\("
)
ERROR = re.compile(r"[\w.]{0,80}(?:Error|Exception|Interrupt|Warning)\b(?!\s*Traceback)")
_BEGINS = re.compile(
    r"(?:import|from|class|def|for|if|with|while|try|async|del|assert|return|raise|global)\b|@|#|(?:set|del)attr\("
    r"|[A-Za-z_][\w.]*(?:\[[^\]\n]{0,80}\])*(?:, ?[A-Za-z_][\w.]*){0,9}(?: ?: ?[\w.]{1,60})? ?[-+*/|]?=[^=]"
    r"|(?!torch\.Size)[a-z_]\w*\.[\w.]+\("
)
_FIRST_WORD = re.compile(r"(?:import|from|class|def|return|self\.|nn\.|@[\w.]+(?:\(.*)?$|#)")
_SAYS_OF_LAYER = re.compile(r"(?:torch\.)?nn\.[\w.]+(?:\(\))? ?[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0400-\u04ff]")
_FIRST_WORD_ALONE = re.compile(r"(?:import|from|class|def|return|self|nn)\b|@[\w.]+(?:\(.*)?$")
_ALONE = re.compile(r"[\w.-]*\s*")
_KEYWORD = re.compile(r"(?:if|elif|else|for|while|with|try|except|del|assert|raise|yield|global|nonlocal)\b")
_SIGN = re.compile(r"[=\[\]{}]|\w\(")  # counted
_ANY_SIGN = re.compile(r"[=(\[\]{}]|(?<![:;-])\)|^(?:else|try|finally)\b")  # a smiley is none
_BLOCK = re.compile(r"(?:class|def|async def|if|for|while|with|try|else|elif|except|finally|case)\b.*:\s*(#.*)?$")
_OUTPUT = re.compile(  # of a progress bar, an object, a warning, a counter, a tensor
    r"\d+(?:/\d+|%)|[Ee]poch\W{0,3}\d|[<>|/]|\[\d[\d, ]*\] \w|(?:tensor|array)\(\[* *[-\d]"
)
_LETTERS = re.compile(  # of languages that code is not written in
    "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0400-\u04ff]"
)
_BULLET = re.compile(r"\s*[•‣◦▪●■▶►◆※]\s*\w")  # of a list of sentences, whatever their depth
_PRINTED_SHAPE = re.compile(
    r"(?:[^\s=()\[\],]+[ \t]+)*[^\s=()\[\],]+:?[ \t]*torch\.Size\(\[[\d, ]*\]\)\s*$"
)  # with words before
_SLIP = re.compile(r"(?:for [\w, ]+ in \S|while \w|if \w+ (?:[=<>]|in\b|not\b|is\b)|del \w|elif\b)")  # of code
_CHANGE_AT_END = re.compile(r": *[\w.]+\.(?:add|append|insert|extend|pop|add_module)\(.*\)$")
FEWEST_WORDS = 5  # of a sentence that begins like that
_PLAIN_WORD = re.compile(r"(?<!\S)[\"'(]?[^\W\d_]{2,}[\"')]?[,.:;!?]?(?!\S)")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ABOVE = {  # what a line needs above it to be Python
    "else": "if a: pass\n",
    "elif": "if a: pass\n",
    "except": "try: pass\n",
    "finally": "try: pass\n",
    "case": "match a:\n ",
}


def begins_statement(line: str) -> bool:
    """Whether a line begins, at the margin, as statements do and what code prints does not."""
    return _BEGINS.match(line) is not None


def makes_network(text: str) -> bool:
    """Whether a text has a line that may build a network, or define what does."""
    return MAKES_NETWORK.search(text) is not None


def has_signs(line: str) -> bool:
    """Whether a line has any sign, or begins with a word, that sentences can do without."""
    return _ANY_SIGN.search(line.strip()) is not None or _FIRST_WORD.match(line.strip()) is not None


def is_header(line: str) -> bool:
    """Whether a line opens a block of Python.

    >>> is_header("for i in range(3):"), is_header("for example this one:")
    (True, False)
    """
    return _BLOCK.match(line) is not None and is_statement(line)


def is_statement(source: str) -> bool:
    """Whether lines are one statement, or the line that opens a block, wherever they may stand.

    >>> is_statement("elif a:  # or b"), is_statement("@cached"), is_statement("a b")
    (True, True, False)
    """
    return _is_statement(source.lstrip())


@lru_cache(maxsize=20_000)  # each step of cleaning asks for the lines that it has not changed
def _is_statement(source: str) -> bool:
    if _is_python(source):
        return True
    word = re.split(r"\W", source, maxsplit=1)[0]
    if source[0] == "@":
        return _is_python(f"{source}\ndef f(): pass")
    if not _BLOCK.match(source.rsplit("\n", 1)[-1]) and not re.search(r":\s*(?:#.*)?$", source):
        return False
    return _is_python(f"{_ABOVE.get(word, '')}{source}\n  pass" + ("\nfinally: pass" if word == "try" else ""))


def _is_python(source: str) -> bool:
    return isinstance(tree_or_error(source), ast.Module)


def source_of(span: LineRange, lines: Sequence[str]) -> str:
    """The text of a statement from the margin on."""
    first = lines[span.first].lstrip()
    return first if span.first == span.last else "\n".join([first, *lines[span.first + 1 : span.last + 1]])


def code_lines(lines: Sequence[str]) -> set[int]:
    """The first lines of those statements that are Python, and no word or number alone."""
    sources = ((one.first, source_of(one, lines)) for one in spans(lines))
    return {first for first, source in sources if is_statement(source) and not _ALONE.fullmatch(source)}


def inner_lines(lines: Sequence[str]) -> dict[int, int]:
    """Lines within the brackets or strings of a statement that is Python, and the line where that begins."""
    whole = (one for one in spans(lines) if one.last > one.first and is_statement(source_of(one, lines)))
    return {number: one.first for one in whole for number in range(one.first + 1, one.last + 1)}


def faults(lines: Sequence[str]) -> int:
    """How much of a text is no Python: lines of statements that are none, and blocks that begin or end nowhere.

    >>> faults(["a = f(", "  1)"]), faults(["a b", "if c:", "d"])
    (0, 3)
    """
    text = "\n".join(lines)
    if isinstance(parsed(text), ast.Module):
        return 0
    count = 1
    whole: list[LineRange] = []
    for span in spans(lines):
        if is_statement(source_of(span, lines)):
            whole.append(span)
        else:
            count += sum(1 for line in lines[span.first : span.last + 1] if line.strip())
    return count + sum(1 for _ in _misplaced(whole, lines))


def _misplaced(statements: Sequence[LineRange], lines: Sequence[str]) -> Iterator[LineRange]:
    """Statements that are deeper than the block they stand in, or not deeper than the line that opens theirs."""
    stack, opens = [0], False
    for one in statements:
        first = lines[one.first]
        if first.lstrip()[0] == "#":
            continue
        indent = indent_of(first)
        if opens and indent > stack[-1]:
            stack.append(indent)
        elif opens or indent > stack[-1]:
            yield one
        while stack[-1] > indent:
            stack.pop()
        opens = is_header(lines[one.last].strip() if one.first == one.last else source_of(one, lines))


def is_prose(line: str) -> bool:
    """Whether a line is words: several, or one that ends a sentence, without the signs of code; or an output.

    >>> is_prose("Here we add Dense(5)"), is_prose("model.add Dense(5)"), is_prose("for n in sizes")
    (True, False, False)
    """
    bare = line.strip()
    words, plain = _WORD.findall(bare), _PLAIN_WORD.findall(bare)
    if _SAYS_OF_LAYER.match(bare):
        return True
    if not bare or _FIRST_WORD.match(bare):
        return False
    signs = len(_SIGN.findall(bare))
    if bare in ("pass", "break", "continue") or is_header(bare) or (signs and _KEYWORD.match(bare)):
        return False
    if _OUTPUT.match(line):
        return True
    if _CHANGE_AT_END.search(bare) or (signs and len(plain) < 2) or (_SLIP.match(bare) and len(plain) < FEWEST_WORDS):
        return False
    if not re.search(r"\w ?=[^=]|\w\(", bare) and line[0] not in " \t" and len(words) >= 2:
        return True
    if signs > 1 and len(words) < (3 if len(plain) >= FEWEST_WORDS else 4) * signs:
        return False
    return len(words) >= 2 or not _ANY_SIGN.search(bare)


def within_code(lines: Sequence[str]) -> set[int]:
    """Lines that code goes around: in brackets that it opens, or in a block between lines of the same depth or deeper.

    >>> within_code(["f(", "some words", "  1)", "if a:", "    b()", "    more words", "    c()"])
    {1, 2, 5}
    """
    statements = spans(lines)
    result = {
        number
        for one in statements
        if one.last > one.first and not is_prose(lines[one.first])
        for number in range(one.first + 1, one.last + 1)
    }
    for above, one, below in zip(statements, statements[1:], statements[2:], strict=False):
        indent = indent_of(lines[one.first])
        around = (lines[above.first], lines[below.first])
        if indent and all(indent_of(line) >= indent and not is_prose(line) for line in around):
            result.add(one.first)
    return result


def is_sentence(line: str) -> bool:
    """Whether a line is a sentence for sure: behind a bullet, or at the margin, of many words or of another script."""
    if _BULLET.match(line) or _PRINTED_SHAPE.match(line):
        return True
    bare = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"|#.*", "", line).strip()
    if line[:1] in ("", " ", "\t", "#") or _FIRST_WORD_ALONE.match(bare) or is_header(bare):
        return False
    if _LETTERS.search(bare) or ERROR.match(bare):
        return True
    words = _WORD.findall(bare)
    signs = len(_SIGN.findall(bare))
    ends = bare[-1:] in (".", ":", "!", "?")
    if not signs and len(words) >= 2 and (ends or bare.count("'") == 1):
        return True
    return len(words) >= 5 and len(words) >= 4 * signs and ends
