"""The cube's tensor, who shares with whom, and the printed lines, against PyTorch and the classic case."""

import numpy as np
import pytest

from core.errors import ParseError
from core.layers.normalization import NORMALIZATIONS
from core.lessons import normalization as lab
from core.lessons.normalization import AffineParameters, NormalizationCube, TensorSize

OWN = " ".join(str(value) for value in np.arange(24) * 1.25 - 7)


def statistics(name, groups=1):
    cube = NormalizationCube(name, groups=groups)
    x, labels = lab.values(cube), lab.set_labels(name, cube.size.shape, groups)[0]
    sets = [x[labels == number] for number in range(labels.max() + 1)]
    return [s.mean() for s in sets], [s.var() for s in sets]


def test_the_classic_case():
    means, variances = statistics("Batch")
    np.testing.assert_allclose(means, [7.5, 11.5, 15.5])
    np.testing.assert_allclose(variances, 37.25)
    means, variances = statistics("Layer")
    np.testing.assert_allclose(means, [5.5, 17.5])
    np.testing.assert_allclose(variances, 11.916667, atol=1e-6)
    means, variances = statistics("Instance")
    np.testing.assert_allclose(means, [1.5, 5.5, 9.5, 13.5, 17.5, 21.5])
    np.testing.assert_allclose(variances, 1.25)


@pytest.mark.parametrize("numbers", lab.NUMBERS)
@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_printed_lines_give_the_same_in_numpy_and_pytorch(name, numbers):
    for affine in (AffineParameters(), AffineParameters(1.3, -0.5, 1e-2)):
        cube = NormalizationCube(name, numbers=numbers, seed=3, own=OWN, groups=3, rho=0.3, affine=affine)
        names = {}
        exec(lab.lines(cube), names)
        np.testing.assert_array_equal(names["x"], lab.values(cube))
        np.testing.assert_allclose(names["y"], lab.normalized(cube), atol=1e-7)
        np.testing.assert_allclose(names["z"], lab.normalized(cube), atol=1e-7)


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_lines_run_where_pytorch_refuses(name):
    cube = NormalizationCube(name, TensorSize(1, 3, 1, 1), affine=AffineParameters(2.0, 0.5))
    names = {}
    exec(lab.lines(cube), names)
    assert lab.is_degenerate(cube) == ("z" not in names)
    if lab.is_degenerate(cube):
        np.testing.assert_array_equal(names["y"], 0.5)
        with pytest.raises(ValueError, match="Expected more than 1"):
            lab.normalized(cube)


def test_they_coincide_where_their_sets_do():
    one_channel = (2, 1, 3, 3)
    assert lab.same_sets("Layer", "Instance", one_channel, 1)
    assert lab.same_sets("Group", "Layer", (2, 4, 3, 3), 1)
    assert lab.same_sets("Group", "Instance", (2, 4, 3, 3), 4)
    assert not lab.same_sets("Group", "Instance", (2, 4, 3, 3), 2)
    assert lab.same_sets("Batch", "Instance", (1, 4, 3, 3), 1)
    assert not lab.same_sets("Layer", "RMS", one_channel, 1)
    assert lab.largest_difference(NormalizationCube("Group", TensorSize(2, 4, 3, 3), groups=4), "Instance") < 1e-12
    assert lab.largest_difference(NormalizationCube("Batch"), "Layer") > 0.1
    assert lab.largest_difference(NormalizationCube("Layer", TensorSize(2, 3, 1, 1)), "Instance") is None


def test_photographs_are_real_and_all_different():
    found = lab.photographs(8, 3, 8, 6)
    assert found.shape == (8, 3, 8, 6)
    assert found.min() >= 0
    assert found.max() <= 255
    np.testing.assert_array_equal(found, found.round())
    assert len({picture.tobytes() for picture in found}) == 8
    assert found.std() > 20


@pytest.mark.parametrize(
    ("text", "says"),
    [("1 2 3", "add 21 more"), ("1 " * 25, "remove 1"), ("1 two", "two"), ("1e3", "1e3"), ("", "0")],
)
def test_own_values_that_do_not_fit_are_told_so(text, says):
    with pytest.raises(ParseError, match=says):
        lab.values(NormalizationCube(numbers="Own values", own=text))
