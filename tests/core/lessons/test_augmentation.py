"""What the augmentation page says of labels, views and lines of code."""

import pytest
import torch
from PIL import Image

from core.augmentation import Augment, Augmentations, BatchShape, speed
from core.lessons.augmentation import code_samples, sample_images, samples, template_matching
from core.lessons.augmentation.label_symmetry import SymmetryTransform, transformed

ONE = torch.zeros(1, dtype=torch.int64)


def others(**turning):
    """Signs that read as another one, as "bd" for a b that reads as a d."""
    both = (
        transformed(SymmetryTransform(**{"upside_down": False} | turning), signs)[1]
        for signs in template_matching.ALPHABETS
    )
    return {reading.own + reading.name for readings in both for reading in readings if reading.is_confused}


def test_every_sign_is_itself_and_the_classic_ones_become_others():
    assert others() == set()
    assert others(mirrored=True) == {"bd", "db", "pq", "qp"}
    assert others(upside_down=True) == {"bp", "pb", "dq", "qd", "nu", "un"}
    half = {"69", "96", "bq", "qb", "dp", "pd", "nu", "un"}
    assert others(mirrored=True, upside_down=True) == others(degrees=180) == half


def test_a_six_upside_down_is_as_much_a_nine():
    _, readings = transformed(SymmetryTransform(), "Digits")
    assert readings[6].name == "9"
    assert readings[6].is_doubtful
    assert not readings[0].is_doubtful


def test_a_reading_does_not_depend_on_place_and_light():
    b = sample_images.letter("b").image.float()
    moved = 0.4 * b.roll((4, -2), (2, 3)) + 60
    (before,), (after,) = template_matching.match(b, "b"), template_matching.match(moved, "b")
    assert before.name == after.name == "b"
    assert after.score == pytest.approx(before.score, abs=1e-4)


def test_changed_signs_are_read_after_their_own_draws():
    recipe = Augmentations(flip=True)
    flipped = Augment(recipe, 1).draws(BatchShape(9, 3, 32, 32), 4, 0)["flip"]["flipped"]
    readings = template_matching.match_augmented(recipe, "b", 9, 4)
    assert [reading.name for reading in readings] == ["d" if f else "b" for f in flipped]


RECIPES = {
    "flips": Augmentations(flip=True, vertical_flip=True),
    "shift": Augmentations(flip=True, shift=0.3),
    "crop": Augmentations(crop=0.2),
    "rotation": Augmentations(rotation=180, flip=True),
    "erase": Augmentations(erase=1.0),
    "all": Augmentations(flip=True, vertical_flip=True, shift=0.2, crop=0.5, rotation=40, erase=0.5),
}


@pytest.mark.parametrize("name", RECIPES)
def test_what_is_called_seen_is_seen(name):
    """A white block on black: bright where its cells are in view, and gone where none is (but for mirror images)."""
    height, width, recipe = 40, 60, RECIPES[name]
    batch, where = BatchShape(30, 3, height, width), torch.zeros(30, dtype=torch.int64)
    augment = Augment(recipe, 1)
    visible = samples.visible_cells(augment.draws(batch, 0, 0), batch)
    for y, x in ((18, 28), (3, 5), (32, 50)):
        image = torch.zeros(1, 3, height, width, dtype=torch.uint8)
        image[..., y : y + 5, x : x + 5] = 255
        brightest = augment(image, where, ONE, 0, 0)[0].float()
        draws = augment.draws(batch, 0, 0)
        if "erase" in draws:  # its colour is none of the block's
            brightest = torch.where(brightest == 255 * draws["erase"]["colour"][:, :, None, None], 0, brightest)
        brightest = brightest.amax((1, 2, 3))
        whole = visible[:, y : y + 5, x : x + 5].all(2).all(1)
        none = ~visible[:, y - 1 : y + 6, x - 1 : x + 6].any(2).any(1)  # nor a neighbour, which would mix with it
        assert (brightest[whole] > 200).all()
        if name in ("crop", "erase", "flips"):
            assert (brightest[none] < 1).all()
    assert visible.any()
    assert visible.all() == (name == "flips")


def test_a_crop_shows_its_area():
    batch = BatchShape(40, 3, 64, 64)
    draws = Augment(Augmentations(crop=0.1), 1).draws(batch, 0, 0)
    area = draws["crop"]["height"] * draws["crop"]["width"]
    torch.testing.assert_close(samples.visible_cells(draws, batch).float().mean((1, 2)), area, atol=0.03, rtol=0)


def test_shares_of_boxes_count_cells():
    visible = torch.zeros(1, 10, 10, dtype=torch.bool)
    visible[:, :, :4] = True
    found = samples.visible_shares(visible, torch.tensor([[0.0, 0, 8, 10], [6, 6, 9, 9], [1, 1, 2, 3]]))
    assert found.tolist() == [[0.5, 0.0, 1.0]]


@pytest.mark.parametrize("seed", range(4))
def test_printed_lines_make_the_first_picture(seed, tmp_path, monkeypatch):
    """Every change that a single picture can have, at once and alone, by lines that know nothing of our code."""
    strengths = {
        **{"flip": True, "vertical_flip": True, "shift": 0.2, "crop": 0.3, "rotation": 70, "brightness": 0.5},
        **{"contrast": 0.5, "saturation": 0.8, "hue": 0.3, "grey": 0.5, "blur": 2.0, "noise": 0.1, "erase": 0.7},
    }
    subject = sample_images.sketch(5)
    monkeypatch.chdir(tmp_path)
    Image.fromarray(subject.pixels).save("image.png")
    recipes = [Augmentations(**strengths), *(Augmentations(**{name: value}) for name, value in strengths.items())]
    for recipe in recipes if seed == 0 else recipes[:1]:
        augment, batch = Augment(recipe, 1), BatchShape(9, *subject.image.shape[1:])
        pictures, _ = augment(subject.image, torch.zeros(9, dtype=torch.int64), ONE, seed, 0)
        scope = {}
        exec(code_samples.lines(subject, recipe, augment.draws(batch, seed, 0), batch), scope)
        expected = pictures[0].float() / 255
        torch.testing.assert_close(scope["x"][0], expected, atol=2e-3, rtol=0)


@pytest.mark.parametrize(
    "subject",
    [sample_images.photograph("chelsea"), sample_images.sketch(1), sample_images.letter("b")],
    ids=lambda s: s.label,
)
def test_a_subject_is_what_its_line_gives(subject, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(subject.pixels).save("image.png")
    scope = {}
    exec(subject.code, scope)
    assert torch.equal(sample_images.as_batch(scope["image"]), subject.image)


def test_digits_are_handwritten_ones():
    subject = sample_images.digit(7)
    scope = {}
    exec(subject.code, scope)
    assert torch.equal(sample_images.as_batch(scope["image"]), subject.image)
    assert subject.label in "0123456789"


def test_speed_is_measured_of_what_is_on():
    found = speed.measure(Augmentations(flip=True, noise=0.1))
    assert set(found.alone) == {"flip", "noise"}
    assert min(found.recipe, found.baseline, *found.alone.values()) > 0
