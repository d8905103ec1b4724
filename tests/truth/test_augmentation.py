"""The augmentation page in hundreds of states: labels, shares in view and targets are those of the images."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.augmentation import AUGMENTATIONS, Augmentations
from core.augmentation.speed import IMAGES, Throughput
from core.images.center_crop import PHOTOGRAPHS
from core.knobs import knobs_of
from core.lessons.augmentation import code_samples, label_symmetry, pairs, sample_images, samples
from core.lessons.augmentation.label_symmetry import SymmetryTransform
from core.lessons.augmentation.pairs import MixSettings
from core.lessons.augmentation.template_matching import ALPHABETS, CERTAIN, SIMILAR, TemplateMatch
from core.percent import percent
from playground.augmentation import random_samples, text
from playground.augmentation.settings import PRESETS, SINGLE_IMAGE, START
from playground.charts import augmentation as charts
from tests.pages.helpers import open_page
from tests.truth.isolated import outputs
from tests.truth.knob_states import STATES, configs, values_of
from tests.truth.latex import evaluated

SHOWS = {
    "random samples: nine images": (
        "test_code_prints_the_numbers_on_the_screen",
        "tests/core/lessons/test_augmentation.py::test_printed_lines_make_the_first_picture",
    ),
    "random samples: what happened to each": "test_what_happened_is_said_as_drawn",
    "random samples: whether labels are correct": "test_labels_are_judged_by_what_is_shown",
    "random samples: formula and label risk of each transform": "tests/pages/test_augmentation.py",
    "letters and digits: best match of each, which became others": "test_matches_are_told_apart_at_their_bounds",
    "mixup and cutmix: targets, boxes": "test_targets_add_up_and_are_those_of_the_pixels",
    "mixup and cutmix: distribution of the shares": "test_the_density_is_drawn_as_it_is",
    "speed: bars, time that the recipe adds": "test_no_time_is_said_to_be_added_where_none_was_measured",
    "all tabs: code": "test_code_prints_the_numbers_on_the_screen",
    "all tabs: challenges": "tests/pages/test_augmentation.py",
}
FEW = settings(STATES, max_examples=80)


def moved(name):
    """A strength that is off in three of four states."""
    knob = knobs_of(Augmentations)[name]
    off = Augmentations.__dataclass_fields__[name].default
    return st.sampled_from([True, False, False, False]).flatmap(lambda on: values_of(knob) if on else st.just(off))


recipes = st.builds(Augmentations, **{name: moved(name) for name in SINGLE_IMAGE})
images = st.one_of(
    st.sampled_from(list(PHOTOGRAPHS)).map(sample_images.photograph),
    st.integers(0, 99).map(sample_images.sketch),
    st.integers(0, sample_images.DIGITS - 1).map(sample_images.digit),
    st.sampled_from(ALPHABETS["Letters"]).map(sample_images.letter),
)


@FEW
@given(images, recipes, st.integers(0, 999))
def test_labels_are_judged_by_what_is_shown(image, recipe, seed):
    nine = samples.draw(image, recipe, seed)
    said, cards = text.verdict(nine, image), random_samples.cards(nine, image)
    red = sum(card.state == "bad" for card in cards)
    assert red == nine.mislabelled
    assert f"**{red} of 9**" in said if red else "of 9" not in said
    if nine.parts is not None:
        for card, parts in zip(cards, nine.parts.tolist(), strict=True):
            shown = [float(number) for number in re.findall(r"([\d.]+)\xa0%", card.label)]
            assert shown == pytest.approx([100 * part for part in parts], abs=0.51)
            assert (max(shown) < 50) == (card.state == "bad")
    elif image.is_character:
        doubtful = sum(match.is_doubtful for match in nine.matches)
        assert ("matches better" in said) == (doubtful > 0)
        assert doubtful == 0 or str(doubtful) in said
        assert ("all nine still match" in said) == (red + doubtful == 0)
    else:
        ends = [percent(float(end), 0) for end in (nine.visible.min(), nine.visible.max())]
        assert (" to ".join(ends) if ends[0] != ends[1] else ends[0]) in said
        assert ("nine times the same" in said) == bool((nine.images == nine.images[:1]).all())


@FEW
@given(recipes, st.integers(0, 999))
def test_what_happened_is_said_as_drawn(recipe, seed):
    image = sample_images.sketch(seed % 100)
    nine = samples.draw(image, recipe, seed)
    for index, card in enumerate(random_samples.cards(nine, image)):
        said = card.description.replace("\xa0", " ")
        assert said == ", ".join(nine.descriptions(index)).replace("\xa0", " ")
        draw = {name: {key: values[index] for key, values in one.items()} for name, one in nine.draws.items()}
        assert ("flipped horizontally" in said) == bool(draw.get("flip", {}).get("flipped", False))
        if "rotation" in draw:
            (degrees,) = re.findall(r"rotated ([+−]?\d+)°", said)
            assert int(degrees.replace("−", "-")) == round(float(draw["rotation"]["degrees"]))
        if "crop" in draw:
            (area,) = re.findall(r"(\d+) % of the area", said)
            assert int(area) == pytest.approx(100 * float(draw["crop"]["height"] * draw["crop"]["width"]), abs=0.51)
    assert not recipe.active or set(nine.draws) == set(recipe.active)


@STATES
@given(st.one_of(st.floats(0, 1), st.sampled_from([CERTAIN, SIMILAR]).flatmap(lambda c: st.floats(c - 6e-4, c + 6e-4))))
def test_matches_are_told_apart_at_their_bounds(score):
    match = TemplateMatch("b", "d", score)
    shown = float(text.score(match).removesuffix("\xa0%"))
    assert shown == pytest.approx(100 * score, abs=0.0501)
    if abs(score - CERTAIN) > 1e-8:
        assert (shown >= 100 * CERTAIN) == match.is_confused
    if abs(score - SIMILAR) > 1e-8:
        assert (shown >= 100 * SIMILAR) == (match.description != "b: like none")
    assert charts.state_of(match) == ("bad" if match.is_confused else "doubtful")


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("degrees", [0, 45, 90, 180, -90])
def test_the_sentence_counts_the_red_characters(alphabet, degrees):
    for flips in range(4):
        transform = SymmetryTransform(bool(flips & 1), bool(flips & 2), degrees)
        _, matches = label_symmetry.transformed(transform, alphabet)
        said = text.symmetry(matches)
        red = [match for match in matches if charts.state_of(match) == "bad"]
        assert f"**{len(red)} of {len(matches)}**" in said if red else said.startswith("None")
        assert all(f"{match.own} → {match.name}" in said for match in red)
        if transform == SymmetryTransform(False, False, 0):
            assert all(match.name == match.own for match in matches)


@STATES
@given(configs(MixSettings))
def test_targets_add_up_and_are_those_of_the_pixels(mixing):
    mixed = pairs.mix(mixing)
    for index in range(pairs.COUNT):
        first, second = (float(number) for number in re.findall(r"([\d.]+)\xa0%", text.target(mixed, index)))
        assert first + second == pytest.approx(100, abs=1e-9)
        assert first == pytest.approx(100 * float(mixed.targets[index, 0]), abs=0.051)
        if mixing.kind == "CutMix":
            height, width = mixed.box(index)
            assert text.box_size(mixed, mixing, index) == f"box\xa0{height}\xa0×\xa0{width}\xa0px"
            assert mixed.targets[index, 0].item() == pytest.approx(1 - height * width / mixed.side**2, abs=1e-6)
    latex = text.target_formula(mixed, mixing)
    shares = [float(number) for number in re.findall(r"([\d.]+) \\cdot \\text", latex)]
    assert sum(shares) == pytest.approx(1, abs=1e-9)
    if mixing.kind == "CutMix":
        (terms, equals, result) = re.search(r"lambda = (.+?) (=|\\approx) ([\d.]+),", latex).groups()
        assert evaluated(terms) == pytest.approx(float(result), abs=5.1e-5)
        assert (equals == "=") == (abs(evaluated(terms) - float(result)) < 1e-6)
        square = [height == width for height, width in map(mixed.box, range(pairs.COUNT))]
        said = text.clipping(mixed)
        assert ("all six here are square" in said) == all(square)
        assert all(square) or f"larger: {square.count(False)} of these six" in said


@pytest.mark.parametrize("alpha", [k / 10 for k in range(1, 21)])
def test_the_density_is_drawn_as_it_is(alpha):
    shares = torch.linspace(0.05, 0.95, 19, dtype=torch.float64)
    beta = torch.distributions.Beta(torch.tensor(alpha, dtype=torch.float64), torch.tensor(alpha, dtype=torch.float64))
    expected = beta.log_prob(shares).exp()
    assert [pairs.density(float(share), alpha) for share in shares] == pytest.approx(expected.tolist())
    highest = max(pairs.density(float(share), alpha) for share in charts.SHARES)
    assert bool(text.cut_off(alpha)) == (highest > charts.HIGHEST)
    if alpha < 1:  # the help of the control: most mixtures are close to one of the two
        draws = np.random.default_rng(0).beta(alpha, alpha, 40_000)
        assert np.mean(abs(draws - 0.5) > 0.25) > 0.5


@STATES
@given(st.floats(500, 50_000), st.floats(500, 50_000))
def test_no_time_is_said_to_be_added_where_none_was_measured(recipe, baseline):
    said = text.extra_time(Throughput(recipe, baseline, {}))
    extra = 1000 * IMAGES * (1 / recipe - 1 / baseline)
    if "less" in said:
        assert extra < 0.05
    else:
        assert float(re.findall(r"\*\*([\d.]+) ms", said)[0]) == pytest.approx(extra, abs=0.051)
        assert float(re.findall(r"\*\*([\d.]+) ms", said)[0]) > 0


ALL = Augmentations(
    **{"flip": True, "vertical_flip": True, "shift": 0.2, "crop": 0.3, "rotation": 70, "brightness": 0.5},
    **{"contrast": 0.5, "saturation": 0.8, "hue": 0.3, "grey": 0.5, "blur": 2.0, "noise": 0.1, "erase": 0.7},
)
DRAWN = sample_images.sketch(3)
FIRST = [
    (sample_images.photograph("chelsea"), Augmentations(**START), 0),
    (sample_images.photograph("camera"), ALL, 5),
    (sample_images.photograph("flower"), Augmentations(), 0),
    (sample_images.digit(7), Augmentations(flip=True, rotation=30, erase=1.0), 2),
    (sample_images.letter("g"), Augmentations(crop=0.4, shift=0.3), 3),
    (DRAWN, ALL, 4),
    (sample_images.own(DRAWN.pixels), Augmentations(hue=0.2, blur=1.5), 9),
]
TURNED = [
    (SymmetryTransform(), "Letters"),
    (SymmetryTransform(True, False, 0), "Digits"),
    (SymmetryTransform(False, False, 35), "Letters"),
    (SymmetryTransform(True, True, -120), "Digits"),
    (SymmetryTransform(False, True, 180), "Letters"),
]
MIXED = [MixSettings(kind, alpha, pair, seed) for kind in pairs.KINDS for alpha, pair, seed in
         zip((0.2, 0.6, 2.0), pairs.PAIRS, (0, 1, 2), strict=True)]  # fmt: skip


def numbers(printed):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", printed)]


def test_code_prints_the_numbers_on_the_screen(tmp_path):
    Image.fromarray(DRAWN.pixels).save(tmp_path / "image.png")
    for name, sample in zip(("first", "second"), pairs.pair_of(MixSettings()), strict=True):
        Image.fromarray(sample.pixels).save(tmp_path / f"{name}.png")
    drawn = [samples.draw(*one) for one in FIRST]
    programs = [
        code_samples.lines(one[0], one[1], nine.draws, nine.batch) for one, nine in zip(FIRST, drawn, strict=True)
    ]
    programs += [label_symmetry.lines(*one) for one in TURNED]
    programs += [pairs.lines(one) for one in MIXED]
    printed = iter(outputs(programs, tmp_path))
    for nine in drawn:
        wanted = (nine.images[0] / 255).mean((0, 1))
        assert numbers(next(printed)) == pytest.approx(wanted, abs=2e-3)
    for transform, alphabet in TURNED:
        for match, line in zip(
            label_symmetry.transformed(transform, alphabet)[1], next(printed).splitlines(), strict=True
        ):
            assert line.startswith(f"{match.own} matches {match.name} best: ")
            assert numbers(line)[-1] == pytest.approx(100 * match.score, abs=0.051)
    for mixing in MIXED:
        mixed, (target, means) = pairs.mix(mixing), next(printed).splitlines()
        assert target == text.target(mixed, 0).replace("\xa0", " ")
        assert numbers(means) == pytest.approx((mixed.images[0] / 255).mean((0, 1)), abs=2e-3)


SCREENS = [
    ({"au_pic": "Drawn cat or dog", "au_crop": "0.05"}, "Only the ears distinguish", "image.png"),
    ({"au_flip": "false", "au_crop": "1", "au_rotation": "0"}, "samples, one label", ""),
    ({"part": "Letters and digits", "ag_upside_down": "false"}, "None clearly matches", ""),
    ({"part": "MixUp & CutMix", "am_kind": "CutMix"}, "What crosses the border is cut off", "first.png"),
    ({"part": "Speed"}, "A network has to wait", ""),
]


@pytest.mark.parametrize(("query", "wanted", "file"), SCREENS)
def test_the_page_says_what_is_tested_here(query, wanted, file):
    page = open_page("augmentation", **query)
    assert not page.exception
    assert wanted in "\n".join(one.value for one in [*page.markdown, *page.caption])
    offered = [button.proto.label for button in page.get("download_button") if ".png" in button.proto.label]
    assert any(file in label for label in offered) if file else not offered
    assert not file or file in page.code[0].value


def test_presets_name_what_exists():
    for preset in PRESETS.values():
        assert set(preset.recipe) <= set(AUGMENTATIONS)
        Augmentations(**preset.recipe)
