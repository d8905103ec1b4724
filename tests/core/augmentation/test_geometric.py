"""Places, against NumPy and Pillow."""

import numpy as np
import pytest
import torch
from PIL import Image

from core.augmentation import AUGMENTATIONS, Augment, Augmentations, BatchShape
from core.augmentation.augment import warp_matrix
from core.images import sample, to_square

LABELS = torch.zeros(40, dtype=torch.int64)


@pytest.fixture(scope="module")
def cat():
    return torch.from_numpy(to_square(sample("chelsea"), 48)).permute(2, 0, 1)


def draws_of(augment, batch, step=0):
    return augment.draws(BatchShape(*batch.shape), 0, step)


def test_moves_are_what_numpy_does(cat):
    """Mirrored, upside down, then shifted over a mirrored border: cell for cell."""
    images = cat[None, :, :40].repeat(40, 1, 1, 1)  # taller than wide would hide an exchange of sides
    augment = Augment(Augmentations(flip=True, vertical_flip=True, shift=0.25), 1)
    batch, _ = augment(images, torch.arange(40), LABELS, 0, 0)
    draws = draws_of(augment, images)
    for i in range(40):
        expected = cat[:, :40].numpy()
        expected = expected[:, :, ::-1] if draws["flip"]["flipped"][i] else expected
        expected = expected[:, ::-1] if draws["vertical_flip"]["flipped"][i] else expected
        wide = np.pad(expected, ((0, 0), (12, 12), (12, 12)), mode="reflect")
        down, right = (int(draws["shift"][way][i]) for way in ("down", "right"))
        assert (batch[i].numpy() == wide[:, 12 - down : 52 - down, 12 - right : 60 - right]).all()
    assert {abs(int(v)) for v in draws["shift"]["down"]} > {1, 10}
    assert draws["flip"]["flipped"].unique().numel() == draws["vertical_flip"]["flipped"].unique().numel() == 2


def test_flipping_twice_is_the_picture(cat):
    twice = cat[None].repeat(40, 1, 1, 1)
    for _ in range(2):
        twice, _ = Augment(Augmentations(flip=True, vertical_flip=True), 1)(twice, torch.arange(40), LABELS, 0, 0)
    assert torch.equal(twice, cat[None].repeat(40, 1, 1, 1))


def box(**shares):
    return {name: torch.tensor([share]) for name, share in shares.items()}


def turned(x, degrees):
    return warped(x, "rotation", {"degrees": torch.tensor([float(degrees)])})


def warped(x, name, draw):
    places = warp_matrix(x, [(AUGMENTATIONS[name], draw)])
    grid = torch.nn.functional.affine_grid(places[:, :2], list(x.shape), align_corners=False)
    return torch.nn.functional.grid_sample(x, grid, padding_mode="reflection", align_corners=False)


def test_rotation_by_nothing_and_by_quarters_is_exact(cat):
    x = cat[None].float() / 255
    torch.testing.assert_close(turned(x, 0), x, atol=1e-4, rtol=0)
    for quarters in (1, 2, 3):
        torch.testing.assert_close(turned(x, 90 * quarters), torch.rot90(x, quarters, (2, 3)), atol=1e-4, rtol=0)


@pytest.mark.parametrize(("height", "width"), [(48, 48), (30, 48)])
def test_rotation_is_pillows(cat, height, width):
    picture = cat[:, :height, :width]
    for degrees in (-72, 17):
        ours = turned(picture[None].float() / 255, degrees)[0] * 255
        theirs = Image.fromarray(picture.permute(1, 2, 0).numpy()).rotate(degrees, Image.Resampling.BILINEAR)
        y, x = (torch.arange(side) - (side - 1) / 2 for side in (height, width))
        disc = (y[:, None] ** 2 + x**2).sqrt() < height / 2 - 2  # where nothing comes from beyond the border
        torch.testing.assert_close(
            ours[:, disc], torch.from_numpy(np.array(theirs)).permute(2, 0, 1)[:, disc].float(), atol=1, rtol=0
        )


def test_a_crop_is_pillows_resized_box(cat):
    draw = box(top=1 / 6, left=1 / 4, height=1 / 2, width=5 / 8)
    ours = warped(cat[None].float() / 255, "crop", draw)[0] * 255
    picture = Image.fromarray(cat.permute(1, 2, 0).numpy())
    theirs = picture.resize((48, 48), Image.Resampling.BILINEAR, box=(12, 8, 42, 32))
    inner = slice(2, -2)  # at its rim ours still knows what lies beyond
    torch.testing.assert_close(
        ours[:, inner, inner],
        torch.from_numpy(np.array(theirs)).permute(2, 0, 1)[:, inner, inner].float(),
        atol=1.5,
        rtol=0,
    )


def test_crops_have_the_area_they_are_asked_for():
    draw = Augment(Augmentations(crop=0.2), 1).draws(BatchShape(4000, 3, 8, 8), 0, 0)["crop"]
    area, ratio = draw["height"] * draw["width"], draw["height"] / draw["width"]
    assert 0.2 <= area.min() < 0.21
    assert 0.99 < area.max() <= 1
    assert area.mean() == pytest.approx(0.6, abs=0.02)  # evenly from 0.2 to 1
    assert 0.75 - 1e-5 <= ratio.min() < 0.76
    assert 1.32 < ratio.max() <= 4 / 3 + 1e-5
    for start, length in (("top", "height"), ("left", "width")):
        assert draw[start].min() >= 0
        assert (draw[start] + draw[length]).max() <= 1 + 1e-6


def test_crop_and_rotation_are_one_interpolation(cat):
    """Of a picture whose brightness is a plane, so that interpolating once or twice is the same."""
    plane = (torch.arange(48)[:, None] * 2.0 + torch.arange(48))[None, None] / 255
    crop = box(top=0.3, left=0.25, height=0.5, width=0.5)
    turn = {"degrees": torch.tensor([30.0])}
    both = warp_matrix(plane, [(AUGMENTATIONS["crop"], crop), (AUGMENTATIONS["rotation"], turn)])
    grid = torch.nn.functional.affine_grid(both[:, :2], [1, 1, 48, 48], align_corners=False)
    once = torch.nn.functional.grid_sample(plane, grid, align_corners=False)
    twice = turned(warped(plane, "crop", crop), 30)
    middle = slice(14, 34)
    torch.testing.assert_close(once[..., middle, middle], twice[..., middle, middle], atol=1e-5, rtol=0)
