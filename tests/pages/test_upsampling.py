"""The upsampling page: its lines make its pictures, and its words fit its counts."""

import numpy as np
import pytest

from core.images.center_crop import square
from core.layers.upsampling import UPSAMPLINGS, WEIGHTS
from core.lessons import upsampling as lab
from tests.pages.helpers import open_page


@pytest.mark.parametrize("way", UPSAMPLINGS)
@pytest.mark.parametrize("weights", WEIGHTS)
def test_printed_lines_make_the_drawn_picture(way, weights):
    page = open_page(
        "upsampling", up_way=way, up_weights=weights.capitalize(), up_scale="3", up_kernel_size="4", up_side="16"
    )
    assert not page.exception
    names = {}
    exec(page.code[0].value, names)
    want = lab.enlarge(square("chelsea", 16, colour=True), way, 3, {"kernel_size": 4, "weights": weights})
    np.testing.assert_allclose(names["larger"].numpy(), want, atol=1e-6)


def test_challenge_is_solved_when_the_kernel_size_is_divisible_by_the_stride():
    def words(**link):
        return "\n".join(text.value for text in open_page("upsampling", **link).markdown)

    assert "Solved" not in words()
    assert "Solved" not in words(up_scale="3", up_kernel_size="4")
    assert "Solved" in words(up_scale="3", up_kernel_size="6")


def test_same_and_valid_in_numbers():
    words = "\n".join(text.value for text in open_page("upsampling", up_n="9", up_k="3", up_s="2").markdown)
    valid = "**valid**: no padding; cells that no window covers stay unused. 0 before, 0 after, **4** outputs"
    assert f"{valid}, 0 cells unused" in words
    assert "**5** outputs" in words
