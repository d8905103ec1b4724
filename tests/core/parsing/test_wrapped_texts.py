"""Networks in what a page, a mail, a notebook or a terminal puts around them: read as the bare texts are."""

import html
import json
import re

import pytest

from core.errors import ParseError
from core.parsing import parse_model
from core.parsing.clean import clean_text

CLASS = """import torch.nn as nn

class Small(nn.Module):
    def __init__(self, width=6):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3)
        self.head = nn.Linear(width, 4)

    def forward(self, x):
        x = self.stem(x)
        return self.head(x.mean((2, 3)))

net = Small(width=5)
"""
LOOP = """import torch.nn as nn

layers = []
for wide in (3, 4):
    layers.append(nn.Conv2d(wide, wide + 1, 1))
    layers.append(nn.ReLU())
net = nn.Sequential(*layers)
"""
KERAS = """from tensorflow.keras import layers, models

model = models.Sequential()
model.add(layers.Conv2D(8, (3, 3), activation='relu', input_shape=(16, 16, 3)))
model.add(layers.Flatten())
model.add(layers.Dense(2))
"""
PADDLE = """import paddle.nn as nn

def block(n, a, b):
    parts = []
    for _ in range(n):
        parts.append(nn.Conv2D(a, b, 3, padding=1))
        a = b
    return nn.Sequential(*parts)

net = block(2, 3, 4)
"""
TEXTS = {"class": CLASS, "loop": LOOP, "Keras": KERAS, "Paddle": PADDLE}

PRINTED = "Other(\n  (conv): Conv2d(1, 2, kernel_size=(3, 3))\n  (deep): Sequential(\n    (0): ReLU()\n  )\n)"
SUMMARIES = {
    "torchsummary": "------------------\n  Layer (type)     Output Shape   Param #\n==================\n"
    "      Conv2d-1    [-1, 8, 30, 30]   224\n==================\nTotal params: 224\n------------------",
    "Keras": 'Model: "sequential"\n____________\n Layer (type)     Output Shape    Param #\n============\n'
    " conv2d (Conv2D)   (None, 26, 26, 32)   320\n\n============\nTotal params: 320 (1.25 KB)\n____________",
    "Keras 3": "┏━━━━━┳━━━━━┓\n┃ Layer (type) ┃ Output Shape ┃ Param # ┃\n┡━━╇━━┩\n│ a (Conv2D) │ (None, 8) │ 320 │\n"
    "└────┴────┘\n Total params: 320 (1.25 KB)",
    "torchinfo": "==========\nLayer (type:depth-idx)   Output Shape   Param #\n==========\nNet    [1, 10]    --\n"
    "├─Conv2d: 1-1     [1, 8, 30, 30]     224\n==========\nTotal params: 224\nTotal mult-adds (M): 0.19\n==========",
}
OUTPUTS = SUMMARIES | {
    "printed": PRINTED,
    "log of Keras": "Epoch 1/2\n1875/1875 [=========] - 5s 3ms/step - loss: 0.2912 - accuracy: 0.9151",
    "log of PyTorch": "Train Epoch: 1 [0/60000 (0%)]\tLoss: 2.300039\n[1,  2000] loss: 2.173\nFinished Training",
    "values": "tensor([[0.1, 0.2]], grad_fn=<AddmmBackward0>)\ntensor([[ 0.3],\n[-0.4]], grad_fn=<AddmmBackward0>)\n"
    "torch.Size([1, 10])\n<class 'torch.Tensor'>\n"
    "100%|███| 10/10 [00:01<00:00]",
    "warning": "/lib/torch/functional.py:12: UserWarning: sigmoid is deprecated.\n  warnings.warn('deprecated')",
    "error": 'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    out = model(x)\n'
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)",
    "error of IPython": "---------\nRuntimeError  Traceback (most recent call last)\n<ipython-input-5-a> in <module>\n"
    "----> 1 y = net(x)\n\nRuntimeError: sizes (2x3 and 4x5)",
}


def each(text, written):
    return "\n".join(written(number, line) for number, line in enumerate(text.rstrip("\n").split("\n"), start=1))


def prompts(text):
    return each(text, lambda _, line: ("... " if line[:1] in ("", " ") else ">>> ") + line)


def notebook(text):
    cells = [
        {"cell_type": "markdown", "source": ["It's a net"]},
        {"cell_type": "code", "source": text.splitlines(True)},
    ]
    return json.dumps({"cells": cells, "nbformat": 4})


def old_notebook(text):
    return json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": text}]}], "nbformat": 3})


