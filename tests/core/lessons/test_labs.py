"""The figures of the pooling, upsampling and dense lessons, against PyTorch called plainly."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.layers.pooling import POOLINGS
from core.layers.upsampling import UPSAMPLINGS
from core.lessons import pooling, upsampling
from core.lessons.dense_to_conv import layers


def photo(side=48):
    return np.random.default_rng(0).random((side, side)).astype(np.float32)


def test_views_move_the_picture_and_bring_in_picture():
    picture = photo()
    view, moved = pooling.views(picture, right=2, down=-1)
    assert view.shape == moved.shape == (1, 1, 32, 32)
    assert torch.equal(moved[..., :-1, 2:], view[..., 1:, :-2])


def test_moving_by_the_stride_moves_the_pooled_map_by_one():
    both = pooling.move(photo(), "Max", (("kernel_size", 2), ("stride", 2)), right=2, down=0)
    assert np.array_equal(both.pooled_moved[:, 1:], both.pooled[:, :-1])
    want = F.max_pool2d(torch.from_numpy(both.view)[None, None], 2)[0, 0]
    assert np.array_equal(both.pooled, want.numpy())


def test_survey_covers_every_map_pooling_and_counts_true():
    found = pooling.survey(photo(), 2, 2, 1, 0, 0.05)
    assert set(found) == {"No pooling"} | {name for name, entry in POOLINGS.items() if entry.gives == "map"}
    still = pooling.survey(photo(), 2, 2, 0, 0, 0.0)
    assert all(same == total for same, total in still.values())


def test_feature_map_is_the_outline_after_relu():
    picture = photo(8)
    kernel = torch.tensor([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]) / 8
    want = F.conv2d(torch.from_numpy(picture)[None, None], kernel[None, None]).clamp_min(0)[0, 0].numpy()
    np.testing.assert_allclose(pooling.feature_map(picture)[1:-1, 1:-1], want, atol=1e-6)


def test_stochastic_draws_repeat_and_differ():
    x = torch.from_numpy(photo())[None, None]
    knobs = (("kernel_size", 2), ("stride", 2))
    one, again, other = (pooling.pooled(x, "Stochastic", knobs, draw) for draw in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_pyramid_parts_are_adaptive_maxima():
    picture = photo(21)
    for part, side in zip(pooling.pyramid(picture, 3), (1, 2, 4), strict=True):
        want = F.adaptive_max_pool2d(torch.from_numpy(picture)[None, None], side)[0, 0].numpy()
        assert np.array_equal(part, want)


def test_region_maxima_are_the_maxima_of_its_cells():
    picture = photo(20)
    found = pooling.region(picture, (3, 2, 15, 11), 3)
    want = [picture[a:b, c:d].max() for a, b, c, d in found.cells]
    assert np.array_equal(found.maxima.flatten(), want)
    assert found.cells[0][0] == 2
    assert found.cells[-1][1] == 12
    assert found.cells[-1][3] == 16


@pytest.mark.parametrize("name", UPSAMPLINGS)
def test_enlarged_picture_is_the_module_applied(name):
    picture = np.random.default_rng(0).random((6, 5, 3)).astype(np.float32)
    knobs = {"kernel_size": 4, "weights": "even"}
    got = upsampling.enlarge(picture, name, 2, knobs)
    entry = UPSAMPLINGS[name]
    x = torch.from_numpy(picture).permute(2, 0, 1)[None]
    want = entry.build(3, 2, **{key: knobs[key] for key in entry.knobs})(x)[0].permute(1, 2, 0)
    np.testing.assert_array_equal(got, want.detach().numpy())


def test_checkerboard_appears_and_disappears():
    even, uneven = (
        upsampling.unevenness("Transposed convolution", 2, {"kernel_size": kernel, "weights": "even"})
        for kernel in (4, 3)
    )
    assert even == pytest.approx((1, 1))
    assert uneven == pytest.approx((4 / 9, 16 / 9))
    assert upsampling.unevenness("Nearest", 2, {}) == (1, 1)
    shuffle = upsampling.unevenness("Pixel shuffle", 2, {"kernel_size": 3, "weights": "random"})
    assert shuffle[1] - shuffle[0] > 0.1


@pytest.mark.parametrize("shape", layers.SHAPES)
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize(("right", "down"), [(1, 1), (-1, 0), (0, 2), (2, -2)])
def test_convolution_follows_everywhere_and_dense_does_not(shape, padding, right, down):
    setup = layers.Setup(size=8, shape=shape, padding=padding, right=right, down=down, kernel="Nine different")
    found = layers.compare(setup)
    layer = nn.Conv2d(1, 1, 3, padding=padding, bias=False).double()
    layer.weight.data = torch.tensor(layers.KERNELS["Nine different"], dtype=torch.float64)[None, None]
    for picture, answer in ((found.picture, found.answer), (found.moved, found.conv_moved)):
        want = layer(torch.from_numpy(picture)[None, None])[0, 0].detach().numpy()
        np.testing.assert_allclose(answer, want, atol=1e-9)
    np.testing.assert_allclose(found.dense_matrix @ found.picture.flatten(), found.answer.flatten(), atol=1e-9)
    same, total = layers.followed_cells(found, found.conv_moved)
    assert same == total > 0
    same, total = layers.followed_cells(found, found.dense_moved)
    assert same < total


def test_published_counts():
    assert nn.Linear(25, 9, bias=False).weight.numel() == layers.dense_parameters(25, 9) == 225
    for channels, count in ((1, 50), (3, 140)):
        layer = nn.Conv2d(channels, 5, 3)
        assert sum(p.numel() for p in layer.parameters()) == layers.conv_parameters(channels, 5, 3) == count
