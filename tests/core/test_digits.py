"""The digits are those of scikit-learn."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from core.images.digits import digits


def test_they_are_what_scikit_learn_loads():
    greys, labels = digits()
    theirs = load_digits()
    assert np.array_equal(greys, theirs.images)
    assert np.array_equal(labels, theirs.target)
    assert (greys.dtype, labels.dtype) == (theirs.images.dtype, theirs.target.dtype)


def test_nobody_can_change_them():
    with pytest.raises(ValueError, match="read-only"):
        digits()[0][0] = 1
