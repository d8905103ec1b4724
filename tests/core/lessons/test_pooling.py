"""The figures of the pooling lesson, compared with plain PyTorch."""

import numpy as np
import torch
import torch.nn.functional as F

from core.layers.pooling import POOLINGS
from core.lessons import pooling


def photo(side=48):
    return np.random.default_rng(0).random((side, side)).astype(np.float32)


def test_views_shift_the_picture_and_bring_in_picture():
    picture = photo()
    view, shifted = pooling.views(picture, right=2, down=-1)
    assert view.shape == shifted.shape == (1, 1, 32, 32)
    assert torch.equal(shifted[..., :-1, 2:], view[..., 1:, :-2])


def test_shifting_by_the_stride_shifts_the_pooled_map_by_one():
    both = pooling.compare_shift(photo(), "Max", (("kernel_size", 2), ("stride", 2)), right=2, down=0)
    assert np.array_equal(both.pooled_shifted[:, 1:], both.pooled[:, :-1])
    want = F.max_pool2d(torch.from_numpy(both.view)[None, None], 2)[0, 0]
    assert np.array_equal(both.pooled, want.numpy())


def test_every_pooling_that_gives_a_map_is_counted():
    counts = pooling.unchanged_by_kind(photo(), "Max", (("kernel_size", 2), ("stride", 2)), 1, 0, 0.05)
    assert set(counts) == {"No pooling"} | {name for name, entry in POOLINGS.items() if entry.gives == "map"}
    still = pooling.unchanged_by_kind(photo(), "Adaptive max", (("output_size", 4),), 0, 0, 0.0)
    assert all(same == total for same, total in still.values())


def test_feature_map_is_the_outline_after_relu():
    picture = photo(8)
    kernel = torch.tensor([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]) / 8
    want = F.conv2d(torch.from_numpy(picture)[None, None], kernel[None, None]).clamp_min(0)[0, 0].numpy()
    np.testing.assert_allclose(pooling.feature_map(picture)[1:-1, 1:-1], want, atol=1e-6)


def test_stochastic_draws_repeat_and_differ():
    x = torch.from_numpy(photo())[None, None]
    knobs = (("kernel_size", 2), ("stride", 2))
    one, again, other = (pooling.pool(x, "Stochastic", knobs, seed) for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_pyramid_levels_are_adaptive_maxima():
    picture = photo(21)
    for part, side in zip(pooling.pyramid(picture, 3), (1, 2, 4), strict=True):
        want = F.adaptive_max_pool2d(torch.from_numpy(picture)[None, None], side)[0, 0].numpy()
        assert np.array_equal(part, want)


def test_region_maxima_are_the_maxima_of_its_bins():
    picture = photo(20)
    found = pooling.pool_region(picture, (3, 2, 15, 11), 3)
    want = [picture[a:b, c:d].max() for a, b, c, d in found.bins]
    assert np.array_equal(found.maxima.flatten(), want)
    assert found.bins[0][0] == 2
    assert found.bins[-1][1] == 12
    assert found.bins[-1][3] == 16
