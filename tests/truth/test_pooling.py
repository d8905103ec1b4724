"""The pooling page: headline, bars, drawing, sentences and printed program say the same in every state."""

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.images.center_crop import PHOTOGRAPHS
from core.layers.pooling import POOLINGS
from core.lessons import pooling as lab
from core.shapes import pool_output_size
from playground.charts import pooling as charts
from playground.pooling import code_samples, text, views
from playground.pooling.settings import MAPS, REGION_SIDE, PoolingSettings, ShiftSettings
from tests.pages.helpers import components, open_page
from tests.truth.isolated import outputs

LAYERS = "tests/core/layers/test_pooling.py"
SHOWS = {
    "headline: unchanged values before and after pooling": "test_headline_bar_and_drawing_are_one_count",
    "red cells of the drawing": "test_headline_bar_and_drawing_are_one_count",
    "bars of all poolings and their settings": "test_headline_bar_and_drawing_are_one_count",
    "caption under the bars: overlap, best and worst": "test_superlatives_are_those_of_the_bars",
    "formula of the pooling": f"{LAYERS}::test_forward_and_backward_agree_with_the_slow_reference",
    "size formula": "test_size_formula_is_the_size_of_the_drawn_map",
    "code": "test_program_prints_the_headline",
    "challenge": "test_challenge_looks_at_the_count_of_the_headline",
    "pyramid: picture, sentence and length formula": "test_pyramid_terms_add_up",
    "RoI pooling: picture and sentence": "test_region_says_which_bins_share_cells",
    "table of all kinds": "test_table_of_all_kinds",
}

COUNT = re.compile(r"\*\*([\d,]+)\*\* of (?:its )?([\d,]+)")


@st.composite
def states(draw: st.DrawFn) -> PoolingSettings:
    kind = draw(st.sampled_from(MAPS))
    knobs = {name: draw(st.integers(knob.low, knob.high)) for name, knob in POOLINGS[kind].knobs.items()}
    if kind == "Overlapping max":
        knobs["stride"] = draw(st.integers(1, max(1, knobs["kernel_size"] - 1)))
    shift = ShiftSettings(
        right=draw(st.integers(0, lab.MARGIN)),
        down=draw(st.integers(0, lab.MARGIN)),
        picture=draw(st.sampled_from(tuple(PHOTOGRAPHS))),
        filtered=draw(st.booleans()),
        side=draw(st.sampled_from(range(32, 97, 8))),
        tolerance=draw(st.integers(0, 30)) / 100,
    )
    seed = draw(st.integers(0, 20)) if kind == "Stochastic" else 0
    return PoolingSettings(kind, tuple(knobs.items()), seed, shift)


def counted(state: PoolingSettings) -> text.Counts:
    return views.unchanged.__wrapped__(state)


def headline(state: PoolingSettings, counts: text.Counts) -> list[tuple[int, int]]:
    shift = state.shift
    words = text.headline(shift.filtered, (shift.right, shift.down), counts, state.kind)
    return [tuple(int(number.replace(",", "")) for number in pair) for pair in COUNT.findall(words)]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(states())
def test_headline_bar_and_drawing_are_one_count(state):
    counts, result, shift = counted(state), views.compare(state), state.shift
    before, after = headline(state, counts)
    assert before == lab.unchanged_count(result.view, result.shifted, shift.tolerance) == counts["No pooling"]
    assert after == lab.unchanged_count(result.pooled, result.pooled_shifted, shift.tolerance) == counts[state.kind]
    red = [map_.size - same for map_, (same, _) in ((result.view, before), (result.pooled, after))]
    drawn = str(charts.shifted(result, shift.tolerance))
    assert [int(found) for found in re.findall(r": (\d+) of \d+ values changed", drawn)] == [0, 0, *red]
    by_kind = lab.knobs_by_kind(state.kind, state.knobs, shift.side)
    assert by_kind[state.kind] == state.knobs
    window = {knob: value for knob, value in state.knobs if knob in ("kernel_size", "stride")}
    assert all(dict(knobs).items() >= window.items() for name, knobs in by_kind.items() if _takes(name, window))
    assert dict(by_kind["Overlapping max"])["kernel_size"] > dict(by_kind["Overlapping max"])["stride"]


def _takes(name: str, window: dict[str, int]) -> bool:
    return name in ("Max", "Average", "Lp", "Stochastic") and bool(window)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(states())
def test_superlatives_are_those_of_the_bars(state):
    counts, by = counted(state), (state.shift.right, state.shift.down)
    words = text.invariance(by, counts, state.kind)
    if by == (0, 0):
        assert all(same == total for same, total in counts.values())
        assert "least" not in words
        return
    shares = {name: Fraction(*count) for name, count in counts.items()}
    ranked = re.search(r"Most unchanged: \*\*(.+?)\*\* .*least: \*\*(.+?)\*\*", words)
    assert (ranked is None) == (len(set(shares.values())) == 1)
    for names, share in zip(
        ranked.groups() if ranked else (), (max(shares.values()), min(shares.values())), strict=False
    ):
        assert {name for name in shares if shares[name] == share} == set(names.split(", "))
    larger = "a larger share" in words
    assert larger == (shares[state.kind] > shares["No pooling"])
    assert ("a smaller share" in words) == (shares[state.kind] < shares["No pooling"])


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9))
def test_windows_overlap_touch_or_leave_gaps(kernel, stride):
    reads = np.zeros(100, int)
    for start in range(0, 100 - kernel + 1, stride):
        reads[start : start + kernel] += 1
    inside = reads[10:80]
    words = text.windows(kernel, stride)
    assert ("overlap" in words) == (inside.max() > 1)
    assert ("gaps" in words) == (inside.min() == 0)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(states())
