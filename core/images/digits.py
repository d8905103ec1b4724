"""The handwritten digits that ship with scikit-learn, read without importing it: that takes 55 MB and a second."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """All 1,797: 17 greys from 0 to 16, float64 (1797, 8, 8), and labels, int64 (1797,). Shared and read-only.

    The same as `sklearn.datasets.load_digits().images` and `.target`.
    Raises: ModuleNotFoundError if scikit-learn is not installed.
    Source: Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI machine learning repository.
    """
    spec = find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("The digits come with scikit-learn, which is not installed.")
    file = Path(spec.submodule_search_locations[0], "datasets/data/digits.csv.gz")
    rows = np.loadtxt(file, delimiter=",")  # 64 greys and the label
    greys, labels = rows[:, :-1].reshape(-1, 8, 8), rows[:, -1].astype(np.int64)
    greys.flags.writeable = labels.flags.writeable = False
    return greys, labels
