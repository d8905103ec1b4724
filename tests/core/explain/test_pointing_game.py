"""Does a map point into a box? Counted pixel by pixel."""

import pytest
import torch

from core.explain import enlarged, inside, pointing_game


def test_pixels_are_inside_by_their_middle():
    boxes = torch.tensor([[[1.0, 0.0, 3.0, 1.6], [0.0, 3.0, 0.4, 4.0]]])
    found = inside(boxes, 4)[0]
    expected = [(0, 1), (0, 2), (1, 1), (1, 2)]  # row, column: the second box covers no middle
    assert found.nonzero().tolist() == [list(place) for place in expected]


def test_shares_are_counted():
    maps = torch.zeros(3, 4, 4)
    maps[0, 0, 0], maps[0, 3, 3], maps[0, 2, 2] = 3.0, 1.0, -5.0
    maps[1, 3, 3] = 2.0
    boxes = torch.tensor([[[0.0, 0.0, 2.0, 2.0]]]).repeat(3, 1, 1)
    found = pointing_game(maps, boxes, 4)
    assert found.inside == pytest.approx((3 / 4 + 0) / 2)
    assert found.chance == pytest.approx(4 / 16)
    assert found.peaks == 0.5
    assert found.images == 2  # the third has nothing positive
    assert found.times_chance == pytest.approx(1.5)


def test_an_even_map_is_worth_chance():
    boxes = torch.tensor([[[0.0, 0.0, 8.0, 3.0]], [[2.0, 2.0, 6.0, 6.0]]])
    assert pointing_game(torch.ones(2, 2, 2), boxes, 8).times_chance == pytest.approx(1)


def test_maps_without_anything_positive_give_no_figure():
    assert pointing_game(-torch.ones(1, 2, 2), torch.tensor([[[0.0, 0.0, 1.0, 1.0]]]), 4).images == 0


def test_enlarging_keeps_the_mean_of_a_map():
    map_Bhw = torch.rand(2, 4, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(enlarged(torch.ones(1, 3, 3), 12), torch.ones(1, 12, 12))
    assert enlarged(map_Bhw, 4).equal(map_Bhw)
