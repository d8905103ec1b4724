"""Remarks within code that a page has put into one line: each ends where a statement follows that makes something."""

from __future__ import annotations

import io
import re
import tokenize

MAX_REMARKS = 50  # in one line
_GOES_ON = re.compile(  # what a sentence does not say
    r"(?<=\s)(?:self(?:\.\w+)+ ?=(?!=)|[^\W\d][\w.]* ?[-+*/]?= ?(?:[^\W\d]\w*[.(]|\d[\d.]*(?=\s+[^\W\d]|\s*#|\s*$))"
    r"|return [^\W\d]\w*(?=[.(]|\s*#|\s*$)|def \w+ ?\(|class \w+ ?[(:]|@\w+|(?:import|from) \w+)"
)
_ABOVE = re.compile(r"[^=()\n#]{10,400}?[:.]\s?(?=(?:import|from) torch\b|class \w+ ?\()")


def without_sentence(line: str) -> str:
    """A line without the sentence that stands before its first statement.

    >>> without_sentence("This is how it is written:import torch x = torch.ones(2)")
    'import torch x = torch.ones(2)'
    """
    return _ABOVE.sub("", line, count=1) if _ABOVE.match(line) else line


def without_remark(line: str) -> str:
    """A line without its remarks, with the code that stands behind one, as where its end of line was lost.

    A remark that is itself code, such as a layer that is not in use, goes as far as the next statement.

    >>> without_remark("def f(x): # half as wide y = self.a(x) # the end")
    'def f(x): y = self.a(x) '
    >>> without_remark("x = '# no remark' # y = self.a(x) y = self.b(x)")
    "x = '# no remark' y = self.b(x)"
    """
    for _ in range(MAX_REMARKS):
        start = _remark(line)
        if start < 0:
            break
        words = re.compile(r"[#\s]*").match(line, start)
        code = _GOES_ON.search(line, words.end() + 1) if words else None
        line = line[:start] + (line[code.start() :] if code else "")
        if code is None:
            break
    return line


def _remark(line: str) -> int:
    """Where the first remark of a line begins, -1 if it has none."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            if token.type == tokenize.COMMENT:
                return token.start[1]
    except (tokenize.TokenError, IndentationError, SyntaxError):
        pass
    return -1
