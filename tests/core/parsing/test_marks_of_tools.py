"""Networks with what tools, chats and sites write before, behind or around each line: read as the bare texts are."""

from __future__ import annotations

import json
import re

import pytest

from core.errors import ParseError
from core.parsing import parse
from core.parsing.clean import clean_text
from tests.core.parsing.test_wrapped_texts import CLASS, KERAS, TEXTS, each, parameters, prompts


def at(number):
    return f"2024-05-06 07:08:{number:02d}"


def every_fifth(number, line):
    return (f"{number:>3} " if number % 5 == 0 else "    ") + line


def cut_notebook(text):
    cells = [
        {"cell_type": "markdown", "source": ["It's a net\n", "layers.append(nothing)"]},
        {"cell_type": "code", "outputs": [{"text": ["3\n"]}], "source": text.splitlines(True)},
        {"cell_type": "code", "outputs": [], "source": ["print(1)\n", "print(2)\n"]},
    ]
    return json.dumps({"cells": cells, "nbformat": 4}, indent=1)


def in_pages(text):
    lines = text.split("\n")
    return "\n".join([*lines[:8], "12", "CHAPTER 3. NETWORKS FOR IMAGES", "", "13", *lines[8:]])


WRAPPED = {
    "L1:": lambda text: each(text, "L{}: {}".format),
    "numbers in a margin of two bars": lambda text: each(text, "| {} | {}".format),
    "numbers in round brackets": lambda text: each(text, "({}) {}".format),
    "numbers of comments in C": lambda text: each(text, "/* {} */ {}".format),
    "every fifth line": lambda text: each(text, every_fifth),
    "numbers from the cursor": lambda text: each(text, lambda n, line: f"{abs(n - 7) or 7:>3} {line}"),
    "of cat -A": lambda text: each(text, lambda _, line: f"{line}$"),
    "of grep -C": lambda text: each(text, lambda n, line: f"{n}{':' if n % 4 == 0 else '-'}{line}"),
    "of grep -h": lambda text: each(text, lambda _, line: f"net.py:{line}"),
    "pdb": lambda text: (
        "(Pdb) ll\n" + each(text, lambda n, line: f"{n:>3}  {'->' if n == 6 else ''}\t{line}") + "\n(Pdb) "
    ),
    "IPython's debugger": lambda text: each(text, lambda n, line: f"{'---->' if n == 6 else '     '} {n} {line}"),
    "colours": lambda text: re.sub(r"\b(import|class|def|return)\b", "\x1b[01;34m\\1\x1b[39;49;00m", text),
    "colours without their first sign": lambda text: each(text, lambda _, line: f"[32m{line}[0m"),
    "log": lambda text: each(text, lambda n, line: f"{at(n)} INFO {line}"),
    "log of Python": lambda text: each(text, lambda n, line: f"{at(n)},123 - root - INFO - {line}"),
    "log in brackets": lambda text: each(text, lambda n, line: f"[{at(n)}] INFO: {line}"),
    "log of a container": lambda text: each(text, lambda _, line: f"web_1  | {line}"),
    "log by name": lambda text: each(text, lambda _, line: f"INFO:root:{line}"),
    "conflict": lambda text: f"<<<<<<< HEAD\n{text}=======\nnet = None\n>>>>>>> other\n",
    "conflict of three": lambda text: f"<<<<<<< a\n{text}||||||| b\nx = 1\n=======\nx = 2\n>>>>>>> c\n",
    "notebook without its end": lambda text: cut_notebook(text)[:-60],
    "notebook without its begin": lambda text: cut_notebook(text)[40:],
    "comments": lambda text: each(text, lambda _, line: f"# {line}"),
    "a string": lambda text: f"code = '''\n{text}'''\nexec(code)",
    "a box": lambda text: f"+{'-' * 70}+\n{each(text, lambda _, line: f'| {line:<68} |')}\n+{'-' * 70}+",
    "a table of Markdown": lambda text: (
        "| code |\n|------|\n" + each(text, lambda _, line: f"| `{line}` |" if line else "|  |")
    ),
    "lines marked as code": lambda text: each(text, lambda _, line: f"`{line}`" if line else line),
    "arrows": lambda text: each(text, lambda _, line: f"→ {line}"),
    "Jekyll": lambda text: f"---\nlayout: post\n---\n{{% highlight python %}}\n{text}\n{{% endhighlight %}}\n",
    "messenger": lambda text: f"[12/03/2024, 10:11:12] Bob: {text}[12/03/2024, 10:12:00] Ann: thanks :)",
    "chat": lambda text: f"bob  [10:11 AM]\n{text}\nann — Today at 10:12 AM\nlooks good to me",
    "gist": lambda text: (
        f"Instantly share code.\n@bob\nbob/net.py\nStar 12\n{text}\n@ann\nann commented on Jan 1, 2020\n"
    ),
    "comment of a forum": lambda text: f"{text}\n2\n@bob thanks, x = f(y) works now. - ann Jan 2 '20 at 9:00\n",
    "pages of a book": in_pages,
    "numbers, session, fence, quotation": lambda text: each(
        f"```python\n{prompts(each(text, '{} {}'.format))}\n```", lambda _, line: f"> {line}"
    ),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED)
