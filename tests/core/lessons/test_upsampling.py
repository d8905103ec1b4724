"""The figures of the upsampling lesson, compared with plain PyTorch."""

import numpy as np
import pytest
import torch

from core.layers.upsampling import UPSAMPLINGS
from core.lessons import upsampling


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
