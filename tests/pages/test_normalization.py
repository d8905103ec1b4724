"""The normalization page: the printed lines, what coincides, what breaks, and own values."""

import numpy as np
import pytest

from core.layers.normalization import NORMALIZATIONS
from core.lessons import normalization as lab
from tests.pages.helpers import open_page


def words(page) -> str:
    return "\n".join(text.value for text in page.markdown)


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_printed_lines_give_what_is_shown(name):
    page = open_page("normalization", nm_name=name, nm_gamma="1.5", nm_beta="-0.5")
    assert not page.exception
    names = {}
    exec(page.code[0].value, names)
    expected = lab.normalized(lab.NormalizationCube(name, affine=lab.AffineParameters(1.5, -0.5)))
    np.testing.assert_allclose(names["y"], expected, atol=1e-7)
    np.testing.assert_allclose(names["z"], expected, atol=1e-7)


def test_one_channel_makes_three_of_them_one_and_solves_the_challenge():
    page = open_page("normalization", nm_name="Group", nm_channels="1")
    assert "same sets of cells here as **Layer and Instance**" in words(page)
    assert words(page).count("Solved") == 1
    assert "the same outputs" in words(page)


def test_a_group_a_channel_is_instance():
    page = open_page("normalization", nm_name="Group", nm_groups="3")
    assert "as **Instance**" in words(page)
    assert words(page).count("Solved") == 1


def test_batch_of_one_and_then_of_one_cell():
    page = open_page("normalization", nm_batch="1")
    assert "A batch of one" in words(page)
    page = open_page("normalization", nm_batch="1", nm_height="1", nm_width="1", nm_beta="2.0")
    assert not page.exception
    assert "Here it breaks" in words(page)
    assert words(page).count("Solved") == 1
    assert "PyTorch refuses" in page.code[0].value


def test_own_values_are_read_and_wrong_ones_get_a_sentence():
    page = open_page("normalization", nm_numbers="Own values")
    assert not page.error
    page.text_area(key="nm_own").set_value("1 2 3").run()
    assert "add 21 more" in page.error[0].value
    assert not page.exception
