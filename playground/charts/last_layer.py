"""One weight row times one feature vector, drawn: three strips, and a table of the strongest products."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from core.lessons.inspect_network.logit import FLATTEN, HIDDEN, SHOWN, LastLayer, map_shares
from core.lessons.inspect_network.printed import printed_parts
from playground.charts import number_tables as cells
from playground.charts import svg
from playground.charts.pictures import bound_of
from playground.charts.theme import WEIGHT_SCALE, rgb

WIDTH, STRIP = 640, 22
DIGITS = 3


def strips(layer: LastLayer, index: int) -> Markup:
    """Features, weight row and products as three strips of colours, each from the first feature to the last."""
    one = layer.sum_of(index)
    named = (
        ("Features x", one.features, {}),
        ("Weights w of the class", one.weights, {"scale": WEIGHT_SCALE}),
        ("Products w · x", one.products, {}),
    )
    figures = []
    for words, values, scale in named:
        numbers = values.numpy()[None]
        bound = bound_of(numbers)
        strip = svg.picture(rgb(numbers, bound, **scale), 0, 0, WIDTH, STRIP)
        drawing = svg.root([strip], WIDTH, STRIP, f"{words}: {len(values)} values, whose sum is {values.sum():.3f}")
        figures.append(svg.figure(drawing, f"{words}, full colour at ±{bound:.3g}"))
    return svg.row(figures, [1], WIDTH)


def products(layer: LastLayer, index: int, heads: Sequence[str]) -> Markup:
    """The strongest products one by one, all others together, and the bias: what is printed adds up to the logit."""
    one = layer.sum_of(index)
    if layer.source == HIDDEN:
        order = one.strongest()
        values = [float(one.products[k]) for k in order]
    else:
        shares = map_shares(layer, index)[:SHOWN]
        order, values = [share.channel for share in shares], [share.value for share in shares]
    rest = float(one.products.sum()) - sum(values)
    printed = printed_parts([*values, rest, one.bias], DIGITS)
    bound = max(map(abs, printed)) or 1.0
    empty = [cells.empty()] * (len(heads) - 2)
    body = [
        cells.row(f"{heads[0]} {k}", [*_pictures(layer, index, k), cells.signed(value, bound, DIGITS)])
        for k, value in zip(order, printed, strict=False)
    ]
    count = (len(one.features) if layer.source == HIDDEN else len(layer.maps)) - len(order)
    if count:
        body.append(cells.row(f"{count:,} others", [*empty, cells.signed(printed[-2], bound, DIGITS)]))
    body.append(cells.row("Bias", [*empty, cells.signed(printed[-1], bound, DIGITS)]))
    total = cells.row("Logit", [*empty, cells.number(sum(printed), DIGITS)])
    return cells.table(heads, body, [total], "The products behind the logit, and their sum")


def _pictures(layer: LastLayer, index: int, k: int) -> list[Markup]:
    """What stands between the name and the product: numbers of a feature, or pictures of a map."""
    one = layer.sum_of(index)
    where = layer.cells_of(k)
    features, weights = one.features[where], one.weights[where]
    if layer.source == HIDDEN:
        return [cells.number(float(features)), cells.number(float(weights))]
    map_ = layer.maps[k].numpy()
    picture = cells.map_cell(rgb(map_, bound_of(layer.maps.numpy())), f"Map {k}")
    if layer.source != FLATTEN:
        return [picture, cells.number(float(features)), cells.number(float(weights))]
    kernel, product = (values.view(map_.shape).numpy() for values in (weights, features * weights))
    return [
        picture,
        cells.map_cell(rgb(kernel, bound_of(one.weights.numpy()), WEIGHT_SCALE), f"Weights of map {k}"),
        cells.map_cell(rgb(product, bound_of(np.asarray(one.products))), f"Products of map {k}"),
    ]


def printed_sum(layer: LastLayer, index: int) -> str:
    """Products and bias with digits that add up to the logit (LaTeX): both first numbers of the sum, and the result."""
    one = layer.sum_of(index)
    products_, bias = printed_parts([float(one.products.sum()), one.bias], DIGITS)
    sign = "-" if bias < 0 else "+"
    return f"{products_:.{DIGITS}f} {sign} {abs(bias):.{DIGITS}f} = {products_ + bias + 0.0:.{DIGITS}f}"
