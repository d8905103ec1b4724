"""Statements that a page does not show to their end: the last one of a text, and functions without their bodies."""

from __future__ import annotations

import re

from core.parsing.clean.layout import parses
from core.parsing.clean.statements import indent_of

CUT = "The text ends in the middle of a statement about training; it was left out."
STUBS = "Functions and blocks of which only the head is shown have no body here."
OPEN_TRY = "The text ends within a `try`, whose `except` is not shown: it is read as if it caught nothing."
_HEAD = re.compile(r"\s*(?:async )?def \w+\([^#]*\)(?: ?-> ?[^#:]+)?:$")
_WITH = re.compile(r"\s*with [^#]*:$")  # what it would hold is not shown, and so not made
_DEFINES = re.compile(r"\s*(?:@|def |class |async def )")
STUB = "raise NotImplementedError"  # so that whoever calls it is told
_TRAINING = re.compile(
    r"(?:\w+(?:, ?\w+)* ?= ?)?(?:(?:torch\.|tf\.|keras\.)?(?:optim|optimizers|losses|callbacks|metrics)\.|plt\.|print\("
    r"|(?:\w+\.)*(?:DataLoader|TensorDataset|datasets\.\w+)\(|\w+\.(?:fit|compile|evaluate|predict|summary|plot|step|backward)\()"
    r"|(?:optimizer|criterion|loss\w*|history|scheduler|\w*_loader) ?="
    r"|def (?:train|test|fit|evaluate|plot|accuracy)\w*\("
)
_METHOD = re.compile(r"\s*(?:async )?def (\w+)")
_BEGUN = re.compile(r"\s*(?:class|(?:async )?def)\b[^:]*$|\s*@\S*$")  # whose body is not shown
_OF_DATA = re.compile(r"class \w+(?:\((?:object|[\w.]*(?:Dataset|Loader|Callback|Exception|Thread|Enum|Env))?\))?:")
_BLOCK = re.compile(r"(?:for|while|with|if|try)\b")
_LAYERS = re.compile(r"\bnn\.|Linear\(|Conv\d|Dense\(|Sequential|Embedding\(|\.add\(|Model\(")
_ABOUT_DATA = re.compile(
    r"_?(train|valid|test|fit|eval|predict|plot|show|accura|configure|loss|compute|calc|on_|log|save|load|print|sample_|get_data|prepare_data)"
)
MOST_LINES = 4  # of a statement that is cut off


def without_cut_end(text: str) -> str:
    """The text without a statement about training that its end cuts off; any other one stays and is refused.

    >>> without_cut_end("net = f(1)\\noptimizer = SGD(net.par")
    'net = f(1)\\n'
    >>> without_cut_end("net = Sequential(Linear(")
    'net = Sequential(Linear('
    """
    error = parses(text)
    lines = text.rstrip().split("\n")
    if error is None or not len(lines) - MOST_LINES < (error.lineno or 1) <= len(lines):
        return text
    number = (error.lineno or 1) - 1 if "never closed" in error.msg else len(lines) - 1
    makes_layers = any(map(_LAYERS.search, lines[number:]))
    is_end = number == len(lines) - 1 and not text.endswith("\n\n\n")  # else sentences stood below
    is_head = is_end and _BEGUN.match(lines[number]) is not None
    if is_head or _TRAINING.match(lines[number]) or (not makes_layers and _trains(lines[:number])):
        kept = _with_bodies(lines[:number])
        return "\n".join(lines[:kept]) + "\n" * (text.count("\n") - kept + 1)
    return text


def with_ended_try(text: str) -> str:
    """The text with an end for each `try` that it ends in; one in the middle of it stays and is refused.

    >>> with_ended_try("try:\\n    a = 1")
    'try:\\n    a = 1\\nfinally: pass'
    """
    lines = text.rstrip().split("\n")
    inner = indent_of(next((line for line in reversed(lines) if line.strip()[:1] not in ("", "#")), "")) + 1
    for line in reversed(lines):
        if line.strip() and indent_of(line) < inner:
            inner = indent_of(line)
            if line.strip() == "try:":
                lines.append(" " * inner + "finally: pass")
    ended = "\n".join(lines)
    return ended if parses(ended) is None else text


def _trains(lines: list[str]) -> bool:
    """Whether what comes after these lines is a part of a function about training, or of one that makes no layers.

    >>> _trains(["class Net(nn.Module):", "    def training_step(self, batch):", "        x, y = batch"])
    True
    >>> _trains(["def block(width):", "    first = nn.Linear(width, width)"])
    False
    """
    outer = [number for number, line in enumerate(lines) if line.strip() and indent_of(line) == 0]
    inside = lines[outer[-1] :] if outer else []
    heads = [head for line in inside if (head := _METHOD.match(line))]
    if not heads:
        return bool(inside) and _BLOCK.match(inside[0]) is not None and not any(map(_LAYERS.search, inside))
    is_own = inside[0].startswith("class ") and _OF_DATA.match(inside[0]) is None
    if is_own and _is_besides(inside, heads[-1][1]):
        return True
    return _ABOUT_DATA.match(heads[-1][1]) is not None or not (is_own or any(map(_LAYERS.search, inside)))


def _is_besides(lines: list[str], method: str) -> bool:
    """Whether the last method of a class stands below its `forward`, and nothing above mentions it: it is a tool."""
    above = lines[: max(n for n, line in enumerate(lines) if _METHOD.match(line))]
    has_forward = any(head[1] == "forward" for line in above if (head := _METHOD.match(line)))
    is_mentioned = any(re.search(rf"\b{method}\b", line) for line in above)
    return has_forward and not is_mentioned and not method.startswith("__")


def _with_bodies(lines: list[str]) -> int:
    """How many of the lines are left, without heads of blocks at their end whose bodies are cut off."""
    count = len(lines)
    while count and (not lines[count - 1].strip() or lines[count - 1].rstrip().endswith(":")):
        count -= 1
    return count


def with_stubs(text: str) -> str:
    """A body that raises for functions of which a page shows nothing but the head, or a comment below it.

    >>> print(with_stubs("def step(a):\\n    # ...\\n\\ndef other(b):"))
    def step(a): raise NotImplementedError
        # ...
    <BLANKLINE>
    def other(b): raise NotImplementedError
    """
    lines = text.split("\n")
    below, comment = "", ""  # the next line of code, and the line right below if it is a comment
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if _HEAD.match(line.rstrip()) and indent_of(below) <= indent_of(line):
            is_end = not below or _DEFINES.match(below) is not None
            if is_end or (comment and indent_of(comment) > indent_of(line)):
                lines[number] = f"{line.rstrip()} {STUB}"
        elif _WITH.match(line.rstrip()) and comment and indent_of(below) <= indent_of(line) < indent_of(comment):
            lines[number] = f"{line.rstrip()} pass"
        is_comment = line.lstrip()[:1] == "#"
        below = line if line.strip() and not is_comment else below
        comment = line if is_comment else ""
    return "\n".join(lines)
