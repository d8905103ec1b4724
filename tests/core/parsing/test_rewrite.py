"""One number of a pasted network is changed where it stands."""

from __future__ import annotations

import pytest

from core.parsing import parse
from core.parsing.rewrite import set_argument
from core.profiler import LayerShapeError, profile

CASES = [
    ("nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(100, 10))", (3, 16, 16)),
    (
        "m = nn.Sequential(\n  nn.Conv2d(3, 8, 3), # groß\n  nn.Conv2d(in_channels=9, out_channels=4, kernel_size=1))",
        (3, 9, 9),
    ),
    ("Sequential([Conv2d(3, 8, 3), Conv2d(9, 4, 3)])", (3, 9, 9)),
    ("nn.Sequential(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(9)), nn.ReLU())", (3, 9, 9)),
]


@pytest.mark.parametrize(("text", "shape"), CASES)
def test_the_change_that_the_error_names_mends_the_network(text, shape):
    with pytest.raises(LayerShapeError) as stop:
        profile(parse(text).module, shape)
    failed = stop.value.failed
    mended = set_argument(text, failed.name, failed.argument, failed.value)
    assert mended is not None
    profile(parse(mended).module, shape)
    assert mended.count("\n") == text.count("\n")
    assert mended.count("groß") == text.count("groß")


@pytest.mark.parametrize(
    "text", ["", "nn.Sequential(", "layers = [1]", "f(x)", "nn.Sequential(*many)", "nn.Sequential(nn.ReLU())"]
)
def test_what_cannot_be_found_is_left_alone(text):
    assert set_argument(text, "3", "in_features", 5) is None
