"""The matrix of a convolution is the convolution."""

import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lessons.dense_to_conv.toeplitz import convolution_matrix, dense_like, shift


def random(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) - 0.5


@settings(deadline=None, max_examples=40)
@given(st.integers(3, 9), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2))
def test_matrix_times_picture_is_the_convolution(size, kernel, stride, padding):
    weight, x = random(kernel, kernel), random(size, size, seed=1)
    matrix = convolution_matrix(weight, size, stride, padding)
    want = F.conv2d(x[None, None], weight[None, None], stride=stride, padding=padding)
    torch.testing.assert_close(matrix @ x.flatten(), want.flatten())


def test_nine_different_numbers_in_225_places():
    matrix = convolution_matrix(random(3, 3) + 2, 5)
    assert matrix.shape == (9, 25)
    assert matrix.numel() == 225
    assert (matrix != 0).sum(1).tolist() == [9] * 9
    assert len(matrix[matrix != 0].unique()) == 9


def test_dense_layer_that_answers_one_picture_as_the_convolution_does():
    matrix, x = convolution_matrix(random(3, 3), 6), random(36, seed=2)
    dense = dense_like(matrix, x, seed=5)
    torch.testing.assert_close(dense @ x, matrix @ x)
    assert not torch.allclose(dense @ random(36, seed=3), matrix @ random(36, seed=3))
    assert torch.equal(dense, dense_like(matrix, x, seed=5))
    assert dense_like(matrix, torch.zeros(36, dtype=torch.float64)).shape == matrix.shape


def test_shift_moves_and_fills_with_zero():
    x = torch.arange(1, 10).view(3, 3)
    assert shift(x, 1, 0).tolist() == [[0, 0, 0], [1, 2, 3], [4, 5, 6]]
    assert shift(x, 0, -1).tolist() == [[2, 3, 0], [5, 6, 0], [8, 9, 0]]
    assert shift(x, 5, 0).eq(0).all()
    assert shift(x, -2, 2).tolist() == [[0, 0, 7], [0, 0, 0], [0, 0, 0]]


def test_a_convolution_moves_along():
    weight, x = random(3, 3), torch.zeros(9, 9, dtype=torch.float64)
    x[3:6, 3:6] = random(3, 3, seed=1)
    matrix = convolution_matrix(weight, 9)
    before, after = (matrix @ x.flatten()).view(7, 7), (matrix @ shift(x, 1, 1).flatten()).view(7, 7)
    torch.testing.assert_close(shift(before, 1, 1), after)
