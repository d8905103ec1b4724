"""The way from logits to a loss, drawn: all steps as a table, softmax in float32, the sigmoid of a difference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup

from core.lessons.inspect_network.loss_rows import LossRow
from core.lessons.inspect_network.softmax import Float32Softmax, two_class_probability
from playground.charts import number_tables as cells
from playground.charts import svg
from playground.markup import element

HEADS = ("Class", "logit z", "z/T − max", "exp", "probability p", "target y", "−y ln p", "gradient")
FLOAT32_HEADS = ("Class", "logit z", "exp(z)", "exp(z) / sum", "exp(z − max)", "exp(z − max) / sum")
WIDTH, HEIGHT, MARGIN = 420, 200, 30
REACH = 8.0  # of the difference, to either side


def loss_table(
    rows: Sequence[LossRow], sums: LossRow, names: Mapping[int, str], target: int, changed: int | None
) -> Markup:
    """A row for each class; the target's is bold, and a logit that was changed is marked."""
    bound = max((abs(row.logit) for row in rows if row.logit is not None), default=1.0)
    steepest = max(abs(row.gradient) for row in rows)
    body = []
    for row in rows:
        name = f"{row.count} other classes" if row.index is None else names[row.index]
        if row.count == 1 and row.index is None:
            name = "the other class"
        name += " (changed)" if row.index is not None and row.index == changed else ""
        body.append(cells.row(name, _steps(row, bound, steepest), row.index == target))
    return cells.table(HEADS, body, [cells.row("Sum", _sums(sums))], "From logits to the loss, a row for each class")


def _steps(row: LossRow, bound: float, steepest: float) -> list[Markup]:
    return [
        cells.signed(row.logit, bound, 2),
        cells.number(row.exponent, 2),
        cells.number(row.exp),
        cells.share(row.probability),
        cells.number(row.target),
        cells.number(row.term),
        cells.signed(row.gradient, steepest),
    ]


def _sums(sums: LossRow) -> list[Markup]:
    numbers = (sums.exp, sums.probability, sums.target, sums.term, sums.gradient)
    return [cells.number(None), cells.number(None), *(cells.number(value) for value in numbers)]


def float32_table(one: Float32Softmax, listed: Sequence[int], names: Mapping[int, str]) -> Markup:
    """Both softmaxes in float32, and the sums over all classes."""
    body = []
    for k in listed:
        columns = (one.logits, one.naive_exps, one.naive_probabilities, one.exps, one.probabilities)
        body.append(cells.row(names[k], [_scientific(float(column[k])) for column in columns]))
    totals = [one.naive_exps, one.naive_probabilities, one.exps, one.probabilities]
    sums = [cells.number(None), *(_scientific(float(column.sum())) for column in totals)]
    return cells.table(
        FLOAT32_HEADS, body, [cells.row("Sum, all classes", sums)], "Softmax in float32 without and with the maximum"
    )


def _scientific(value: float) -> Markup:
    return element("td", scientific(value))


def scientific(value: float) -> str:
    """Four digits, as a power of ten where it is far from 1; "inf" and "nan" as PyTorch prints them.

    >>> scientific(3.4e38), scientific(0.25), scientific(float("inf")), scientific(0.0)
    ('3.4e+38', '0.25', 'inf', '0')
    """
    return (f"{value:.4g}" if math.isfinite(value) else str(value)).replace("-", "−")


def sigmoid_curve(difference: float, first: str, second: str) -> Markup:
    """The sigmoid with the point of this moment's difference of two logits (over T)."""

    def at(x: float) -> tuple[float, float]:
        left = MARGIN + (x + REACH) / (2 * REACH) * (WIDTH - 2 * MARGIN)
        return left, HEIGHT - MARGIN - two_class_probability(x, 0.0) * (HEIGHT - 2 * MARGIN)

    points = " ".join("{:.1f},{:.1f}".format(*at(x)) for x in np.linspace(-REACH, REACH, 81))
    shown = min(max(difference, -REACH), REACH)
    x, y = at(shown)
    low, high = HEIGHT - MARGIN, MARGIN
    parts = [
        svg.line(MARGIN, low, WIDTH - MARGIN, low, stroke_opacity=0.4),
        svg.line(WIDTH / 2, low, WIDTH / 2, high, stroke_opacity=0.4),
        element("polyline", points=points, fill="none", stroke=cells.SHARE, stroke_width=2.5),
        svg.line(x, low, x, y, svg.MARK, stroke_dasharray="3 3"),
        svg.dot(x, y, 6, svg.MARK),
    ]
    parts += [svg.text(svg.plain(v), at(v)[0], low + 17, 12, "middle") for v in (-8.0, -4.0, 0.0, 4.0, 8.0)]
    parts += [svg.text(words, WIDTH / 2 - 6, where + 4, 12, "end") for words, where in (("1", high), ("0", low - 6))]
    probability = two_class_probability(difference, 0.0)
    label = f"Sigmoid of the difference of two logits: {difference:.2f} gives a probability of {probability:.4f}"
    return svg.figure(svg.root(parts, WIDTH, HEIGHT, label), f"Probability of “{first}” against “{second}”")