def test_what_tools_write_around_a_network_changes_nothing(wrapped, name):
    assert parameters(wrapped(TEXTS[name])) == parameters(TEXTS[name])


def test_the_side_of_a_conflict_that_is_read_is_said():
    parsed = parse(f"{CLASS}<<<<<<< HEAD\nnet = Small(7)\n=======\nnet = Small(9)\n>>>>>>> other\n")
    assert next(parsed.module.parameters()).shape[0] == 7
    assert "Of lines in conflict those above ======= are read." in parsed.notes


def test_a_conflict_that_is_cut_off_is_refused():
    with pytest.raises(ParseError, match="not Python"):
        parse(f"{CLASS}<<<<<<< HEAD\nnet = Small(7)\n=======\nnet = Small(9)\n")


CODE_LIKE_MARKS = {
    "keys": "w = {\n0: 1.0,\n1: 2.0,\n2: 3.0,\n3: 4.0,\n}",
    "rows": "w = [\n-1, 0, 1,\n-1, 0, 1,\n-1, 0, 1,\n]",
    "a sum": "w = (1\n- 2\n- 3\n- 4)",
    "flags": "w = (1\n| 2\n| 4)",
    "session in a docstring": 'def w():\n    """\n    >>> w()\n    3\n    """\n    return 3',
    "fences in a docstring": '"""\n# Head\n\n```\nnet = None\n```\n- a\n1. one\n2. two\n3. three\n4. four\n> five\n"""',
    "tags": "w = ['<s>', '</s>', '<pad>',\n     '<b>', '<br>', '<p>']",
    "entities": "w = '&lt;pad&gt; &amp; &quot;'",
    "shell in a string": "w = '''\n$ pip install a\n!ls\n%cd b\nprint c\n'''",
    "table in a string": "w = '''\nLayer (type)   Output Shape   Param #\n=====\nTotal params: 44\n'''",
    "conflict in a string": "w = '''\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> c\n'''",
    "patch in a string": "w = '''\ndiff --git a b\n--- a\n+++ b\n@@ -1 +1 @@\n-a\n+b\n'''",
    "log in a string": "w = '''\n2024-01-01 12:00:00 INFO a\nINFO:root:b\n'''",
    "captions": "w = '''\nShare\nCopy code\n登录后复制\n'''",
    "signs": "w = 'it’s “quoted” – yes，（）'\nv = '[32mgreen[0m'\nu = 'a$'",
}
AROUND = {
    "command": lambda text: f"!pip install a\n{text}",
    "sentences": lambda text: f"Here's my code:\n\n{text}\n\nIt doesn't work, why is that?",
    "fence": lambda text: f"Look:\n```python\n{text}```\nSee?",
    "error": lambda text: f'{text}\nTraceback (most recent call last):\n  File "a.py", line 3\nValueError: bad\n',
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
@pytest.mark.parametrize("code", CODE_LIKE_MARKS.values(), ids=CODE_LIKE_MARKS)
def test_code_that_looks_like_marks_stays_as_it_is(code, around):
    cleaned = clean_text(around(f"{code}\n{KERAS}"))[0]
    assert code in cleaned
    assert KERAS in cleaned


HEAD = "import torch.nn as nn\nsizes = [4, 4]\n"
SLIPS = {
    "a point is missing": "net = nn.Sequential(nn.Linear(4, 4))\nnet.append nn.Linear(4, 3)\n",
    "brackets are missing": "net = nn.Sequential(\n    nn.Linear(4, 4),\n    Linear 4 4\n    nn.Linear(4, 3),\n)\n",
    "words within brackets": "net = nn.Sequential(\n    nn.Linear(4, 4),\n    another linear one\n    nn.Tanh(),\n)\n",
    "a loop within brackets": "net = nn.Sequential(*[\n    nn.Linear(4, 4)\n    for n in range three\n])\n",
    "a loop without colon": "layers = []\nfor n in sizes\nlayers.append(nn.Linear(4, 4))\nx = nn.Sequential(*layers)\n",
    "words behind a statement": "net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))\ndel net[0] please\n",
    "a statement behind words": "net = nn.Sequential(nn.Linear(4, 4))\nNow one more: net.append(nn.Linear(4, 4))\n",
    "words in a method": "class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.a = nn.Linear(4, 4)\n        some more layers here\n        self.b = nn.Linear(4, 4)\n"
    "    def forward(self, x):\n        return self.b(self.a(x))\n",
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_a_slip_is_no_sentence_to_be_left_out(slip):
    with pytest.raises(ParseError, match="not Python"):
        parse(HEAD + slip)
