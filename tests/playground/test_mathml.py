"""Formulas as MathML: what is read, in which shape, and that all that lessons draw so can be read."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from core.layers.normalization import NORMALIZATIONS
from core.lessons.normalization.effects import running_statistics
from core.lessons.optimizers import surfaces, worked_steps
from core.optim import OPTIMIZERS, SCHEDULES
from playground.charts import optimizers as charts
from playground.components.formula.mathml import mathml

REGISTERED = [
    entry.formula
    for registry in (surfaces.SURFACES, SCHEDULES, NORMALIZATIONS, running_statistics.CONVENTIONS)
    for entry in registry.values()
]


def drawn(latex: str) -> ET.Element:
    """What is drawn, without the annotation, which has to be the LaTeX itself."""
    body, note = ET.fromstring(mathml(latex))[0]
    assert note.text == latex
    return body


def outline(part: ET.Element) -> str:
    """Nested tags with their text; a group of one is itself."""
    inner = " ".join(outline(child) for child in part) or (part.text or "")
    if part.tag == "mrow":
        return inner
    return inner if part.tag in ("mi", "mn", "mo", "mtext") else f"{part.tag}[{inner}]"


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"2.5 - 0.1 \cdot 6.25 = 1.875", "2.5 − 0.1 ⋅ 6.25 = 1.875"),
        (r"\beta_1^{t}", "msubsup[β 1 t]"),
        (r"\beta^{t}_1", "msubsup[β 1 t]"),
        ("b'_{0}", "msubsup[b 0 ′]"),
        ("10^{-8}", "msup[10 − 8]"),
        (r"\tfrac12 x^2", "mstyle[mfrac[1 2]] msup[x 2]"),
        (r"\frac{m}{\sqrt{v} + \varepsilon}", "mfrac[m msqrt[v] + ε]"),
        (r"\hat\mu_B", "msub[mover[μ ^] B]"),
        ("250{,}000", "250,000"),
        (r"\left(1, \frac{t}{w}\right)", "( 1 , mfrac[t w] )"),
        (r"\text{if } p", "if\u00a0 p"),
        (r"\begin{aligned} a &= b \\[2pt] c &= d \end{aligned}", "mtable[mtr[mtd[a] mtd[= b]] mtr[mtd[c] mtd[= d]]]"),
    ],
)
def test_shapes(latex, expected):
    assert outline(drawn(latex)) == expected


@pytest.mark.parametrize("latex", REGISTERED)
def test_registered_formulas_are_read(latex):
    assert "".join(drawn(latex).itertext()).strip()


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("form", ["lines", "textbook"])
def test_steps_show_the_numbers_that_were_written(name, form):
    knobs = (("weight_decay", 0.1),) if "weight_decay" in OPTIMIZERS[name].knobs else ()
    steps = worked_steps.worked_steps("Ravine", name, (-5.0, 2.5), 0.1, knobs, form, axis=1)
    rows = [charts.formulas(getattr(OPTIMIZERS[name], form), dict(knobs)), *charts.worked(steps, "y")]
    table = drawn(charts.under_each_other(rows))
    lines = ["".join(row.itertext()) for row in table.iter("mtr")]
    assert len(lines) == sum(map(len, rows))
    for line, one in zip(lines[len(rows[0]) :], (one for step in steps for one in step), strict=True):
        shown = "".join(drawn(one.result).itertext())
        assert line.endswith(f"{'=' if one.exact else '≈'}{shown}")


def test_roots_are_as_tall_as_what_is_under_them():
    looks = [root.get("class") for root in drawn(r"\sqrt n + \sqrt{\frac{1}{n}}").iter("msqrt")]
    assert looks == [None, "tall"]


def test_a_minus_of_a_number_is_told_from_the_sign_between_two():
    forms = [sign.get("form") for sign in drawn(r"a - b = -c \cdot (-d)").iter("mo") if sign.text == "−"]
    assert forms == [None, "prefix", "prefix"]


@pytest.mark.parametrize(
    "latex", [r"\unheard x", r"\frac{1}", "x^", "{a", r"\left(a", r"\begin{matrix}a\end{matrix}", "a } b"]
)
def test_what_is_not_read_is_named(latex):
    with pytest.raises(ValueError, match="in the formula"):
        mathml(latex)