def test_size_formula_is_the_size_of_the_drawn_map(state):
    if state.window is None:
        return
    output = int(views.output_size(state).rsplit("=", 1)[1])
    assert views.compare(state).pooled.shape == (output, output)
    assert output == pool_output_size(state.shift.side, *state.window)


def towards_the_challenge(state: PoolingSettings) -> PoolingSettings:
    """The same, its picture shifted as the challenge wants it, and a small tolerance."""
    shift = replace(state.shift, right=2, down=0, tolerance=min(state.shift.tolerance, 0.06))
    return replace(state, shift=shift)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(states() | states().map(towards_the_challenge))
def test_challenge_looks_at_the_count_of_the_headline(state):
    same, total = counted(state)[state.kind]
    shift = state.shift
    largest = "max" in state.kind.lower()
    fair = largest and (shift.right, shift.down) == (2, 0) and shift.tolerance <= 0.05
    assert views.is_solved(state) == (fair and same / total > 0.8)
    assert "tolerance of at most 0.05" in text.CHALLENGE  # no condition that is not said


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.integers(1, 512), st.integers(1, 4))
def test_pyramid_terms_add_up(channels, levels):
    view = np.random.default_rng(levels).random((13, 17)).astype(np.float32)
    maxima = lab.pyramid(view, levels)
    factor, terms, total = re.fullmatch(
        r"(\d+) \\cdot \((.+)\) = (.+)", views.pyramid_length(channels, maxima)
    ).groups()
    number = int(total.replace("{,}", ""))
    assert number == int(factor) * sum(int(term) for term in terms.split(" + "))
    assert number == channels * sum(4**level for level in range(levels))
    said = text.pyramid(13, 17, maxima)
    assert f"becomes {sum(map(int, terms.split(' + ')))} value{'s' if levels > 1 else ''} per channel" in said


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.data())
def test_region_says_which_bins_share_cells(data):
    left, top = (data.draw(st.integers(0, REGION_SIDE - 1)) for _ in range(2))
    right, bottom = (data.draw(st.integers(low, REGION_SIDE - 1)) for low in (left, top))
    size = data.draw(st.integers(1, 8))
    box, view = (left, top, right, bottom), np.random.default_rng(0).random((REGION_SIDE,) * 2).astype(np.float32)
    result = lab.pool_region(view, box, size)
    words = text.region(box, size, result)
    assert ("share a row" in words) == ((bottom - top + 1) % size != 0)
    assert ("column" in words) == ((right - left + 1) % size != 0)
    assert f"{bottom - top + 1}×{right - left + 1} cells" in words
    assert re.fullmatch(r"The region [^;]+(; [a-z][^;]+)?\.", words), "one sentence, of two parts at most"
    assert result.maxima.max() == view[top : bottom + 1, left : right + 1].max()


def test_table_of_all_kinds():
    rows = views.all_kinds.__wrapped__()
    for name, entry in POOLINGS.items():
        assert f"`{lab.output_shape(name, views.EXAMPLE_SHAPE)}`" in rows
        module = entry.build(8, **entry.defaults)
        assert bool(list(module.parameters())) == (name == "NetVLAD")


AUDITED = [
    PoolingSettings("Adaptive average", (("output_size", 4),), 0, ShiftSettings()),
    PoolingSettings("Overlapping max", (("kernel_size", 5), ("stride", 2)), 0, ShiftSettings()),
    PoolingSettings("Lp", (("norm_type", 8), ("kernel_size", 2), ("stride", 2)), 0, ShiftSettings()),
    PoolingSettings("Stochastic", (("kernel_size", 2), ("stride", 2)), 7, ShiftSettings()),
    PoolingSettings("Stochastic", (("kernel_size", 3), ("stride", 2)), 0, ShiftSettings(picture="china", right=3)),
    PoolingSettings("Max", (("kernel_size", 4), ("stride", 2)), 0, ShiftSettings(picture="camera", filtered=False)),
    PoolingSettings("Adaptive max", (("output_size", 7),), 0, ShiftSettings(picture="astronaut", side=40, down=5)),
    PoolingSettings("Average", (("kernel_size", 3), ("stride", 3)), 0, ShiftSettings(picture="flower", tolerance=0.0)),
]


def test_program_prints_the_headline(tmp_path):
    printed = outputs([code_samples.shift_code(state) for state in AUDITED], tmp_path)
    for state, lines in zip(AUDITED, printed, strict=True):
        said = [tuple(map(int, re.findall(r"\d+", line))) for line in lines.splitlines()]
        assert said == headline(state, counted(state))


@pytest.mark.parametrize(
    "link",
    [
        {},
        {"po_kind": "Adaptive average"},
        {"po_kind": "Overlapping max", "po_kernel_size": "5"},
        {"po_kind": "Lp", "po_norm_type": "8"},
        {"po_kind": "Stochastic", "po_draw": "7"},
        {"po_kind": "Overlapping max", "po_kernel_size": "3", "po_stride": "7"},
    ],
)
def test_page_says_one_count_in_headline_and_bar(link):
    page = open_page("pooling", **link)
    assert not page.exception
    (words,) = [line.value for line in page.markdown if "after pooling" in line.value]
    after = COUNT.findall(words)[1]
    body = str(components(page, "inline_svg"))
    assert f"{after[0]} of {after[1]} " in body
