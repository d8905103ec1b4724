"""The tab "Why": its maps, figures and sentences are those of PyTorch, and its programs print them."""

import re
from base64 import b64decode

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.explain import (
    ALL_LAYERS,
    METHODS,
    PointingGame,
    SanityCheck,
    gradient_sign,
    perturbed,
    pointing_game,
    rank_correlation,
    shuffled,
)
from core.lessons.inspect_network import INCLUDED, Subject, included_network
from core.lessons.inspect_network.why import IN_RANDOM_ORDER, AdversarialStep, MeasuredMethod, explain, layers_of
from core.percent import percent
from core.training import build_network
from playground.inspect_network.why import adversarial_step, code_samples, measured, randomized_weights, text
from tests.pages.helpers import components, open_page
from tests.truth.isolated import outputs

NUMBER = 5
LINK = {"input": "Included image", "picture": str(NUMBER), "part": "Why"}


def subject_of(name: str) -> Subject:
    images, labels = INCLUDED[name].test_images()
    pixels = images[NUMBER].expand(3, -1, -1).permute(1, 2, 0).numpy()
    classes = INCLUDED[name].classes
    return Subject(included_network(name), classes, images[NUMBER : NUMBER + 1] / 255, pixels, "", int(labels[NUMBER]))


def predicted(subject: Subject) -> int:
    return int(subject.model(subject.x_BCHW).argmax())


def opened(name: str, **link: str | list[str]):
    page = open_page("inspect_network", network=INCLUDED[name].title, **LINK, **link)
    assert not page.exception
    assert not page.error
    return page


def overlaid(page) -> dict[str, dict]:
    """The images of the overlay by their titles."""
    (data,) = components(page, "heatmap_overlay")
    return {one["title"]: one for one in data["images"]}


def values(one: dict) -> np.ndarray:
    return np.frombuffer(b64decode(one["values"]), "<f4").reshape(one["shape"])


def test_the_maps_are_those_of_the_methods():
    page, subject = opened("sketches"), subject_of("sketches")
    label, layer, shown = predicted(subject), layers_of(subject)[0], overlaid(page)
    assert list(shown) == ["The image", *METHODS]
    for name, method in METHODS.items():
        expected = method.explain(subject.model, layer, subject.x_BCHW, torch.tensor([label]))[0].numpy()
        np.testing.assert_allclose(values(shown[name]), expected, rtol=1e-3, atol=1e-5)
        assert 0 < shown[name]["bound"] <= np.abs(expected).max() * 1.001
    share = float(subject.model(subject.x_BCHW)[0].softmax(0)[label])
    (words,) = [one.value for one in page.markdown if one.value.startswith("Prediction")]
    assert f"**{subject.classes[label]}** ({percent(share)})" in words
    assert words.endswith("which is correct." if label == subject.label else ").")


def test_a_method_that_does_not_fit_says_why_and_the_class_is_the_chosen_one():
    page = opened("digits", wm=["CAM", "Grad-CAM"], wc="“3”")
    subject, shown = subject_of("digits"), overlaid(page)
    assert list(shown) == ["The image", "CAM", "Grad-CAM"]
    assert "values" not in shown["CAM"]
    assert shown["CAM"]["reason"].startswith("This network does not end in a global average pool")
    assert shown["CAM"]["reason"].endswith("use Grad-CAM, which works at any convolution.")
    expected = METHODS["Grad-CAM"].explain(subject.model, "pool2", subject.x_BCHW, torch.tensor([3]))[0]
    np.testing.assert_allclose(values(shown["Grad-CAM"]), expected.numpy(), rtol=1e-3, atol=1e-5)
    assert any("evidence for “3”" in one.value for one in page.caption)


def files_for(subject: Subject, folder) -> None:
    (folder / "network.safetensors").write_bytes(code_samples.network_file(subject))
    (folder / "image.safetensors").write_bytes(code_samples.image_file(subject))


