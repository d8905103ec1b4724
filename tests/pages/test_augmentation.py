"""The augmentation page: what it says of labels is computed, and its lines make its pictures."""

import pytest
import torch
from PIL import Image

from core.augmentation import Augment, Augmentations
from core.knobs import knobs_of
from core.lessons.augmentation import pairs, sample_images, samples
from core.lessons.augmentation.label_symmetry import SymmetryTransform, transformed
from core.lessons.augmentation.pairs import MixSettings
from core.training import TrainConfig
from playground.augmentation import settings, text
from tests.pages.helpers import open_page

SIGNS, MIX, COST = "Letters and digits", "MixUp & CutMix", "Speed"


def executed(page):
    scope = {}
    exec(page.code[0].value, scope)
    return scope


def texts(page):
    return " ".join(text.value for text in page.markdown)


def solved(page):
    return [text.value for text in page.markdown if "**Solved**" in text.value]


@pytest.mark.parametrize("case", settings.PRESETS)
def test_lines_of_each_case_make_its_first_picture(case, tmp_path, monkeypatch):
    page = open_page("augmentation")
    page.button(key=f"case-{case}").click().run()
    assert not page.exception
    wanted = settings.PRESETS[case]
    recipe = Augmentations(**wanted.recipe)
    build = {"sketch": sample_images.sketch, "digit": sample_images.digit, "letter": sample_images.letter}
    subject = build.get(wanted.image, lambda _: sample_images.photograph(wanted.image))(wanted.number)
    pictures, _ = Augment(recipe, 1)(
        subject.image, torch.zeros(9, dtype=torch.int64), torch.zeros(1, dtype=torch.int64), 0, 0
    )
    monkeypatch.chdir(tmp_path)
    Image.fromarray(subject.pixels).save("image.png")
    x = executed(page)["x"]
    torch.testing.assert_close(x[0] * 255, pictures[0].float(), atol=0.5, rtol=0)


def test_a_spoilt_label_is_pointed_out():
    six = dict.fromkeys(("au_flip", "au_vertical_flip"), "true") | {"au_crop": "1", "au_rotation": "0"}
    page = open_page("augmentation", au_pic=settings.IMAGES["digit"], au_digit=str(settings.SIX), **six)
    found = samples.draw(sample_images.digit(settings.SIX), Augmentations(flip=True, vertical_flip=True), 0)
    assert found.mislabelled > 0
    assert f"**{found.mislabelled} of 9** match another character" in texts(page)
    doubtful = sum(match.is_doubtful for match in found.matches)
    assert doubtful > 0
    assert f"In {doubtful} more another character matches better" in texts(page)
    sheet = next(html.value for html in page.get("html") if "<figure" in html.value)
    assert sheet.count("6 → 9") == 2 * found.mislabelled  # seen, and read to those who cannot see


def test_ears_are_counted():
    page = open_page(
        "augmentation",
        au_pic=settings.IMAGES["sketch"],
        au_sketch="1",
        au_crop="0.05",
        au_rotation="0",
        au_flip="false",
    )
    found = samples.draw(sample_images.sketch(1), Augmentations(crop=0.05, brightness=0.3, hue=0.04), 0)
    assert 0 < found.mislabelled < 9
    assert f"In **{found.mislabelled} of 9** less than half of either" in texts(page)


def test_challenges_of_the_nine_can_be_solved():
    assert not solved(open_page("augmentation"))
    both = Augmentations(flip=True, vertical_flip=True)
    seed = next(seed for seed in range(40) if samples.draw(sample_images.letter("b"), both, seed).mislabelled >= 6)
    turned_over = {"au_vertical_flip": "true", "au_crop": "1", "au_rotation": "0", "au_seed": str(seed)}
    assert len(solved(open_page("augmentation", au_pic=settings.IMAGES["letter"], **turned_over))) == 1
    kept = next(
        (number, seed)
        for seed in range(40)
        for number in range(20)
        if not samples.draw(sample_images.sketch(number), Augmentations(flip=True, crop=0.5), seed).mislabelled
    )
    page = open_page(
        "augmentation",
        au_pic=settings.IMAGES["sketch"],
        au_sketch=str(kept[0]),
        au_seed=str(kept[1]),
        au_crop="0.5",
        au_rotation="0",
    )
    assert len(solved(page)) == 1


