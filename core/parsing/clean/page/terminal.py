"""Prompts, outputs, errors and commands of a terminal or notebook, taken off lines of code."""

from __future__ import annotations

import re

from core.parsing.clean.code_lines import ERROR, begins_statement, is_statement, makes_network
from core.parsing.clean.statements import indent_of

PROMPT = re.compile(r"\s{0,20}(?:>>>|\.\.\.:?|In ?\[(?:[\d \*]{0,6}|None)\]:|\[[\d \*]{0,6}\]:(?=\s*$)|\$) ?")
OUTPUT = re.compile(r"\s{0,20}Out ?\[(?:[\d \*]{0,6}|None)\]:")
SHELL = re.compile(
    r"[ \t]{0,40}(?:\(Pdb\+{0,2}\)|ipdb>|(?:[\w, ]{1,80}=[ \t]{0,20})?[!%][^\s=]|\?\S"
    r"|(?:pip3?|conda|apt-get) +install\b|[\w.]{1,80}\?{1,2}[ \t]{0,20}$)"
)
PRINT = re.compile(r"([ \t]{0,80})print[ \t]+(?![(=.,\[])(\S.{0,2000})$")
FRAME = re.compile(r"\s*File \"[^\"\n]+\", line \d+, in [\w<>.]+\s*$")  # of a call that led to an error
TRACE = re.compile(r"\s|$|[<~/]|-+>|\.\.\.|File \S|Cell In")
NAMED = re.compile(r"[A-Za-z_][\w.]{0,80}(?:: |$)")
WARNING = re.compile(r"\S{1,200}:\d{1,6}: \w{0,40}Warning: ")


def without_prompts(lines: list[str]) -> list[str]:
    """Without the signs before a session's lines, and without what it printed."""
    if not any(PROMPT.match(line) or OUTPUT.match(line) for line in lines):
        return lines
    code = _without_session_outputs(lines)
    lines = code if makes_network("\n".join(code)) else lines  # else what was printed is all that there is
    result, has_dots = [], any(line.lstrip().startswith((">>>", "...:")) for line in lines)
    margin = 0
    for line in lines:
        match = PROMPT.match(line)
        stripped = line.lstrip()
        if OUTPUT.match(line):
            result.append("")
        elif match and (stripped.startswith((">>>", "In", "[")) or (stripped.startswith("...") and has_dots)):
            margin = match.end() if stripped.startswith("In") and line[match.end() :].strip() else 0
            result.append(line[match.end() :])
        elif stripped.startswith("...") and stripped != "..." and not has_dots:
            result.append(line)
        else:
            result.append(line[margin:] if margin and not line[:margin].strip() else line)
    return result


def _without_session_outputs(lines: list[str]) -> list[str]:
    """Without what follows `Out [1]:` or a finished statement behind `>>>`, up to the next prompt or line of code."""
    result, before, is_output, has_dots = [], "", False, False
    for line in lines:
        match = PROMPT.match(line)
        if OUTPUT.match(line):
            is_output = True
        elif match:
            has_dots = line.lstrip().startswith("...")
            before = line[match.end() :] if has_dots or line.lstrip().startswith(">>>") else ""
            is_output = False
        elif is_output:
            is_output = line[:1] in ("", " ", "\t", ")", "]", "}") or _is_printed(line)
        else:
            is_output = _ends_statement(before, has_dots) and _is_printed(line)
            before = "" if is_output else before
        result.append("" if is_output else line)
    return result


def _ends_statement(line: str, has_dots: bool) -> bool:
    """Whether nothing can follow below the line of a session: a block, whose lines have dots, ends where they do."""
    return bool(line.strip()) and (has_dots or line[0] not in " \t") and _is_finished(line)


def _is_printed(line: str) -> bool:
    """Whether a line is no code, as `step=0 cost=0.7`."""
    return not begins_statement(line) or (_is_finished(line) and not is_statement(line.strip()))


def _is_finished(line: str) -> bool:
    """Whether nothing of a statement can follow below a line."""
    bare = line.split("#")[0].rstrip()
    return not bare.endswith((":", ",", "\\", "(", "[", "{")) and all(
        bare.count(one) == bare.count(other) for one, other in ("()", "[]", "{}")
    )


def without_tracebacks(lines: list[str]) -> list[str]:
    """Without what an error printed: its first line, those of files and code below it, and the one that names it."""
    result, is_trace = list(lines), False
    for index, line in enumerate(lines):
        if "Traceback (most recent call last)" in line or (not is_trace and FRAME.match(line)):
            if index and set(lines[index - 1].strip()) == {"-"}:
                result[index - 1] = ""
            result[index], is_trace = "", True
        elif is_trace:
            is_trace = TRACE.match(line) is not None
            if is_trace or ERROR.match(line) or NAMED.match(line):
                result[index] = ""
    return result


def without_warnings(lines: list[str]) -> list[str]:
    """Without a warning that names a file and a line, and the line of code that it quotes."""
    is_warning = [WARNING.match(line) is not None for line in lines]
    quoted = [above and line[:1] in (" ", "\t") for above, line in zip([False, *is_warning], lines, strict=False)]
    return ["" if one or other else line for one, other, line in zip(is_warning, quoted, lines, strict=True)]


def without_commands(lines: list[str]) -> list[str]:
    return [_kept_indent(line) if SHELL.match(line) else line for line in lines]


def _kept_indent(line: str) -> str:
    """Nothing, or `pass` where the line stands inside of a block."""
    indent = line[: indent_of(line)]
    return f"{indent}pass" if indent else ""


def with_print_calls(lines: list[str]) -> list[str]:
    return [PRINT.sub(r"\1print(\2)", line) if "print" in line else line for line in lines]