def residual() -> Subject:
    """A network with blocks and normalization, as a run leaves it."""
    torch.manual_seed(0)
    model = build_network("Small ResNet", 3, 24).eval().requires_grad_(False)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.2, 1.0)
    x = torch.rand(1, 3, 24, 24)
    return Subject(model, ("a", "b", "c"), x, np.zeros((24, 24, 3), np.uint8), "", None)


@pytest.mark.parametrize("make", [lambda: subject_of("sketches"), residual], ids=["sketches", "residual"])
def test_each_program_prints_the_largest_value_of_its_map(tmp_path, make):
    subject = make()
    files_for(subject, tmp_path)
    layer, label = layers_of(subject)[0], predicted(subject)
    programs = [code_samples.program_of(subject, name, layer, label) for name in METHODS]
    for name, printed in zip(METHODS, outputs(programs, tmp_path), strict=True):
        said = text.largest(explain(subject, name, layer, label))
        value, place = re.fullmatch(r"Largest value here: (\S+) (at row .+)\.", said).groups()
        number, printed_place = printed.strip().split(" ", 1)
        assert printed_place == place, name
        assert float(number) == pytest.approx(float(value), rel=2e-3), name


def test_shuffled_weights_table_titles_and_sentence_are_one_figure():
    page, subject = opened("digits", why="Randomized weights", wm=["Grad-CAM", "Guided backprop"]), subject_of("digits")
    label, (table,) = torch.tensor([predicted(subject)]), page.dataframe
    shown = overlaid(page)
    for name, size in (("Grad-CAM", lambda one: one), ("Guided backprop", torch.abs)):
        maps = [
            METHODS[name].explain(network, "pool2", subject.x_BCHW, label)[0]
            for network in (subject.model, *(shuffled(subject.model, ALL_LAYERS, seed) for seed in range(3)))
        ]
        expected = sum(rank_correlation(size(maps[0]), size(one)) for one in maps[1:]) / 3
        (row,) = table.value[table.value["Method"] == name].to_dict("records")
        assert row["ρ, all layers shuffled"] == pytest.approx(expected, abs=0.006)
        title = f"{name}, all layers shuffled: {text.correlation(row['ρ, all layers shuffled'])}"
        np.testing.assert_allclose(values(shown[title]), maps[1].numpy(), rtol=1e-3, atol=1e-5)


def check(last: float | None, every: float | None = 0.0) -> SanityCheck:
    return SanityCheck(torch.ones(1, 1), torch.ones(1, 1), torch.ones(1, 1), last, every)


CORRELATIONS = st.none() | st.floats(-1, 1)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.dictionaries(st.sampled_from(list(METHODS)), CORRELATIONS, min_size=1))
def test_the_sentence_on_shuffled_weights_follows_the_table(last):
    checks = {name: check(value) for name, value in last.items()}
    words, table = text.sanity(checks), randomized_weights.table(checks)
    groups = [set(group.split(", ")) for group in re.findall(r"\*\*(.+?)\*\*", words)]
    alike = {name for name, value in last.items() if value is not None and value >= text.HARDLY}
    others = {name for name, value in last.items() if value is not None and value < text.HARDLY}
    assert groups == ([alike] if alike else []) + ([others] if alike and others else [])
    assert ("No method" in words) == (not alike and not others)
    shown = [value for value in table["ρ, last layer shuffled"] if value == value and value is not None]
    assert shown == sorted(shown, reverse=True)


@st.composite
def figures(draw) -> dict[str, MeasuredMethod]:
    names = draw(st.lists(st.sampled_from(list(METHODS)), unique=True))
    share = st.floats(0.01, 0.99)
    boxes = draw(st.booleans())
    return {
        name: MeasuredMethod(
            draw(share),
            draw(share),
            4,
            PointingGame(draw(share), 0.2, draw(share), 4) if boxes and name != IN_RANDOM_ORDER else None,
        )
        for name in (*names, IN_RANDOM_ORDER)
    }