def test_nine_others_follow_the_seed():
    page = open_page("augmentation", au_seed="7")
    before = page.code[0].value
    next(button for button in page.button if button.label == "Nine new samples").click().run()
    assert page.slider(key="au_seed").value == 8
    assert page.code[0].value != before


def test_the_recipe_goes_to_the_training_page_as_its_controls_are_called(monkeypatch):
    sent = {}
    monkeypatch.setattr("playground.lesson.train_this", lambda parameters, label: sent.update(parameters))
    settings.train_link(Augmentations(flip=False, shift=0.1, rotation=20), "digits")
    prefix = "tnow_"
    assert {sent[f"{prefix}flip"], sent[f"{prefix}shift"], sent[f"{prefix}rotation"]} == {"false", "0.1", "20"}
    page = open_page("training", **sent)
    assert page.session_state["ts"] == "digits"
    shown = {name: page.session_state[f"{prefix}{name}"] for name in knobs_of(TrainConfig) if f"{prefix}{name}" in sent}
    assert shown == {name: getattr(Augmentations(shift=0.1, rotation=20), name) for name in shown}


@pytest.mark.parametrize("query", [{}, {"ag_mirrored": "true", "ag_degrees": "35"}])
def test_signs_are_what_the_lines_make(query):
    page = open_page("augmentation", part=SIGNS, **query)
    turning = SymmetryTransform(mirrored=bool(query), upside_down=True, degrees=35 if query else 0)
    pictures, readings = transformed(turning, "Letters")
    torch.testing.assert_close(executed(page)["x"], pictures, atol=1e-2, rtol=0)
    another = sum(reading.is_confused for reading in readings)
    assert f"**{another} of 26** match another" in texts(page) if another else "None clearly matches" in texts(page)


def test_the_digits_can_be_turned_so_that_two_change():
    assert not solved(open_page("augmentation", part=SIGNS, ag_signs="Digits"))
    assert solved(open_page("augmentation", part=SIGNS, ag_signs="Digits", ag_mirrored="true"))


@pytest.mark.parametrize("kind", pairs.KINDS)
def test_mixed_pictures_and_targets_are_what_the_lines_make(kind, tmp_path, monkeypatch):
    page = open_page("augmentation", part=MIX, am_kind=kind, am_alpha="1.0", am_seed="3")
    found = pairs.mix(MixSettings(kind, 1.0, seed=3))
    monkeypatch.chdir(tmp_path)
    for name, sample in zip(("first", "second"), pairs.pair_of(MixSettings()), strict=True):
        Image.fromarray(sample.pixels).save(f"{name}.png")
    scope = executed(page)
    x = (scope["x"][0].permute(1, 2, 0) * 255).numpy()
    assert abs(x - found.images[0]).max() <= 0.51
    torch.testing.assert_close(scope["target"][0], found.targets[0], atol=1e-6, rtol=0)
    assert f"{round(float(found.targets[0, 0]), 4):.4f}" in page.latex[1].value


def test_half_and_half_can_be_found():
    assert not solved(open_page("augmentation", part=MIX))
    seed = next(
        s for s in range(99) if ((pairs.mix(MixSettings(alpha=2.0, seed=s)).targets[:, 0] - 0.5).abs() < 0.009).any()
    )
    assert solved(open_page("augmentation", part=MIX, am_alpha="2.0", am_seed=str(seed)))


def test_speed_is_measured_on_a_click():
    page = open_page("augmentation", part=COST)
    assert "horizontal flip, crop, rotation, brightness, hue" in texts(page)
    page.button(key="as-measure").click().run()
    assert not page.exception
    bars = next(html.value for html in page.get("html") if "grid-template-columns" in html.value)
    assert bars.count("<b>") == 7  # nothing, five changes, all of them


def test_every_change_has_its_place_on_the_page():
    assert set(settings.SINGLE_IMAGE) | set(pairs.KINDS.values()) == set(knobs_of(Augmentations))
    assert text.verdict(
        samples.draw(sample_images.photograph("china"), Augmentations(), 0), sample_images.photograph("china")
    )
