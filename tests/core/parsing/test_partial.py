"""A network whose text cannot be read to its end is read as far as that goes."""

from __future__ import annotations

import pytest

from core.errors import ParseError
from core.parsing import parse
from core.parsing.partial import UnparsedLayer, parse_partial

LAYERS = ("nn.Conv2d(3, 8, 3)", "nn.ReLU()", "nn.Flatten()", "nn.Linear(7200, 10)")
UNREADABLE = ("nn.Linear(9, wide)", "nn.Linear(size_of(x), 2)", "nn.Lineer(9, 2)", "my_block(3)", "[x for x in y]")
FORMS = (
    "nn.Sequential({})",
    "model = nn.Sequential({},)",
    ">>> é = 'é'\n>>> net = nn.Sequential(\n...     {}\n... )",
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("bad", UNREADABLE)
@pytest.mark.parametrize("place", [1, 2, 4])
def test_all_layers_before_the_one_that_cannot_be_read_are_read(form, bad, place):
    layers = [*LAYERS[:place], bad, *LAYERS[place:]]
    partial = parse_partial(form.format(", ".join(layers)))
    unparsed = partial.unparsed
    assert parse(partial.text).lines == parse(form.format(", ".join(LAYERS[:place]))).lines == partial.parsed.lines
    with pytest.raises(ParseError) as error:
        parse(form.format(", ".join(layers)))
    assert unparsed == UnparsedLayer(unparsed.kind, str(error.value))
    assert unparsed.kind in bad


@pytest.mark.parametrize("form", FORMS)
def test_what_can_be_read_is_left_alone(form):
    text = form.format(", ".join(LAYERS))
    partial = parse_partial(text)
    assert (partial.text, partial.unparsed) == (text, None)
    assert partial.parsed.lines == parse(text).lines


@pytest.mark.parametrize(
    "text", ["", "nn.Sequential(nn.Lineer(3, 2), nn.ReLU())", "nn.Lineer(3, 2)", "print(3)", "(((", "1" * 60_000]
)
def test_without_a_layer_before_it_the_sentence_is_that_of_the_whole(text):
    with pytest.raises(ParseError) as cut:
        parse_partial(text)
    with pytest.raises(ParseError) as whole:
        parse(text)
    assert str(cut.value) == str(whole.value)