@settings(max_examples=200, derandomize=True, deadline=None)
@given(figures())
def test_the_best_of_the_sentence_are_the_best_of_the_table(results):
    words, table = text.measures(results), measured.table(results)
    methods = table[table["Method"] != IN_RANDOM_ORDER]
    assert len(table) == len(results)
    if methods.empty:
        assert words == "No method explains this network."
        return
    best = re.findall(r"\*\*(.+?)\*\*", words)
    rows = methods.set_index("Method")
    assert rows.loc[best[0], measured.INSERTION] == rows[measured.INSERTION].max()
    assert rows.loc[best[1], measured.DELETION] == rows[measured.DELETION].min()
    has_boxes = any(one.game for one in results.values())
    assert (measured.TIMES in table) == has_boxes == (len(best) == 3)
    if has_boxes:
        assert rows.loc[best[2], measured.TIMES] == rows[measured.TIMES].max()
        assert f"{rows[measured.TIMES].max():.2f} times" in words


def test_the_table_of_the_page_is_measured_on_images_of_its_network():
    page = opened("sketches", why="Measured", wm=["Grad-CAM"], wn="4")
    (table,) = page.dataframe
    numbers = [0, 100, 200, 300]
    x = INCLUDED["sketches"].test_images()[0][numbers] / 255
    model = included_network("sketches")
    with torch.no_grad():
        kinds = model(x).argmax(1)
    maps = METHODS["Grad-CAM"].explain(model, "relu3", x, kinds)
    boxes = torch.stack([INCLUDED["sketches"].test_boxes(number) for number in numbers])
    game = pointing_game(maps, boxes, 32)
    (row,) = table.value[table.value["Method"] == "Grad-CAM"].to_dict("records")
    assert row[measured.INSIDE] == pytest.approx(game.inside, abs=1e-4)
    assert row[measured.TIMES] == pytest.approx(game.times_chance, abs=0.006)
    assert row[measured.PEAKS] == game.peaks


@pytest.mark.parametrize("strength", ["0.0", "1.9", "2.0", "10.0"])
def test_the_step_of_the_page_is_the_one_that_pytorch_takes(strength):
    page, subject = opened("sketches", why="Adversarial step", ws=strength), subject_of("sketches")
    x, label = subject.x_BCHW, predicted(subject)
    moved = perturbed(
        x, gradient_sign(subject.model, x, torch.tensor([label])), float(strength) / 100 * float(x.max() - x.min())
    )
    after = subject.model(moved)[0].softmax(0)
    best = int(after.argmax())
    (words,) = [one.value for one in page.markdown if "smallest step that changes" in one.value]
    assert f"**{subject.classes[best]}** ({percent(float(after[best]))})" in words
    smallest = float(re.search(r"\*\*([\d.]+)\xa0%\*\* of the range", words).group(1))
    assert (best != label) == (float(strength) >= smallest)
    assert f"{smallest * 2.55:.1f}"[:2] in words
    solved = any("**Solved**" in one.value for one in page.markdown)
    assert solved == (best != label and float(strength) <= adversarial_step.LIMIT)
    assert f"{adversarial_step.LIMIT:g}" in adversarial_step.TASK


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.floats(0, 0.1), st.none() | st.floats(0, 0.3), st.integers(0, 1))
def test_the_sentences_on_a_step(share, smallest, best):
    result, after = AdversarialStep(torch.zeros(1), 1.0, 0, smallest), np.eye(2)[best]
    words = text.step(("cat", "dog"), result, share, after)
    assert ("turns" in words) == (share > 0 and best == 1)
    assert ("still" in words) == (share > 0 and best == 0)
    assert words.startswith("Without") == (share == 0)
    said = text.smallest(result, 0.3)
    assert said.startswith("No step") == (smallest is None)
    if smallest is not None:
        assert f"**{percent(smallest, 2)}**" in said
        assert f"{smallest * 255:.1f} of 255" in said
