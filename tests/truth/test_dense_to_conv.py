"""The page on fully connected layers and convolutions: drawing, sentence and printed program agree in every state."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.lessons.dense_to_conv import layers
from core.lessons.dense_to_conv.layers import KERNELS, SHAPES, DenseVsConvSetup, compare
from playground.charts import dense_to_conv as charts
from playground.dense_to_conv import code_samples, text
from tests.pages.helpers import open_page
from tests.truth.isolated import outputs

PAGE = "tests/pages/test_dense_to_conv.py"
SHOWS = {
    "grids: input, both outputs, the same shifted": "test_grids_are_what_pytorch_gives",
    "marks of values that shifted, and the sentence that counts them": "test_sentence_counts_the_marks",
    "weight matrices and their sentences": "test_matrices_are_the_layers",
    "formulas of the parameters": f"{PAGE}::test_opens_on_225_against_9",
    "code": "test_program_prints_the_grids_and_the_sentence",
    "challenge": f"{PAGE}::test_challenge_is_solved_by_padding_and_not_before",
    "table of parameters on a real image and its sentence": "test_table_counts_the_parameters_of_real_layers",
}

setups = st.builds(
    DenseVsConvSetup,
    size=st.integers(5, 10),
    shape=st.sampled_from(SHAPES),
    kernel=st.sampled_from(tuple(KERNELS)),
    padding=st.integers(0, 1),
    right=st.integers(-2, 2),
    down=st.integers(-2, 2),
)
every = settings(max_examples=200, derandomize=True, deadline=None)


@every
@given(setups)
def test_grids_are_what_pytorch_gives(setup):
    shown = compare(setup)
    conv = nn.Conv2d(1, 1, 3, padding=setup.padding, bias=False).double()
    conv.weight.data = torch.tensor(KERNELS[setup.kernel], dtype=torch.float64)[None, None]
    dense = torch.from_numpy(shown.dense_matrix)
    for image, of_conv, of_dense in (
        (shown.image, shown.output, shown.output),
        (shown.shifted_image, shown.conv_output, shown.dense_output),
    ):
        x = torch.from_numpy(image)
        np.testing.assert_allclose(conv(x[None, None])[0, 0].detach(), of_conv, atol=1e-9)
        np.testing.assert_allclose(dense @ x.flatten(), of_dense.flatten(), atol=1e-9)


@every
@given(setups)
def test_sentence_counts_the_marks(setup):
    shown = compare(setup)
    words, drawn = text.equivariance(setup, shown), str(charts.outputs(shown, 0))
    marked = [tuple(map(int, found)) for found in re.findall(r"(\d+) of (\d+) comparable values", drawn)]
    counts = re.search(r"\*\*(\d+) do(?:es)? in the convolution\*\*.* \*\*(\d+) in the fully connected", words)
    moved, visible = (setup.right, setup.down) != (0, 0), shown.shifted_image.any()
    assert (counts is not None) == bool(moved and visible)
    if counts is None:
        assert "one position" not in words
        assert np.array_equal(shown.shifted_image, shown.image) if not moved else not shown.conv_output.any()
        return
    (conv_same, total), (dense_same, _) = marked
    assert (int(counts.group(1)), int(counts.group(2))) == (conv_same, dense_same)
    assert f"the {total} values" in words or (total == 1 and "the one value" in words)
    assert conv_same == total  # what the name says: translation equivariance
    assert dense_same < total


@every
@given(setups)
def test_matrices_are_the_layers(setup):
    shown = compare(setup)
    x = np.random.default_rng(0).random(shown.image.shape)
    conv = nn.Conv2d(1, 1, 3, padding=setup.padding, bias=False).double()
    conv.weight.data = torch.tensor(KERNELS[setup.kernel], dtype=torch.float64)[None, None]
    ours = shown.conv_matrix @ x.flatten()
    np.testing.assert_allclose(ours, conv(torch.from_numpy(x)[None, None]).flatten().detach(), atol=1e-9)
    words = text.conv_matrix(shown.conv_matrix)
    positions = int(re.search(r"in ([\d,]+) positions", words).group(1).replace(",", ""))
    assert positions == np.count_nonzero(shown.conv_matrix)
    distinct = {value for row in KERNELS[setup.kernel] for value in row if value}
    assert words.startswith(
        "**Convolution as a matrix**: one value"
        if len(distinct) == 1
        else f"**Convolution as a matrix**: {len(distinct)} different values"
    )
    assert shown.dense_matrix.shape == shown.conv_matrix.shape == (shown.output.size, shown.image.size)


@every
@given(st.integers(5, 512), st.sampled_from((1, 3)), st.sampled_from(range(1, 12, 2)), st.integers(1, 64))
def test_table_counts_the_parameters_of_real_layers(size, channels, kernel, maps):
    if kernel > size:
        return
    conv = nn.Conv2d(channels, maps, kernel, device="meta")
    outputs_ = conv(torch.empty(1, channels, size, size, device="meta"))[0].numel()
    inputs = channels * size * size
    assert layers.conv_parameters(channels, maps, kernel) == sum(p.numel() for p in conv.parameters())
    dense = nn.Linear(inputs, outputs_, device="meta")
    assert layers.dense_parameters(inputs, outputs_, bias=True) == sum(p.numel() for p in dense.parameters())
    assert layers.dense_parameters(inputs, 1) == nn.Linear(inputs, 1, bias=False, device="meta").weight.numel()


CODED = [
    DenseVsConvSetup(),
    DenseVsConvSetup(right=0),
    DenseVsConvSetup(size=6, right=-2, down=2),
    DenseVsConvSetup(size=8, shape="Cross", kernel="Outline", padding=1, right=-1, down=2),
    DenseVsConvSetup(size=10, shape="Dot", kernel="Vertical edge", right=2, down=-2),
    DenseVsConvSetup(size=7, shape="Square", kernel="Diagonal", padding=1, right=2),
]


def grids(printed: str) -> list[np.ndarray]:
    """Every tensor of two axes in what a program printed."""
    texts = re.findall(r"tensor\((.+?)\)", printed, re.DOTALL)
    rows = [[re.findall(r"-?\d+\.\d*", row) for row in text_.split("\n") if "[" in row] for text_ in texts]
    return [np.array(one, dtype=float) for one in rows]


def test_program_prints_the_grids_and_the_sentence(tmp_path):
    shown = [compare(setup) for setup in CODED]
    blocks = [code_samples.both_layers(setup, one) for setup, one in zip(CODED, shown, strict=True)]
    for one, printed in zip(shown, outputs(blocks, tmp_path), strict=True):
        first, conv, dense = grids(printed)
        for ours, theirs in ((first, one.output), (conv, one.conv_output), (dense, one.dense_output)):
            np.testing.assert_allclose(ours, theirs, atol=0.0051)
        counts = [tuple(map(int, pair)) for pair in re.findall(r"shifted: (\d+) of (\d+)", printed)]
        assert counts == [layers.equivariant_cells(one, values) for values in (one.conv_output, one.dense_output)]
        assert f"weights: {one.dense_matrix.size} and 9" in printed


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ({}, "in one position only"),
        ({"dc_right": "0"}, "Shift the drawing"),
        ({"dc_size": "6", "dc_right": "-2", "dc_down": "2"}, "out of the image"),
        ({"dc_size": "5", "dc_right": "2", "dc_down": "2"}, "the one value"),
        ({"dc_kernel": "Sum", "dc_padding": "1"}, "one value in"),
    ],
)
def test_page_says_so(link, says):
    page = open_page("dense_to_conv", **link)
    assert not page.exception
    assert any(says in line.value for line in page.markdown)
