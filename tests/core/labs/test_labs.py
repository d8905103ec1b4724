"""The figures of the pooling, upsampling and dense lessons, against PyTorch called plainly."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.labs import dense, pooling, upsampling
from core.layers.pooling import POOLINGS
from core.layers.upsampling import UPSAMPLINGS


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
    counts = pooling.unchanged_by_kind(photo(), 2, 2, 1, 0, 0.05)
    assert set(counts) == {"No pooling"} | {name for name, entry in POOLINGS.items() if entry.gives == "map"}
    still = pooling.unchanged_by_kind(photo(), 2, 2, 0, 0, 0.0)
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


@pytest.mark.parametrize("name", UPSAMPLINGS)
def test_enlarged_picture_is_the_module_applied(name):
    picture = np.random.default_rng(0).random((6, 5, 3)).astype(np.float32)
    knobs = {"kernel_size": 4, "weights": "uniform"}
    got = upsampling.enlarge(picture, name, 2, knobs)
    entry = UPSAMPLINGS[name]
    x = torch.from_numpy(picture).permute(2, 0, 1)[None]
    want = entry.build(3, 2, **{key: knobs[key] for key in entry.knobs})(x)[0].permute(1, 2, 0)
    np.testing.assert_array_equal(got, want.detach().numpy())


def test_checkerboard_appears_and_disappears():
    even, uneven = (
        upsampling.response_to_ones("Transposed convolution", 2, {"kernel_size": kernel, "weights": "uniform"})
        for kernel in (4, 3)
    )
    assert even == pytest.approx((1, 1))
    assert uneven == pytest.approx((4 / 9, 16 / 9))
    assert upsampling.response_to_ones("Nearest", 2, {}) == (1, 1)
    shuffle = upsampling.response_to_ones("Pixel shuffle", 2, {"kernel_size": 3, "weights": "random"})
    assert shuffle[1] - shuffle[0] > 0.1


@pytest.mark.parametrize("shape", dense.SHAPES)
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize(("right", "down"), [(1, 1), (-1, 0), (0, 2), (2, -2)])
def test_convolution_follows_everywhere_and_dense_does_not(shape, padding, right, down):
    setup = dense.Setup(size=8, shape=shape, padding=padding, right=right, down=down, kernel="Nine different")
    found = dense.compare(setup)
    layer = nn.Conv2d(1, 1, 3, padding=padding, bias=False).double()
    layer.weight.data = torch.tensor(dense.KERNELS["Nine different"], dtype=torch.float64)[None, None]
    for picture, answer in ((found.picture, found.answer), (found.moved, found.conv_moved)):
        want = layer(torch.from_numpy(picture)[None, None])[0, 0].detach().numpy()
        np.testing.assert_allclose(answer, want, atol=1e-9)
    np.testing.assert_allclose(found.dense_matrix @ found.picture.flatten(), found.answer.flatten(), atol=1e-9)
    same, total = dense.followed_cells(found, found.conv_moved)
    assert same == total > 0
    same, total = dense.followed_cells(found, found.dense_moved)
    assert same < total


def test_published_counts():
    assert nn.Linear(25, 9, bias=False).weight.numel() == dense.dense_parameters(25, 9) == 225
    for channels, count in ((1, 50), (3, 140)):
        layer = nn.Conv2d(channels, 5, 3)
        assert sum(p.numel() for p in layer.parameters()) == dense.conv_parameters(channels, 5, 3) == count
