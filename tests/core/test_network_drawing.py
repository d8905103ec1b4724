"""A drawing has a block for every row, an arc for every skip connection, and is the same as SVG and as PNG."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest
from PIL import Image
from torch import nn

from core.errors import PlaygroundError
from core.models import MODELS
from core.network_drawing import BOUND_LEGEND, draw, skips, to_png, to_svg
from core.profiler import profile
from core.profiler.figures import FIGURES

SVG = "{http://www.w3.org/2000/svg}"


def rows_of(name):
    return profile(MODELS[name].on_meta(), MODELS[name].input_shape).rows


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "unet", "densenet121", "cats_and_dogs"])
def test_both_files_have_the_size_of_the_drawing(name):
    drawing = draw(rows_of(name), MODELS[name].input_shape, title=name)
    root = ElementTree.fromstring(to_svg(drawing))
    assert root.find(f"{SVG}title").text == name
    assert len(root.findall(f"{SVG}polygon")) + len(root.findall(f"{SVG}polyline")) == len(drawing.shapes)
    with Image.open(io.BytesIO(to_png(drawing, scale=1.0))) as picture:
        shrunk = min(1.0, 8000 / drawing.width)
        assert abs(picture.width - drawing.width * shrunk) < 2
        assert len(picture.getcolors(1 << 24)) > 4


def test_every_row_with_an_output_is_named():
    rows = rows_of("resnet18")
    titles = {shape.title for shape in draw(rows, (3, 224, 224)).shapes}
    for row in rows:
        assert any(title.startswith(f"{row.label} {row.kind}:") for title in titles), row


def test_a_resnet_has_an_arc_for_each_block_and_a_chain_has_none():
    rows = rows_of("resnet18")
    past = skips(rows, [-1, *range(len(rows))])
    # Eight blocks. In three of them the shortcut is a convolution: one arc to it, one from the body past it.
    assert len(past) == 8 + 3
    assert all(first < last for first, last in past)
    chain = rows_of("lenet5")
    assert skips(chain, [-1, *range(len(chain))]) == []


def test_a_skip_from_the_input_starts_at_the_input():
    class FromInput(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, x):
            return self.conv(x) + x

    rows = profile(FromInput(), (3, 8, 8)).rows
    assert skips(rows, [-1, 0, 1]) == [(0, 2)]


@pytest.mark.parametrize("measure", FIGURES)
def test_the_deepest_colour_is_the_largest_figure(measure):
    rows = rows_of("lenet5")
    shapes = draw(rows, (1, 32, 32), measure).shapes
    most = max(rows, key=lambda row: getattr(row, measure))
    fronts = {shape.title: shape.fill for shape in reversed(shapes) if shape.fill}
    named = next(fill for title, fill in fronts.items() if title.startswith(f"{most.label} {most.kind}:"))
    assert sum(named) == min(sum(fill) for fill in fronts.values())


def test_what_rows_wait_for_is_their_colour_and_stands_in_the_legend():
    rows = rows_of("lenet5")
    bounds = [(*BOUND_LEGEND, None)[index % 4] for index in range(len(rows))]
    drawing = draw(rows, (1, 32, 32), bounds=bounds)
    fronts = {}
    for shape in drawing.shapes:
        if shape.title:
            fronts.setdefault(shape.title, shape.fill)
    drawn = list(fronts.values())[1:]  # the input is in front
    for bound, fill in zip(bounds, drawn, strict=True):
        expected = BOUND_LEGEND[bound].colour if bound else "#c6cbd4"
        assert "#" + bytes(fill).hex() == expected
    words = " ".join(word.text for word in drawing.words)
    assert all(f"waits for {entry.title.lower()}" in words for entry in BOUND_LEGEND.values())
    assert "waits for" not in " ".join(word.text for word in draw(rows, (1, 32, 32)).words)
    assert to_svg(drawing).count(BOUND_LEGEND["memory"].colour) > bounds.count("memory")
    right = max(x for shape in drawing.shapes for x, _ in shape.points)
    assert right < drawing.width


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(PlaygroundError, match="macs"):
        draw(rows_of("lenet5"), (1, 32, 32), "beauty")
    long = profile(nn.Sequential(*[nn.Conv1d(1, 1, 1) for _ in range(2001)]), (1, 4)).rows
    with pytest.raises(PlaygroundError, match="2002 blocks"):
        draw(long, (1, 4))


def test_names_and_titles_are_escaped():
    model = nn.Sequential()
    model.add_module("<b>", nn.Conv2d(1, 1, 1))
    svg = to_svg(draw(profile(model, (1, 4, 4)).rows, (1, 4, 4), title="<script>"))
    assert "<script>" not in svg
    assert "<b>" not in svg
