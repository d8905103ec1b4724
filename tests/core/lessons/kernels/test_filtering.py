"""Filtering against nn.Conv2d itself, the presets of the lesson, and the analysis of a kernel."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from core.errors import ShapeError
from core.images import sample
from core.lessons.kernels.analysis import edge_response, frequency_response, kernel_cost, separate
from core.lessons.kernels.combination import ANGLE, COMBINE, MAGNITUDE, ROTATED, Combination, respond
from core.lessons.kernels.filter_banks import BANKS
from core.lessons.kernels.filtering import (
    CUSTOM,
    DEPTHWISE,
    HALF,
    MODES,
    NONE,
    SUMMED,
    ConvSettings,
    as_planes,
    convolve,
    feature_maps,
    output_sides,
    pool,
    relu,
    stacked,
)
from core.lessons.kernels.preprocessing import Preprocessing, crop, grey, salt_and_pepper
from core.lessons.kernels.presets import PRESETS
from core.lessons.kernels.registry import KERNELS, build

conv_settings = st.builds(
    ConvSettings,
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
    padding=st.sampled_from((NONE, HALF, CUSTOM)),
    cells=st.integers(0, 4),
    mode=st.sampled_from(MODES),
)


@given(conv_settings, st.integers(1, 5), st.integers(1, 5), st.sampled_from((SUMMED, DEPTHWISE)), st.integers(0, 99))
@settings(deadline=None, max_examples=120)
def test_convolve_is_conv2d(conv, height, width, channels, seed):
    rng = np.random.default_rng(seed)
    x = rng.random((3, 15, 17), dtype=np.float32)
    kernels = rng.normal(size=(3, height, width))
    out, groups = (3, 3) if channels == DEPTHWISE else (1, 1)
    padding = conv.padding_of(height, width)
    layer = nn.Conv2d(
        3, out, (height, width), conv.stride, padding, conv.dilation, groups, False, padding_mode=conv.mode
    )
    weight = torch.from_numpy(kernels).float()
    layer.weight.data = weight[:, None] if channels == DEPTHWISE else weight[None]
    theirs = layer(torch.from_numpy(x)[None]).detach()[0].numpy()
    ours = convolve(x, kernels, conv, channels)
    assert ours.shape == theirs.shape
    assert ours.shape[1:] == output_sides(15, 17, (height, width), conv)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_step_edge():
    y = convolve(as_planes(sample("edge")), build("Horizontal difference")[None], ConvSettings())
    assert y.shape == (1, 50, 48)
    expected = np.zeros((50, 48))
    expected[:, 28:30] = 1
    assert (y[0] == expected).all()


def test_letter_x_gives_most_where_the_stroke_has_the_kernels_direction():
    x = as_planes(sample("letter_x"))
    y = convolve(x, build("Diagonal")[None], ConvSettings())[0]
    assert y.shape == (7, 7)
    assert y.max() == 3
    assert set(zip(*np.nonzero(y == 3), strict=True)) == {(1, 1), (2, 2), (4, 4), (5, 5)}
    assert convolve(x, build("Diagonal mean")[None], ConvSettings())[0] == pytest.approx(y / 9, abs=1e-6)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_gives_what_pytorch_gives(name):
    preset = PRESETS[name]
    picture = Preprocessing(colour=preset.colour)(sample(preset.picture))
    kernel = build(preset.kernel, **preset.knobs)
    conv = ConvSettings(padding=preset.padding)
    response = respond(picture, kernel[None], conv, Combination(preset.channels))
    x = as_planes(picture)
    weight = torch.from_numpy(kernel).float().expand(1, len(x), *kernel.shape)
    theirs = F.conv2d(torch.from_numpy(x)[None], weight, padding=conv.padding_of(*kernel.shape))
    np.testing.assert_allclose(response.y, theirs[0].numpy(), atol=1e-5)
    if preset.padding == HALF:
        assert response.y.shape[1:] == picture.shape[:2]


def test_mean_blur_smooths_noise():
    clean = grey(sample("camera"))[:64, :64]
    noisy = Preprocessing(noise="Gaussian", amount=10)(clean)
    x, y = as_planes(noisy), as_planes(clean)
    blur = ConvSettings(padding=HALF, mode="reflect")
    flat = slice(2, 20), slice(2, 40)  # a piece of sky
    after = convolve(x, build("Box blur", size=5)[None], blur)
    assert (after - y)[0][flat].std() < 0.3 * (x - y)[0][flat].std()


@pytest.mark.parametrize("how", COMBINE)
@pytest.mark.parametrize("second", [ROTATED, "Gaussian blur"])
def test_two_kernels_become_one_output(how, second):
    picture = Preprocessing(side=64, colour=False)(sample("astronaut"))
    response = respond(picture, build("Sobel")[None], ConvSettings(), Combination(second=second, how=how))
    x = torch.from_numpy(as_planes(picture))[None]
    a, b = (F.conv2d(x, torch.from_numpy(k).float()[:, None])[0] for k in (response.first, response.second))
    theirs = {
        MAGNITUDE: (a * a + b * b).sqrt(),
        ANGLE: torch.rad2deg(torch.atan2(b, a)),
        "Sum": a + b,
        "Difference": a - b,
    }[how]
    np.testing.assert_allclose(response.y, theirs.numpy(), atol=2e-3 if how == ANGLE else 1e-5)
    assert (response.magnitude is not None) == (how == ANGLE)


def test_rotated_sobel_is_the_other_sobel():
    picture = Preprocessing(side=32, colour=False)(sample("flower"))
    response = respond(picture, build("Sobel")[None], ConvSettings(), Combination(second=ROTATED))
    assert (response.second[0] == build("Sobel", angle=90)).all()


@pytest.mark.parametrize("bank", BANKS)
def test_a_first_block_is_pytorchs(bank):
    kernels = list(BANKS[bank].values())
    x = as_planes(Preprocessing(side=48, colour=False)(sample("china")))
    weight = stacked(kernels)
    block = nn.Sequential(nn.Conv2d(1, len(kernels), weight.shape[1:], bias=False), nn.ReLU(), nn.MaxPool2d(2))
    block[0].weight.data = torch.from_numpy(weight)[:, None].float()
    theirs = block(torch.from_numpy(x)[None]).detach()[0].numpy()
    np.testing.assert_allclose(pool(relu(feature_maps(x, kernels, ConvSettings())), "Max", 2), theirs, atol=1e-5)
    assert len(kernels) == 8


@pytest.mark.parametrize("name", KERNELS)
def test_frequency_response_is_the_fourier_transform(name):
    kernel = build(name)
    side = 64
    theirs = torch.fft.fft2(torch.from_numpy(kernel), s=(side, side)).abs()
    theirs = torch.fft.fftshift(theirs).numpy()  # frequencies -1/2 to 1/2 - 1/64
    np.testing.assert_allclose(frequency_response(kernel, side + 1)[:-1, :-1], theirs, atol=1e-9)


@pytest.mark.parametrize("name", KERNELS)
def test_factors_give_the_kernel_and_the_rank_is_pytorchs(name):
    kernel = build(name)
    factors = separate(kernel)
    assert factors.rank == torch.linalg.matrix_rank(torch.from_numpy(kernel), rtol=1e-6)
    if factors.rank == 1:
        np.testing.assert_allclose(np.outer(factors.column, factors.row), kernel, atol=1e-9)
    else:
        assert factors.column is None


def test_factors_read_as_in_books():
    assert separate(build("Sobel")).column.tolist() == [1, 2, 1]
    assert separate(build("Sobel")).row.tolist() == [-1, 0, 1]
    assert separate(build("Scharr")).column.tolist() == [3, 10, 3]
    assert separate(build("Box blur", size=5)).row == pytest.approx(np.full(5, 0.2))
    assert separate(np.zeros((3, 3))).rank == 0


@given(conv_settings, st.integers(1, 5), st.integers(1, 5), st.integers(12, 20), st.integers(12, 20))
@settings(deadline=None, max_examples=20)
def test_costs_are_what_pytorch_counts(conv, kh, kw, height, width):
    cost = kernel_cost(height, width, (kh, kw), conv)
    ph, pw = conv.padding_of(kh, kw)
    common = {"dilation": conv.dilation, "bias": False, "device": "meta"}
    whole = nn.Conv2d(1, 1, (kh, kw), conv.stride, (ph, pw), **common)
    column = nn.Conv2d(1, 1, (kh, 1), (conv.stride, 1), (ph, 0), **common)
    row = nn.Conv2d(1, 1, (1, kw), (1, conv.stride), (0, pw), **common)
    x = torch.empty(1, 1, height, width, device="meta")
    assert cost.direct == multiplications(whole, x)
    if conv.mode == "zeros":
        assert cost.separable == multiplications(nn.Sequential(column, row), x)
    outputs = whole(x).numel()
    assert cost.dense == nn.Linear(height * width, outputs, device="meta").weight.numel()


def multiplications(layer: nn.Module, x: torch.Tensor) -> int:
    with FlopCounterMode(display=False) as counter:
        layer(x)
    return counter.get_total_flops() // 2


VERTICAL_ONLY = [("Sobel", {}), ("Prewitt", {}), ("Horizontal difference", {})]
MORE = [("Sobel", {"angle": 90}), ("Sobel", {"angle": 45}), ("Outline", {}), ("Identity", {}), ("Vertical line", {})]


@pytest.mark.parametrize(
    ("name", "knobs", "only"), [(*each, True) for each in VERTICAL_ONLY] + [(*each, False) for each in MORE]
)
def test_which_kernels_respond_to_vertical_edges_only(name, knobs, only):
    assert edge_response(build(name, **knobs)[None]).only_vertical == only


def test_a_padding_mode_that_cannot_be_is_told_as_pytorch_refuses_it():
    x, kernel = np.zeros((1, 4, 9), np.float32), np.ones((1, 9, 9))
    for mode, most in (("reflect", 3), ("circular", 4)):
        conv = ConvSettings(padding=CUSTOM, cells=8, mode=mode)
        with pytest.raises(ShapeError, match=f"lower the padding to at most {most}"):
            convolve(x, kernel, conv)
        with pytest.raises(RuntimeError):
            F.pad(torch.from_numpy(x)[None], (8,) * 4, mode=mode)
    with pytest.raises(ShapeError, match="does not fit"):
        convolve(x, kernel, ConvSettings())


def test_preprocessing():
    picture = sample("chelsea")
    assert Preprocessing(side=128)(picture).shape == (85, 128, 3)
    assert Preprocessing(side=128, colour=False)(picture).shape == (85, 128)
    assert Preprocessing()(sample("letter_x")).shape == (9, 9)  # never enlarged
    assert (Preprocessing(noise="Gaussian", amount=0)(picture) == Preprocessing()(picture)).all()
    assert crop(picture, 0.1, 1, 1).shape == (30, 45, 3)
    noisy = salt_and_pepper(np.full((300, 300), 128, np.uint8), 0.2)
    assert (noisy == 255).mean() == pytest.approx(0.1, abs=0.01)
    assert (noisy == 0).mean() == pytest.approx(0.1, abs=0.01)
    assert set(np.unique(noisy)) == {0, 128, 255}
