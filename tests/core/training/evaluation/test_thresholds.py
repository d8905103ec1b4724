"""Curves over thresholds are those of scikit-learn; the counts at one threshold are a point of them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from core.training.evaluation.thresholds import counts_at, threshold_curve

# few different scores, so that there are ties
CASES = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=2, max_size=60).filter(
    lambda rows: len({positive for _, positive in rows}) == 2
)


def tensors(rows):
    scores, positive = zip(*rows, strict=True)
    return torch.tensor(scores) / 12, torch.tensor(positive)


@settings(deadline=None, max_examples=30, derandomize=True)
@given(CASES)
def test_curves_and_their_areas_are_those_of_scikit_learn(rows):
    scores, positive = tensors(rows)
    curve = threshold_curve(scores, positive)
    fpr, tpr, thresholds = metrics.roc_curve(positive, scores.double(), drop_intermediate=False)
    np.testing.assert_allclose(curve.false_positive_rate, fpr)
    np.testing.assert_allclose(curve.recall, tpr)
    np.testing.assert_allclose(curve.thresholds, thresholds)
    precision, recall, _ = metrics.precision_recall_curve(positive, scores.double())
    np.testing.assert_allclose(curve.precision.flip(0), precision)
    np.testing.assert_allclose(curve.recall.flip(0), recall)
    assert curve.roc_auc == pytest.approx(metrics.roc_auc_score(positive, scores))
    assert curve.average_precision == pytest.approx(metrics.average_precision_score(positive, scores))


@settings(deadline=None, max_examples=30, derandomize=True)
@given(CASES, st.integers(0, 13))
def test_the_matrix_at_a_threshold_is_scikit_learns_and_lies_on_the_curve(rows, step):
    scores, positive = tensors(rows)
    threshold = step / 12
    counts = counts_at(scores, positive, threshold)
    (tn, fp), (fn, tp) = metrics.confusion_matrix(positive, scores.double() >= threshold, labels=[False, True])
    assert (counts.true_positives, counts.false_negatives) == (tp, fn)
    assert (counts.false_positives, counts.true_negatives) == (fp, tn)
    curve = threshold_curve(scores, positive)
    at = int((curve.thresholds >= threshold).sum()) - 1
    assert (int(curve.true_positives[at]), int(curve.false_positives[at])) == (tp, fp)
    assert counts.recall == pytest.approx(float(curve.recall[at]))
    assert counts.false_positive_rate == pytest.approx(float(curve.false_positive_rate[at]))
    assert counts.precision is None if tp + fp == 0 else counts.precision == pytest.approx(float(curve.precision[at]))
    assert counts.accuracy == pytest.approx((tp + tn) / len(rows))


def test_a_class_without_images_has_no_recall_and_no_area():
    scores, nobody = torch.tensor([0.2, 0.7]), torch.tensor([False, False])
    assert counts_at(scores, nobody, 0.5).recall is None
    assert np.isnan(threshold_curve(scores, nobody).roc_auc)
    assert counts_at(torch.empty(0), torch.empty(0, dtype=torch.bool), 0.5).accuracy is None