WRAPPED = {
    "numbers with bars": lambda text: each(text, "{:>3} | {}".format),
    "numbers in brackets": lambda text: each(text, "[{}] {}".format),
    "numbers with arrows": lambda text: each(text, "{:>6}→{}".format),
    "numbers glued": lambda text: each(text, "{}{}".format),
    "numbers on lines of their own": lambda text: each(text, "{}\n{}".format),
    "numbers, then sentences": lambda text: each(text, "{:>3}  {}".format) + "\n\nWhy is it slow? It's only small.",
    "of grep": lambda text: each(text, "net.py:{}:{}".format),
    "of git blame": lambda text: each(text, "1a2b3c4d (A. B. 2021-03-04 10:11:12 +0000 {:>3}) {}".format),
    "prompts": prompts,
    "prompts of IPython": lambda text: each(text, lambda n, line: ("In [3]: " if n == 1 else "   ...: ") + line),
    "notebook": notebook,
    "notebook of version 3": old_notebook,
    "part of a notebook's file": lambda text: (
        '   "source": [\n' + each(text, lambda _, line: f"    {json.dumps(line + chr(10))},") + "\n   ]"
    ),
    "string of JSON": json.dumps,
    "line feeds written out": lambda text: text.strip().replace("\n", "\\n"),
    "mail": lambda text: "On Tue, Bob wrote:\n" + each(text, lambda _, line: f"> {line}"),
    "answer to a mail": lambda text: each(text, lambda _, line: f">> {line}"),
    "quoted fence": lambda text: f"> ```python\n{each(text, lambda _, line: f'> {line}')}\n> ```\n\nIt is fine.",
    "fences of other languages": lambda text: (
        f"```bash\npip install a\n```\n```yaml\nwidth:\n  - 3\n```\n```python\n{text}```"
    ),
    "fence and its output": lambda text: f"```python\n{text}print(net)\n```\nOutput:\n```\n{PRINTED}\n```",
    "LaTeX": lambda text: f"\\begin{{lstlisting}}[language=Python]\n{text}\\end{{lstlisting}}",
    "forum": lambda text: f"[code=python]\n{text}[/code]\nthanks",
    "breaks of HTML": lambda text: f"<p>{html.escape(text).replace('  ', '&nbsp; ').replace(chr(10), '<br>')}</p>",
    "indented below sentences": lambda text: (
        f"My code:\n\n{each(text, lambda _, line: f'    {line}')}\n\nThe error is below."
    ),
    "question": lambda text: (
        "I'm trying to build it, but:\n\nRuntimeError: size mismatch, m1: [64 x 100]\n\nHere's my code:\n\n"
        f"{text}\nWhat is wrong?"
    ),
    "page of a question": lambda text: (
        f"12\nasked Mar 4 '19 at 10:12\n1,234\n{text}\nShare\nedited Mar 5 '19 at 8:00\n"
    ),
    "Markdown's backslashes": lambda text: text.replace("_", "\\_"),
    "Markdown's bold type": lambda text: text.replace("__init__", "**init**"),
    "commands whose answers are kept": lambda text: f"files = !ls\nbest, worst = %timeit -o -q f()\n{text}",
    "capitals": lambda text: re.sub(
        r"^( *)(import|from|class|def|return|for)\b", lambda m: m[1] + m[2].title(), text, flags=re.M
    ),
    "tabs of eight columns": lambda text: re.sub("^ {8}", "\t", text, flags=re.M),
    **{f"output: {name}": lambda text, one=one: f"{text}\nOutput:\n{one}\n" for name, one in OUTPUTS.items()},
    **{
        f"session: {name}": lambda text, one=one: f"{prompts(text)}\n>>> a\n{one}\n>>> 1"
        for name, one in OUTPUTS.items()
    },
}


def parameters(text):
    return [tuple(one.shape) for one in parse_model(text).parameters()]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED)
def test_what_is_around_a_network_changes_nothing(wrapped, name):
    assert parameters(wrapped(TEXTS[name])) == parameters(TEXTS[name])


@pytest.mark.parametrize("name", ["class", "Keras"])
def test_lost_lines_and_indentation_are_put_back_where_there_is_one_way(name):
    flat = each(TEXTS[name], lambda _, line: line.strip())
    assert parameters(flat) == parameters(TEXTS[name])
    assert parameters(" ".join(flat.split("\n"))) == parameters(TEXTS[name])


FLAT_LOOP = "class A(nn.Module):\ndef forward(self, x):\n{}return x\n\nnet = A()"


@pytest.mark.parametrize(
    ("body", "restored"),
    [
        ("for a in self.b:\nx = a(x)\n", "for a in self.b:\n            x = a(x)\n        return x"),
        ("if x is None:\nreturn 0\nx = x + 1\n", "if x is None:\n            return 0\n        x = x + 1"),
        (
            "if a:\nx = 1\nelse:\nx = 2\n",
            "if a:\n            x = 1\n        else:\n            x = 2\n        return x",
        ),
        (
            "if a:\nx = 1\ny = 2\nelif b:\nx = 2\ny = 1\nelse:\ny = x\n",
            "x = 1\n            y = 2\n        elif b:\n            x = 2\n            y = 1\n"
            "        else:\n            y = x",
        ),
        (
            "try:\na = b\nc = a\nexcept A:\nc = 0\n",
            "a = b\n            c = a\n        except A:\n            c = 0\n        return x",
        ),
        (
            "for a in b:\nif a:\nx = a(x)\n",
            "for a in b:\n            if a:\n                x = a(x)\n        return x",
        ),
    ],
)
def test_a_block_of_one_statement_ends_where_the_function_does(body, restored):
    assert restored in clean_text(FLAT_LOOP.format(body))[0]


