"""The hidden kernel can be found: by least squares exactly, by gradient descent nearly."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.lessons.kernels import hidden_kernel as lab
from core.lessons.kernels.hidden_kernel import Descent, Puzzle


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("picture", [lab.PHOTOGRAPH, lab.NOISE, lab.DOTS])
def test_least_squares_finds_it(size, picture):
    for number in (1, 2, 7):
        puzzle = Puzzle(number, size, picture)
        _, x, y = lab.input_and_output(puzzle)
        solution, rank = lab.least_squares(x, y, size)
        assert rank == size**2
        np.testing.assert_allclose(solution, lab.hidden_kernel(puzzle), atol=1e-4)
        assert lab.output_error(x, y, lab.hidden_kernel(puzzle)) == 0


def test_an_edge_tells_too_little():
    puzzle = Puzzle(picture=lab.EDGE)
    _, x, y = lab.input_and_output(puzzle)
    solution, rank = lab.least_squares(x, y, 3)
    assert rank == 3
    assert lab.output_error(x, y, solution) < 1e-9
    assert np.abs(solution - lab.hidden_kernel(puzzle)).max() > 0.1


def test_a_single_dot_draws_the_kernel_rotated_by_180_degrees():
    puzzle = Puzzle(3, 3, lab.DOTS)
    picture, _, y = lab.input_and_output(puzzle)
    row, column = np.argwhere(picture)[0]
    drawn = y[0, row - 2 : row + 1, column - 2 : column + 1]
    assert (drawn == lab.hidden_kernel(puzzle)[::-1, ::-1]).all()


@pytest.mark.parametrize("number", range(1, 21))
def test_puzzles_are_whole_numbers_and_never_nothing(number):
    for size in (3, 5):
        kernel = lab.hidden_kernel(Puzzle(number, size))
        assert kernel.any()
        assert set(np.unique(kernel)) <= {-2, -1, 0, 1, 2}


@pytest.mark.parametrize("optimizer", lab.OPTIMIZERS)
def test_descent_on_noise_recovers_it(optimizer):
    puzzle = Puzzle(101)
    steps = list(lab.descend(puzzle, Descent(optimizer=optimizer)))
    assert steps[0].step == 0
    assert steps[-1].loss < steps[0].loss
    np.testing.assert_allclose(steps[-1].kernel, lab.hidden_kernel(puzzle), atol=0.01)


def test_a_step_is_sgd_on_the_mean_squared_error_and_leaves_the_global_generator_alone():
    state = torch.get_rng_state()
    puzzle, lr = Puzzle(5), 0.1
    first, second, *_ = lab.descend(puzzle, Descent(optimizer="SGD", lr=lr), steps=2)
    assert torch.equal(torch.get_rng_state(), state)
    _, x, y = lab.input_and_output(Puzzle(5, picture=lab.NOISE))
    windows = np.lib.stride_tricks.sliding_window_view(x[0].astype(np.float64), (3, 3))
    error = (windows * first.kernel).sum(axis=(2, 3)) - y[0]
    gradient = 2 * (error[..., None, None] * windows).mean(axis=(0, 1))
    np.testing.assert_allclose(second.kernel, first.kernel - lr * gradient, atol=1e-5)
    assert first.loss == pytest.approx((error**2).mean(), rel=1e-4)
    weight = torch.from_numpy(second.kernel).float()[None, None]
    mse = F.mse_loss(F.conv2d(torch.from_numpy(x), weight), torch.from_numpy(y))
    assert second.loss == pytest.approx(mse.item(), rel=1e-4)


def test_the_same_twice():
    runs = [list(lab.descend(Puzzle(2), Descent(), steps=5)) for _ in range(2)]
    assert all((a.kernel == b.kernel).all() and a.loss == b.loss for a, b in zip(*runs, strict=True))


def test_too_large_a_learning_rate_diverges_and_ends():
    steps = list(lab.descend(Puzzle(1, 5), Descent(optimizer="SGD", lr=1.0)))
    assert not np.isfinite(steps[-1].loss)
    assert steps[-1].step < 1000
