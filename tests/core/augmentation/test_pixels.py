"""Colours and damage, against Pillow, colorsys and SciPy; mixing, against its definition."""

import colorsys

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance
from scipy.ndimage import gaussian_filter1d

from core.augmentation import AUGMENTATIONS, Augment, Augmentations, BatchShape
from core.augmentation.kinds.mixing import partners
from core.images import sample, to_square

BATCH = BatchShape(60, 3, 24, 32)


@pytest.fixture(scope="module")
def cat():
    return to_square(sample("chelsea"), 32)[:24]  # uint8 (24, 32, 3)


@pytest.fixture(scope="module")
def x(cat):
    return torch.from_numpy(cat).permute(2, 0, 1)[None].float() / 255


def applied(name, x, **draw):
    return AUGMENTATIONS[name].apply(x, {key: torch.tensor([value]) for key, value in draw.items()})


def drawn(**strengths):
    return Augment(Augmentations(**strengths), 3).draws(BATCH, 0, 0)


@pytest.mark.parametrize("factor", [0.4, 1.0, 1.7])
@pytest.mark.parametrize(
    ("name", "enhancer"),
    [
        ("brightness", ImageEnhance.Brightness),
        ("contrast", ImageEnhance.Contrast),
        ("saturation", ImageEnhance.Color),
    ],
)
def test_light_and_colour_are_pillows(name, enhancer, factor, cat, x):
    theirs = np.asarray(enhancer(Image.fromarray(cat)).enhance(factor)).transpose(2, 0, 1)
    ours = applied(name, x, factor=factor)[0] * 255
    np.testing.assert_allclose(ours.numpy(), theirs, atol=1.6)  # Pillow rounds the grey, then the result


def test_hue_is_colorsys(cat, x):
    ours = applied("hue", x, turns=0.15)[0].permute(1, 2, 0)
    for row, column in ((0, 0), (5, 9), (12, 20), (23, 31)):
        hue, saturation, value = colorsys.rgb_to_hsv(*(cat[row, column] / 255))
        expected = colorsys.hsv_to_rgb((hue + 0.15) % 1, saturation, value)
        np.testing.assert_allclose(ours[row, column].numpy(), expected, atol=1e-4)
    torch.testing.assert_close(applied("hue", x, turns=0.0), x, atol=1e-5, rtol=0)
    torch.testing.assert_close(applied("hue", applied("hue", x, turns=0.5), turns=0.5), x, atol=1e-4, rtol=0)


def test_grey_is_pillows_luma(cat, x):
    theirs = np.asarray(Image.fromarray(cat).convert("L"))
    ours = applied("grey", x, grey=True)[0] * 255
    for channel in ours:
        np.testing.assert_allclose(channel.numpy(), theirs, atol=1)
    assert torch.equal(applied("grey", x, grey=False), x)
    assert drawn(grey=0.25)["grey"]["grey"].float().mean() == pytest.approx(0.25, abs=0.15)


@pytest.mark.parametrize("sigma", [0.6, 1.8])
def test_blur_is_scipys(sigma, x):
    radius = int(np.ceil(3 * np.float32(sigma)))
    expected = x[0].numpy()
    for axis in (1, 2):
        expected = gaussian_filter1d(expected, sigma, axis, mode="mirror", radius=radius)
    np.testing.assert_allclose(applied("blur", x, sigma=sigma)[0].numpy(), expected, atol=1e-5)


def test_no_blur_is_no_change_beside_a_strong_one(x):
    pair = AUGMENTATIONS["blur"].apply(x.repeat(2, 1, 1, 1), {"sigma": torch.tensor([0.0, 4.0])})
    assert torch.equal(pair[0], x[0])
    assert pair[1].std() < x.std()


def test_noise_has_its_deviation_and_stays_in_range(x):
    grain = drawn(noise=0.2)["noise"]["noise"]
    assert grain.std().item() == pytest.approx(0.2, rel=0.02)
    assert grain.mean().item() == pytest.approx(0, abs=0.005)
    noisy = AUGMENTATIONS["noise"].apply(x.repeat(60, 1, 1, 1), {"noise": grain})
    torch.testing.assert_close(noisy, (x + grain).clip(0, 1))