@pytest.mark.parametrize(
    "body", ["for a in self.b:\nx = a(x)\ny = x\n", "if a:\nx = 1\nx = 2\nx = 3\n", "while a:\nb()\nc()\n"]
)
def test_a_block_that_may_end_at_two_places_is_refused(body):
    with pytest.raises(ParseError, match="indentation was lost"):
        parse_model("import torch.nn as nn\n" + FLAT_LOOP.format(body))


def test_the_line_of_a_loop_is_never_taken_for_a_sentence():
    with pytest.raises(ParseError, match="indented block"):
        parse_model(each(LOOP, lambda _, line: line.strip()))


def test_tabs_that_make_different_blocks_are_refused():
    text = "def f(n):\n    parts = []\n    for _ in n:\n        parts.append(a)\n\tparts.append(b)\n    return parts"
    with pytest.raises(ParseError, match="Line 5 is in one block with tabs of 4"):
        parse_model(text)


@pytest.mark.parametrize("table", SUMMARIES.values(), ids=SUMMARIES)
def test_a_table_alone_is_named(table):
    with pytest.raises(ParseError, match="This is the table"):
        parse_model(table)


def test_a_printed_network_alone_is_read():
    assert sum(one.numel() for one in parse_model(f">>> model\n{PRINTED}").parameters()) == 20


def test_code_in_a_session_whose_later_lines_have_no_prompt_is_no_output():
    text = ">>> from tensorflow.keras import *\n" + KERAS.split("\n", 1)[1]
    assert parameters(text) == parameters(KERAS)


@pytest.mark.parametrize("text", ["\ufeff", "  \ufeff\r\n  ", '{"cells": []}', '{"cells": 3}', '"\\n"'])
def test_a_text_of_nothing_is_refused(text):
    with pytest.raises(ParseError):
        parse_model(text)


def test_fences_of_a_list_have_margins_of_their_own():
    fences = [(3, CLASS), (5, "import sys\n\nprint(sys.path)\n")]
    shown = [f"{' ' * n}```python\n{_indented(code, n)}\n{' ' * n}```" for n, code in fences]
    text = f"1. Build it:\n{shown[0]}\n2. Then look:\n  - at this\n{shown[1]}\n"
    assert _sizes(text) == _sizes(CLASS)


def _indented(text: str, columns: int) -> str:
    return "\n".join(" " * columns + line if line else line for line in text.split("\n"))


def _sizes(text: str) -> list[tuple[int, ...]]:
    return [tuple(one.shape) for one in parse_model(text).parameters()]


def test_a_page_that_begins_within_a_function():
    above = "    rows.close()\n    x = np.array(rows)\n    print(f'{len(x)} rows')\n\n# -- the network --\n"
    assert _sizes(above + LOOP) == _sizes(LOOP)


BROKEN = """import torch.nn as nn

net = nn.Sequential(
    nn.Conv2d(3, 4, 3,
              padding=1),
    nn.ReLU(),
    nn.Conv2d(4, 2,
              kernel_size=3))
"""


def test_numbers_on_lines_of_their_own_count_within_brackets():
    lines = BROKEN.rstrip("\n").split("\n")
    text = "\n".join(f"{number}\n{line}" for number, line in enumerate(lines, start=1))
    assert _sizes(text) == _sizes(BROKEN)


def test_tabs_of_every_other_line_where_a_head_is_broken():
    head = CLASS.replace("(self, width=6)", "(self,\n                 width=6)")
    lines = [line.replace(" " * 8, "\t") if number % 2 else line for number, line in enumerate(head.split("\n"))]
    assert _sizes("\n".join(lines)) == _sizes(CLASS)


def test_written_line_feeds_behind_a_comment():
    text = ("# a remark (ours)\n" + CLASS).replace("\n", "\\n")
    assert "\n" not in text
    assert _sizes(text) == _sizes(CLASS)


def test_a_fence_with_a_docstring_behind_it():
    text = f'Bob  10:22 AM\n```"""A small network\n\nof two layers."""\n{CLASS}```\nAlice  10:25 AM\nlooks good, thx!'
    assert _sizes(text) == _sizes(CLASS)


@pytest.mark.parametrize("gap", ["  |  ", "   | ", " |", "|"])
def test_a_bar_behind_the_numbers(gap):
    lines = CLASS.rstrip("\n").split("\n")
    text = "\n".join(f"{number}{gap}{line}" for number, line in enumerate(lines, start=1))
    assert _sizes(text) == _sizes(CLASS)
