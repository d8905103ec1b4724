"""Reliability bins agree with scikit-learn, the error with its definition, the temperature with an optimizer."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from core.training.evaluation.calibration import (
    HIGHEST,
    LOWEST,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability_bins,
    scale_by_temperature,
)


def overconfident(factor, images=400, classes=3, seed=0):
    """Labels drawn from probabilities, and the probabilities of `factor` times their logits."""
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(images, classes, generator=generator, dtype=torch.float64)
    labels = logits.softmax(1).multinomial(1, generator=generator)[:, 0]
    return (factor * logits).softmax(1).float(), labels


@pytest.mark.parametrize("bins", [5, 10])
def test_bins_are_those_of_scikit_learn(bins):
    probabilities, labels = overconfident(2.0)
    confidence, predicted = probabilities.double().max(1)
    ours = [one for one in reliability_bins(probabilities, labels, bins) if one.images]
    accuracy, mean = calibration_curve(predicted == labels, confidence.numpy(), n_bins=bins)
    np.testing.assert_allclose([one.accuracy for one in ours], accuracy)
    np.testing.assert_allclose([one.confidence for one in ours], mean)
    assert sum(one.images for one in ours) == len(labels)


@settings(deadline=None, max_examples=30, derandomize=True)
@given(st.floats(0.3, 4), st.integers(1, 60), st.integers(0, 9))
def test_the_error_is_its_definition_written_out(factor, images, seed):
    probabilities, labels = overconfident(factor, images, seed=seed)
    values, right = probabilities.double().max(1).values.numpy(), (probabilities.argmax(1) == labels).numpy()
    expected = 0.0
    for number in range(10):
        inside = (values > number / 10) & (values <= (number + 1) / 10)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - values[inside].mean())
    assert expected_calibration_error(reliability_bins(probabilities, labels)) == pytest.approx(expected)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_is_that_of_an_optimizer_and_undoes_the_factor(factor):
    probabilities, labels = overconfident(factor)
    temperature = fit_temperature(probabilities, labels)
    log = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log], line_search_fn="strong_wolfe", max_iter=100, tolerance_grad=1e-12)

    def loss():
        optimizer.zero_grad()
        value = torch.nn.functional.cross_entropy(probabilities.double().log() / log.exp(), labels)
        value.backward()
        return value

    optimizer.step(loss)
    assert temperature == pytest.approx(float(log.detach().exp()), rel=1e-4)
    assert temperature == pytest.approx(factor, rel=0.2)
    scaled = scale_by_temperature(probabilities, temperature)
    assert negative_log_likelihood(scaled, labels) <= negative_log_likelihood(probabilities, labels) + 1e-12
    assert torch.equal(scaled.argmax(1), probabilities.argmax(1))


def test_scaling_by_one_changes_nothing_and_by_two_halves_the_logits():
    logits = torch.tensor([[2.0, -1.0, 0.5]], dtype=torch.float64)
    torch.testing.assert_close(scale_by_temperature(logits.softmax(1), 1.0), logits.softmax(1))
    torch.testing.assert_close(scale_by_temperature(logits.softmax(1), 2.0), (logits / 2).softmax(1))


def test_the_temperature_has_bounds():
    sure = torch.tensor([[0.6, 0.4], [0.3, 0.7]])
    assert fit_temperature(sure, torch.tensor([0, 1])) == pytest.approx(LOWEST)
    assert fit_temperature(sure, torch.tensor([1, 0])) == pytest.approx(HIGHEST)
    assert np.isfinite(negative_log_likelihood(torch.tensor([[1.0, 0.0]]), torch.tensor([1])))
