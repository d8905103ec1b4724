"""Denoising filters against slow references, and the point of the lesson."""

import math

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch.nn import functional as F

from core.errors import ShapeError
from core.images import sample
from core.lessons.kernels.denoising import FILTERS, median, psnr
from core.lessons.kernels.filtering import as_planes
from core.lessons.kernels.preprocessing import NOISES, Preprocessing


@pytest.mark.parametrize("size", [3, 5, 9])
def test_median_is_the_middle_of_each_window(size):
    x = np.random.default_rng(size).random((3, 14, 17), dtype=np.float32)
    theirs = ndimage.median_filter(x, size=(1, size, size), mode="mirror")
    np.testing.assert_array_equal(median(x, size), theirs)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("depth", [1, 3])
def test_the_shown_code_gives_what_is_shown(name, depth):
    x = np.random.default_rng(0).random((depth, 12, 15), dtype=np.float32)
    program = FILTERS[name].code.format(size=5, reach=2, depth=depth)
    names = {"torch": torch, "F": F, "x": torch.from_numpy(x)[None]}
    exec(program, names)
    np.testing.assert_allclose(FILTERS[name].run(x, 5), names["y"][0].numpy(), atol=1e-6)


def test_linear_filters_are_linear_and_the_median_is_not():
    rng = np.random.default_rng(1)
    a, b = (rng.random((1, 20, 20), dtype=np.float32) for _ in range(2))
    for name, each in FILTERS.items():
        separately = each.run(a, 3) + each.run(b, 3)
        assert np.allclose(each.run(a + b, 3), separately, atol=1e-5) == each.linear, name


@pytest.mark.parametrize("name", ["camera", "astronaut", "china"])
def test_the_median_restores_best_after_salt_and_pepper(name):
    clean = Preprocessing(side=128)(sample(name))
    noisy = as_planes(NOISES["Salt and pepper"](clean, 0.1))
    scores = {label: psnr(as_planes(clean), each.run(noisy, 3)) for label, each in FILTERS.items()}
    assert max(scores, key=scores.__getitem__) == "Median"


def test_psnr():
    assert psnr(np.ones((1, 2, 2)), np.ones((1, 2, 2))) == math.inf
    a, b = np.random.default_rng(0).random((2, 1, 9, 9))
    theirs = 10 * torch.log10(1 / F.mse_loss(torch.from_numpy(a), torch.from_numpy(b)))
    assert psnr(a, b) == pytest.approx(theirs.item())


def test_a_window_larger_than_the_picture_is_told():
    with pytest.raises(ShapeError, match="choose a smaller window"):
        median(np.zeros((1, 3, 3), np.float32), 9)
