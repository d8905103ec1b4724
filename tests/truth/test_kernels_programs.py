"""The programs of the kernels page, run by a stranger, give what the page shows."""

import math
import re
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from PIL import Image

from core.images import sample
from core.lessons.kernels.combination import Combination, Response, respond
from core.lessons.kernels.denoising import FILTERS, DenoisingSetup
from core.lessons.kernels.filter_banks import BANKS, ConvBlockSettings, layer_outputs
from core.lessons.kernels.filtering import DEPTHWISE, ConvSettings, as_planes
from core.lessons.kernels.hidden_kernel import Descent, Puzzle, descend, hidden_kernel
from core.lessons.kernels.preprocessing import Preprocessing
from core.lessons.kernels.registry import build
from playground.kernels import code_samples, denoising
from playground.kernels.hidden_kernel import SHOWN_PUZZLE
from tests.truth.isolated import outputs

ONE_KERNEL = [
    ("chelsea", "Outline", ConvSettings(), Combination()),
    ("chelsea", "Box blur", ConvSettings(padding="Half the kernel"), Combination(channels=DEPTHWISE)),
    ("camera", "Gabor", ConvSettings(stride=2, dilation=2), Combination()),
    ("flower", "Sobel", ConvSettings(padding="Custom", cells=3, mode="reflect"), Combination(second="Gaussian blur")),
    ("letter_x", "Diagonal mean", ConvSettings(), Combination()),
    ("edge", "Sobel", ConvSettings(), Combination(second="The same, rotated by 90°", how="Difference")),
]
SAVE = "\nimport numpy as np\nnp.save('y.npy', y.numpy())\n"
BLOCKS = [ConvBlockSettings(bank=bank) for bank in BANKS] + [
    ConvBlockSettings("Mixed", stride=2, relu=False, pool="Average", size=3),
    ConvBlockSettings("Coarse to fine stripes", stride=3, pool="None"),
]
DENOISED = [
    ("camera", DenoisingSetup()),
    ("chelsea", DenoisingSetup(filter="Median", size=5)),
    ("china", DenoisingSetup("Gaussian", 15, "Gaussian", 5)),
    ("flower", DenoisingSetup("Gaussian", 7, "None")),
    ("astronaut", DenoisingSetup(amount=33, filter="Mean", size=9)),
    ("camera", DenoisingSetup(amount=0, filter="None")),
]
DESCENTS = [
    (Puzzle(SHOWN_PUZZLE), Descent()),
    (Puzzle(SHOWN_PUZZLE, 5), Descent("Single dots", "Adam", 0.2)),
    (Puzzle(SHOWN_PUZZLE), Descent("Edge", "Adam", 0.2)),
    (Puzzle(SHOWN_PUZZLE), Descent("Noise", "SGD", 0.2)),
    (Puzzle(SHOWN_PUZZLE), Descent("Photograph", "SGD", 1.0)),
]


def one_kernel_pictures() -> list[np.ndarray]:
    return [Preprocessing(side=64, colour=name != "camera")(sample(name)) for name, *_ in ONE_KERNEL]


def one_kernel_responses() -> list[Response]:
    return [
        respond(picture, build(kernel)[None], conv, combination)
        for picture, (_, kernel, conv, combination) in zip(one_kernel_pictures(), ONE_KERNEL, strict=True)
    ]


def block_picture() -> np.ndarray:
    return Preprocessing(colour=False, side=96)(sample("china"))


@dataclass(frozen=True)
class Ran:
    """What a program printed, and the output that it left, if it reads a picture."""

    printed: str
    y: np.ndarray | None


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> dict[str, list[Ran]]:
    """Every program of this page in its states, run in one start of Python; those that read image.png beside one."""
    with_picture = {
        "one kernel": [
            (code_samples.one_kernel(response, conv, combination.channels, combination.how), picture)
            for response, picture, (*_, conv, combination) in zip(
                one_kernel_responses(), one_kernel_pictures(), ONE_KERNEL, strict=True
            )
        ],
        "block": [(code_samples.conv_block(block), block_picture()) for block in BLOCKS],
    }
    alone = {
        "denoising": [
            code_samples.denoising(setup, name, denoising.pictures_of(name, setup)[1].shape) for name, setup in DENOISED
        ],
        "descent": [code_samples.gradient_descent(*state) for state in DESCENTS],
    }
    home, folders, blocks = tmp_path_factory.mktemp("programs"), [], []
    for block, picture in (pair for pairs in with_picture.values() for pair in pairs):
        folders.append(home / str(len(folders)))
        folders[-1].mkdir()
        Image.fromarray(picture).save(folders[-1] / "image.png")
        blocks.append(f"import os\nos.chdir({str(folders[-1])!r})\n{block}{SAVE}")
    printed = iter(outputs([*blocks, *(block for kind in alone.values() for block in kind)], home))
    left = iter(folders)
    return {
        kind: [Ran(next(printed), np.load(next(left) / "y.npy")[0]) for _ in pairs]
        for kind, pairs in with_picture.items()
    } | {kind: [Ran(next(printed), None) for _ in kinds] for kind, kinds in alone.items()}


def test_programs_of_one_kernel_give_its_output(ran):
    for program, response in zip(ran["one kernel"], one_kernel_responses(), strict=True):
        assert program.printed.strip() == str((1, *response.y.shape))
        np.testing.assert_allclose(program.y, response.y, atol=2e-5)


def test_programs_of_the_block_print_the_shapes(ran):
    for program, block in zip(ran["block"], BLOCKS, strict=True):
        layers = layer_outputs(block_picture(), block)
        lines = [f"{name[3:]} {maps.shape} = {maps.size} values" for name, maps in layers]
        assert program.printed.splitlines() == lines
        np.testing.assert_allclose(program.y, layers[-1][1], atol=2e-5)


def test_programs_of_denoising_print_the_psnr(ran):
    for program, (name, setup) in zip(ran["denoising"], DENOISED, strict=True):
        clean, noisy = denoising.pictures_of(name, setup)
        score = denoising.psnr(as_planes(clean), FILTERS[setup.filter].run(as_planes(noisy), setup.size))
        assert program.printed.strip() == (f"PSNR {score:.2f} dB" if math.isfinite(score) else "identical")


def test_programs_of_the_descent_print_its_end(ran):
    for program, (puzzle, descent) in zip(ran["descent"], DESCENTS, strict=True):
        *_, last = descend(puzzle, descent)
        end = re.search(r"after (\d+) steps: loss (\S+), largest weight error (\S+)", program.printed)
        assert int(end.group(1)) == last.step
        assert end.group(2) == f"{last.loss:.3e}"
        error = np.abs(last.kernel - hidden_kernel(puzzle)).max()
        assert float(end.group(3)) == pytest.approx(error, rel=1e-4, abs=1e-4) or not math.isfinite(last.loss)


def test_a_bank_without_a_rule_of_its_own_is_printed_in_numbers(monkeypatch):
    monkeypatch.setitem(BANKS, "New", {"Sobel": build("Sobel"), "Identity": build("Identity")})
    names = {"torch": torch}
    exec(code_samples.bank_program("New"), names)
    np.testing.assert_allclose(names["kernels"], np.stack(list(BANKS["New"].values())), atol=1e-6)