def test_erased_cells_are_one_colour_and_the_rest_is_untouched(x):
    draw = drawn(erase=0.7)["erase"]
    erased = AUGMENTATIONS["erase"].apply(x.repeat(60, 1, 1, 1), draw)
    areas = []
    for i, picture in enumerate(erased):
        expected = x[0].clone()
        top, bottom, left, right = (int(draw[key][i]) for key in ("top", "bottom", "left", "right"))
        expected[:, top:bottom, left:right] = draw["colour"][i][:, None, None]
        assert torch.equal(picture, expected)
        assert 0 <= top <= bottom <= 24
        assert 0 <= left < right <= 32
        areas.append((bottom - top) * (right - left) / (24 * 32))
    covered = [area for area in areas if area]
    assert len(covered) / 60 == pytest.approx(0.7, abs=0.15)
    assert 0.01 < min(covered) < 0.1
    assert 0.25 < max(covered) < 0.37  # a third, in whole cells


def mix(recipe, x_NCHW, labels):
    return Augment(recipe, 3)(x_NCHW, torch.arange(len(x_NCHW)), labels, 0, 0)


@pytest.fixture(scope="module")
def batch():
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, tuple(BATCH), dtype=torch.uint8, generator=generator), torch.arange(
        60
    ) // 20  # no partner shares a label


def test_partners_are_a_pairing():
    for count in (1, 2, 5, 6):
        assert sorted(partners(torch.arange(count)).tolist()) == list(range(count))
    assert partners(torch.arange(4)).tolist() == [2, 3, 0, 1]


def test_mixup_mixes_picture_and_label_alike(batch):
    images, labels = batch
    pictures, targets = mix(Augmentations(mixup=0.5), images, labels)
    share = drawn(mixup=0.5)["mixup"]["share"]
    for i in range(60):
        other = (i + 30) % 60
        expected = share[i] * images[i].double() + (1 - share[i]) * images[other].double()
        torch.testing.assert_close(pictures[i].double(), expected, atol=1e-3, rtol=0)
        label = torch.zeros(3)
        label[labels[i]] += share[i]
        label[labels[other]] += 1 - share[i]
        torch.testing.assert_close(targets[i], label)
    torch.testing.assert_close(targets.sum(1), torch.ones(60))


def test_cutmix_counts_exactly_the_cells_it_cuts():
    """A white picture's partner is black, so its brightness is the share of it that is left."""
    images = torch.zeros(tuple(BATCH), dtype=torch.uint8)
    images[:30] = 255
    labels = (torch.arange(60) >= 30).long()
    pictures, targets = mix(Augmentations(cutmix=1.0), images, labels)
    white = (pictures > 127).float().mean((1, 2, 3))
    torch.testing.assert_close(targets[:, 0], white)
    torch.testing.assert_close(targets.sum(1), torch.ones(60))
    assert targets[:30, 0].min() < 0.5
    assert targets[:30, 0].max() > 0.9


def test_cutmix_takes_the_box_from_the_partner(batch):
    images, labels = batch
    pictures, _ = mix(Augmentations(cutmix=1.0), images, labels)
    draw = drawn(cutmix=1.0)["cutmix"]
    for i in range(60):
        expected = images[i].clone()
        box = (slice(None), slice(draw["top"][i], draw["bottom"][i]), slice(draw["left"][i], draw["right"][i]))
        expected[box] = images[(i + 30) % 60][box]
        torch.testing.assert_close(pictures[i], expected.float(), atol=1e-3, rtol=0)


def test_shares_follow_beta():
    """Beta(a, a) has the mean 1/2 and the variance 1 / (4 (2a + 1))."""
    for alpha in (0.2, 1.0, 2.0):
        share = Augment(Augmentations(mixup=alpha), 3).draws(BatchShape(5000, 3, 4, 4), 0, 0)["mixup"]["share"]
        assert share.mean().item() == pytest.approx(0.5, abs=0.02)
        assert share.var().item() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.06)


def test_mixup_and_cutmix_take_turns(batch):
    images, labels = batch
    draws = drawn(mixup=1.0, cutmix=1.0)
    mixed = draws["mixup"]["share"] < 1
    cut = draws["cutmix"]["bottom"] > draws["cutmix"]["top"]
    assert not (mixed & cut).any()
    assert 15 < mixed.sum() < 45
    _, targets = mix(Augmentations(mixup=1.0, cutmix=1.0), images, labels)
    own = torch.where(mixed, draws["mixup"]["share"], draws["cutmix"]["share"])
    torch.testing.assert_close(targets.gather(1, labels[:, None])[:, 0], own)
