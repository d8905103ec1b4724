r"""The LaTeX of our formulas as MathML, which a browser draws by itself in a fraction of the time that KaTeX takes.

A subset, the one that lessons use: letters, numbers, signs, Greek, scripts, fractions, roots, accents, text, `\left`
and `\right`, and the environments `aligned` and `gathered`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
_GAP = re.compile(r"\[([\d.]+)(em|pt)\]")

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "eta": "η", "theta": "θ",
    "lambda": "λ", "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "phi": "ϕ", "partial": "∂",
}  # fmt: skip
UPRIGHT = {"nabla": "∇", "cos": "cos", "sin": "sin", "min": "min", "max": "max", "log": "log", "ln": "ln", "exp": "exp"}
SIGNS = {
    "cdot": "⋅", "times": "×", "leftarrow": "←", "rightarrow": "→", "to": "→", "approx": "≈", "sim": "∼", "le": "≤",
    "ge": "≥", "neq": "≠", "pm": "±", "in": "∈", "nearrow": "↗", "searrow": "↘", "ldots": "…", "cdots": "⋯", "sum": "∑",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
}  # fmt: skip
SPACES = {",": 0.167, ":": 0.222, ";": 0.278, " ": 0.25, "quad": 1.0, "qquad": 2.0}
ACCENTS = {"hat": "^", "tilde": "~", "bar": "¯"}
DEEP = "gjpqyβγημρϕf"  # letters that reach under the line
NBSP = "\u00a0"  # MathML drops blanks at the ends of a text
OPENING, CLOSING = "([⌊⌈{", ")]⌋⌉}"


def mathml(latex: str) -> str:
    r"""A formula as one `<math>` element; its LaTeX stays inside as an annotation.

    Raises: ValueError if the text has something outside of the subset, or does not end what it began.

    >>> mathml(r"\frac{1}{2}").split("<annotation")[0]
    '<math display="block"><semantics><mrow><mfrac><mn>1</mn><mn>2</mn></mfrac></mrow>'
    """
    reader = _Reader(latex)
    body = _row(reader.until(""))
    note = f'<annotation encoding="application/x-tex">{escape(latex, quote=False)}</annotation>'
    return f'<math display="block"><semantics>{body}{note}</semantics></math>'


def _row(parts: list[str]) -> str:
    """Several parts as one, with the signs among them told apart: minus five has no gap, x minus five has."""
    return f"<mrow>{''.join(_prefixed(parts))}</mrow>"


def _group(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else _row(parts)


def _prefixed(parts: list[str]) -> list[str]:
    found, before = [], "start"
    for part in parts:
        if part in ("<mo>+</mo>", "<mo>−</mo>") and before != "value":
            part = part.replace("<mo>", '<mo form="prefix">')
        found.append(part)
        if part.startswith("<mspace"):
            continue
        sign = re.match(r"<mo[^>]*>(.)</mo>", part)
        before = "value" if sign is None or sign[1] in CLOSING else "sign"
    return found


def _mi(text: str) -> str:
    return f'<mi mathvariant="normal">{text}</mi>'


def _upright(text: str) -> str:
    return f'<mi class="up" mathvariant="normal">{text}</mi>'


def _sign(text: str, look: str = "") -> str:
    """An operator; brackets keep their size, since the fonts have a glyph for each size."""
    if text in OPENING + CLOSING:
        return f'<mo{look} stretchy="false">{text}</mo>'
    return f"<mo>{escape(text, quote=False)}</mo>"


def _root(inside: str) -> str:
    """The fonts have a radical for each size too."""
    tall = ' class="tall"' if "<mfrac>" in inside else ""
    return f"<msqrt{tall}>{inside}</msqrt>"


class _Reader:
    """Reads LaTeX from left to right."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens = _TOKEN.findall(latex)
        self.at = 0
        self.commands: dict[str, Callable[[], str]] = {
            "frac": lambda: f"<mfrac>{self.argument()}{self.argument()}</mfrac>",
            "tfrac": lambda: f'<mstyle displaystyle="false"><mfrac>{self.argument()}{self.argument()}</mfrac></mstyle>',
            "sqrt": lambda: _root(self.argument()),
            "overline": lambda: f'<mover><mrow class="over">{self.argument()}</mrow><mrow></mrow></mover>',
            "text": lambda: f"<mtext>{escape(self.raw(), quote=False).replace(' ', NBSP)}</mtext>",
            "mathrm": lambda: _upright(escape(self.raw(), quote=False)),
            "mathcal": lambda: f'<mi class="cal" mathvariant="normal">{escape(self.raw(), quote=False)}</mi>',
            "left": self.fenced,
            "begin": self.environment,
        }

    def fail(self, why: str) -> ValueError:
        return ValueError(f"{why} in the formula {self.latex!r}")

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        if not token:
            raise self.fail("something is missing at the end")
        self.at += 1
        return token

    def blanks(self) -> None:
        while self.peek().isspace():
            self.at += 1

    def until(self, *ends: str) -> list[str]:
        """Parts up to one of these tokens, which is left to be taken; "" is the end of the text."""
        parts: list[str] = []
        while True:
            self.blanks()
            if self.peek() in ends:
                return parts
            if not self.peek():
                raise self.fail(f"{' or '.join(ends)} is missing")
            parts.append(self.scripts(self.atom()))

    def atom(self) -> str:
        token = self.take()
        if token.isdigit():
            return self.number(token)
        if token == "{":
            return self.braced()
        if token.startswith("\\"):
            return self.command(token[1:])
        if token in "^_}&":
            raise self.fail(f"an unexpected {token}")
        if token.isalpha():
            return _mi(token)
        return _sign({"-": "−", "*": "∗"}.get(token, token))

    def number(self, text: str) -> str:
        """Digits, a point, and commas in braces between thousands."""
        while True:
            if self.peek().isdigit() or (self.peek() == "." and self.tokens[self.at + 1 : self.at + 2] != []):
                text += self.take()
            elif self.tokens[self.at : self.at + 3] == ["{", ",", "}"]:
                self.at += 3
                text += ","
            else:
                return f"<mn>{text}</mn>"

    def braced(self) -> str:
        parts = self.until("}")
        self.take()
        return _group(parts)

    def argument(self) -> str:
        """What follows a command: a group in braces, or one sign; of a number its first digit."""
        self.blanks()
        token = self.peek()
        if token.isdigit():
            return f"<mn>{self.take()}</mn>"
        return self.atom()

    def raw(self) -> str:
        """The text in braces as it stands."""
        self.blanks()
        if self.take() != "{":
            raise self.fail("a { is missing")
        text = ""
        while self.peek() != "}":
            text += self.take()
        self.take()
        return text

    def scripts(self, base: str) -> str:
        """What hangs below and above, if anything does."""
        found: dict[str, str] = {}
        self.blanks()
        while self.peek() in ("_", "^", "'"):
            mark = self.take()
            found["^" if mark == "'" else mark] = "<mo>′</mo>" if mark == "'" else self.argument()
            self.blanks()
        name = {"_": "msub", "^": "msup", "_^": "msubsup"}.get("".join(sorted(found, reverse=True)))
        if name is None:
            return base
        deep = ' class="deep"' if "_" in found and re.fullmatch(f"<mi[^>]*>[{DEEP}]</mi>", base) else ""
        return f"<{name}{deep}>{base}{''.join(found[mark] for mark in '_^' if mark in found)}</{name}>"

    def command(self, name: str) -> str:
        if name in self.commands:
            return self.commands[name]()
        if name in GREEK:
            return _mi(GREEK[name])
        if name in UPRIGHT:
            return _upright(UPRIGHT[name])
        if name in SIGNS:
            return _sign(SIGNS[name])
        if name in SPACES:
            return f'<mspace width="{SPACES[name]}em"></mspace>'
        if name in ACCENTS:
            return f'<mover accent="true">{self.argument()}<mo stretchy="false">{ACCENTS[name]}</mo></mover>'
        raise self.fail(f"an unknown \\{name}")

    def fenced(self) -> str:
        r"""`\left( ... \right)`: brackets of the size that what they hold needs."""
        opening = self.take()
        parts = self.until(r"\right")
        self.take()
        closing = self.take()
        look = _bracket_size("".join(parts))
        ends = [_sign(SIGNS.get(one.lstrip("\\"), one), look) if one != "." else "" for one in (opening, closing)]
        return f"<mrow>{ends[0]}{_row(parts)}{ends[1]}</mrow>"

    def environment(self) -> str:
        r"""`aligned`: cells with `&` between them; `gathered`: rows of one cell."""
        name = self.raw()
        if name not in ("aligned", "gathered"):
            raise self.fail(f"an unknown environment {name}")
        rows: list[str] = []
        cells: list[str] = []
        while True:
            cells.append(f"<mtd>{_row(self.until('&', chr(92) * 2, chr(92) + 'end'))}</mtd>")
            ended = self.take()
            if ended == "&":
                continue
            gap = self.gap() if ended == r"\\" else ""
            rows.append(f"<mtr{gap}>{''.join(cells)}</mtr>")
            cells = []
            if ended == r"\end":
                self.raw()
                return f'<mtable class="{name}" displaystyle="true">{"".join(rows)}</mtable>'

    def gap(self) -> str:
        r"""The room that `\\[2em]` asks for under a row."""
        found = _GAP.match("".join(self.tokens[self.at : self.at + 12]))
        if not found:
            return ""
        self.at += len(found[0])
        em = float(found[1]) / (1 if found[2] == "em" else 10)
        return f' style="--gap: {em:g}em"'


def _bracket_size(inside: str) -> str:
    """The class of brackets around this: large around a fraction of full size, larger around a small one."""
    if "<mfrac>" in inside:
        return ' class="large"' if '<mstyle displaystyle="false">' not in inside else ' class="larger"'
    return ""
