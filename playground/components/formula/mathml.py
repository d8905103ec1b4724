r"""The LaTeX of our formulas as MathML, which a browser draws by itself in a fraction of the time that KaTeX takes.

A subset, the one that lessons use: letters, numbers, signs, Greek, scripts, fractions, roots, accents, text, `\left`
and `\right`, and the environments `aligned` and `gathered`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup

from playground.markup import element

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
_GAP = re.compile(r"\[([\d.]+)(em|pt)\]")

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "eta": "η", "theta": "θ",
    "lambda": "λ", "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "phi": "ϕ", "partial": "∂",
}  # fmt: skip
UPRIGHT = {
    "nabla": "∇", "cos": "cos", "sin": "sin", "min": "min", "max": "max", "sup": "sup", "log": "log", "ln": "ln",
    "exp": "exp",
}  # fmt: skip
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


def mathml(latex: str) -> Markup:
    r"""A formula as one `<math>` element; its LaTeX stays inside as an annotation.

    Raises: ValueError if the text has something outside of the subset, or does not end what it began.

    >>> mathml(r"\frac{1}{2}").split("<annotation")[0]
    Markup('<math display="block"><semantics><mrow><mfrac><mn>1</mn><mn>2</mn></mfrac></mrow>')
    """
    reader = _Reader(latex)
    body = _row(reader.until(""))
    note = element("annotation", latex, encoding="application/x-tex")
    return element("math", element("semantics", body, note), display="block")


PREFIXED = {element("mo", sign): element("mo", sign, form="prefix") for sign in "+−"}


def _row(parts: list[Markup]) -> Markup:
    """Several parts as one, with unary and binary signs distinguished: minus five has no gap, x minus five has."""
    return element("mrow", _prefixed(parts))


def _group(parts: list[Markup]) -> Markup:
    return parts[0] if len(parts) == 1 else _row(parts)


def _prefixed(parts: list[Markup]) -> list[Markup]:
    signed, before = [], "start"
    for part in parts:
        if part in PREFIXED and before != "value":
            part = PREFIXED[part]
        signed.append(part)
        if part.startswith("<mspace"):
            continue
        sign = re.match(r"<mo[^>]*>(.)</mo>", part)
        before = "value" if sign is None or sign[1] in CLOSING else "sign"
    return signed


def _mi(text: str) -> Markup:
    return element("mi", text, mathvariant="normal")


def _upright(text: str) -> Markup:
    return element("mi", text, class_="up", mathvariant="normal")


def _sign(text: str, css_class: str | None = None) -> Markup:
    """An operator; brackets keep their size, since the fonts have a glyph for each size."""
    if text in OPENING + CLOSING:
        return element("mo", text, class_=css_class, stretchy="false")
    return element("mo", text)


def _root(inside: Markup) -> Markup:
    """The fonts have a radical for each size too."""
    return element("msqrt", inside, class_="tall" if "<mfrac>" in inside else None)


class _Reader:
    """Reads LaTeX from left to right."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens = _TOKEN.findall(latex)
        self.at = 0
        self.commands: dict[str, Callable[[], Markup]] = {
            "frac": self.fraction,
            "tfrac": lambda: element("mstyle", self.fraction(), displaystyle="false"),
            "sqrt": lambda: _root(self.argument()),
            "overline": lambda: element("mover", element("mrow", self.argument(), class_="over"), element("mrow")),
            "text": lambda: element("mtext", self.raw().replace(" ", NBSP)),
            "mathrm": lambda: _upright(self.raw()),
            "mathcal": lambda: element("mi", self.raw(), class_="cal", mathvariant="normal"),
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

    def until(self, *ends: str) -> list[Markup]:
        """Parts up to one of these tokens, which is left to be taken; "" is the end of the text."""
        parts: list[Markup] = []
        while True:
            self.blanks()
            if self.peek() in ends:
                return parts
            if not self.peek():
                raise self.fail(f"{' or '.join(ends)} is missing")
            parts.append(self.scripts(self.atom()))

    def atom(self) -> Markup:
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

    def number(self, text: str) -> Markup:
        """Digits, a point, and commas in braces between thousands."""
        while True:
            if self.peek().isdigit() or (self.peek() == "." and self.tokens[self.at + 1 : self.at + 2] != []):
                text += self.take()
            elif self.tokens[self.at : self.at + 3] == ["{", ",", "}"]:
                self.at += 3
                text += ","
            else:
                return element("mn", text)

    def fraction(self) -> Markup:
        return element("mfrac", self.argument(), self.argument())

    def braced(self) -> Markup:
        parts = self.until("}")
        self.take()
        return _group(parts)

    def argument(self) -> Markup:
        """What follows a command: a group in braces, or one sign; of a number its first digit."""
        self.blanks()
        token = self.peek()
        if token.isdigit():
            return element("mn", self.take())
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

    def scripts(self, base: Markup) -> Markup:
        """What hangs below and above, if anything does."""
        scripts: dict[str, Markup] = {}
        self.blanks()
        while self.peek() in ("_", "^", "'"):
            mark = self.take()
            scripts["^" if mark == "'" else mark] = element("mo", "′") if mark == "'" else self.argument()
            self.blanks()
        name = {"_": "msub", "^": "msup", "_^": "msubsup"}.get("".join(sorted(scripts, reverse=True)))
        if name is None:
            return base
        is_deep = "_" in scripts and re.fullmatch(f"<mi[^>]*>[{DEEP}]</mi>", base)
        ordered = (scripts[mark] for mark in "_^" if mark in scripts)
        return element(name, base, ordered, class_="deep" if is_deep else None)

    def command(self, name: str) -> Markup:
        if name in self.commands:
            return self.commands[name]()
        if name in GREEK:
            return _mi(GREEK[name])
        if name in UPRIGHT:
            return _upright(UPRIGHT[name])
        if name in SIGNS:
            return _sign(SIGNS[name])
        if name in SPACES:
            return element("mspace", width=f"{SPACES[name]}em")
        if name in ACCENTS:
            return element("mover", self.argument(), element("mo", ACCENTS[name], stretchy="false"), accent="true")
        raise self.fail(f"an unknown \\{name}")

    def fenced(self) -> Markup:
        r"""`\left( ... \right)`: brackets of the size that what they hold needs."""
        opening = self.take()
        parts = self.until(r"\right")
        self.take()
        closing = self.take()
        css_class = _bracket_size("".join(parts))
        ends = [
            _sign(SIGNS.get(one.lstrip("\\"), one), css_class) if one != "." else None for one in (opening, closing)
        ]
        return element("mrow", ends[0], _row(parts), ends[1])

    def environment(self) -> Markup:
        r"""`aligned`: cells with `&` between them; `gathered`: rows of one cell."""
        name = self.raw()
        if name not in ("aligned", "gathered"):
            raise self.fail(f"an unknown environment {name}")
        rows: list[Markup] = []
        cells: list[Markup] = []
        while True:
            cells.append(element("mtd", _row(self.until("&", r"\\", r"\end"))))
            ended = self.take()
            if ended == "&":
                continue
            rows.append(element("mtr", cells, style=self.gap() if ended == r"\\" else None))
            cells = []
            if ended == r"\end":
                self.raw()
                return element("mtable", rows, class_=name, displaystyle="true")

    def gap(self) -> str | None:
        r"""The room that `\\[2em]` asks for under a row."""
        match = _GAP.match("".join(self.tokens[self.at : self.at + 12]))
        if not match:
            return None
        self.at += len(match[0])
        em = float(match[1]) / (1 if match[2] == "em" else 10)
        return f"--gap: {em:g}em"


def _bracket_size(inside: str) -> str | None:
    """The class of brackets around this: large around a fraction of full size, larger around a small one."""
    if "<mfrac>" in inside:
        return "large" if '<mstyle displaystyle="false">' not in inside else "larger"
    return None
