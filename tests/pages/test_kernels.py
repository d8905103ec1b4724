"""The kernels page: its printed code gives what it shows; presets, challenges, spoilt links."""

import io
import json
import struct

import numpy as np
import pytest
from PIL import Image

from core.images import SAMPLES, sample
from core.lessons.kernels.denoising import FILTERS
from core.lessons.kernels.filter_banks import BANKS
from core.lessons.kernels.hidden_kernel import Descent, Puzzle, descend
from core.lessons.kernels.preprocessing import Preprocessing
from core.lessons.kernels.presets import PRESETS
from core.shapes import conv_output_size
from playground.kernels.kernel_controls import knob_key, parse
from playground.lesson import formula_of
from tests.pages.helpers import formulas, open_page

TITLES = {name: one.title for name, one in SAMPLES.items()}  # what a link calls them
BLOCK, NOISE, HIDDEN = "A first conv block", "Denoising", "Find the hidden kernel"


def sent(page, key: str) -> tuple[dict, np.ndarray, np.ndarray]:
    """What the compare component called `key` was sent: header, pixels before, values after."""

    def walk(node):
        for child in getattr(node, "children", {}).values():
            yield child
            yield from walk(child)

    (message,) = [
        node.proto.bytes
        for node in walk(page.main)
        if node.type == "bidi_component"
        and node.proto.component_name == "image_compare"
        and node.proto.id.endswith(f"-{key}")
    ]
    length = struct.unpack_from("<I", message)[0]
    header = json.loads(message[4 : 4 + length])
    shape = header["before"]
    pixels = np.frombuffer(message, np.uint8, np.prod(shape), 4 + length)
    after = np.frombuffer(message, "<f4", offset=len(message) - 4 * int(np.prod(header["after"])))
    height, width, depth = header["after"]
    return header, pixels.reshape(shape), after.reshape(depth, height, width)


def run_lines(page, pixels: np.ndarray, folder, monkeypatch) -> dict:
    """The names that the printed program leaves, run beside the picture it reads."""
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(folder / "image.png")
    monkeypatch.chdir(folder)
    names: dict = {}
    exec(page.code[0].value, names)
    return names


def text(page) -> str:
    return "\n".join(line.value for line in page.markdown)


LINKS = [
    {},
    {"k": "Box blur", "box_blur_size": "15", "c_channels": "Depthwise", "w_padding": "Half the kernel"},
    {"k": "Gabor", "gabor_angle": "30", "p_pic": TITLES["camera"], "w_stride": "2", "w_dilation": "2"},
    {"k": "Sobel", "c_second": "The same, rotated by 90°", "c_how": "Magnitude", "w_padding": "Half the kernel"},
    {"k": "Sobel", "c_second": "Gaussian blur", "c_how": "Difference", "p_colour": "false"},
    {"k": "Custom", "kt": "1 0 -1; 2 0 -2 | 0 1 0; 0 0 0 | 1/3 0 0; 0 0 1e-3", "w_padding": "Custom", "w_cells": "3"},
    {"k": "Gaussian blur", "w_padding": "Half the kernel", "w_mode": "reflect", "p_noise": "Salt and pepper"},
    {"k": "Motion blur", "motion_blur_angle": "30", "p_crop": "50", "p_across": "0", "p_side": "64"},
]


@pytest.mark.parametrize("link", LINKS)
def test_printed_code_gives_the_shown_output(link, tmp_path, monkeypatch):
    page = open_page("kernels", **link)
    assert not page.exception
    assert not page.error
    _, pixels, after = sent(page, "stage")
    y = run_lines(page, pixels, tmp_path, monkeypatch)["y"][0].numpy()
    assert y.shape == after.shape
    np.testing.assert_allclose(after, y, atol=2e-5)


def test_printed_code_gives_the_shown_angle(tmp_path, monkeypatch):
    page = open_page("kernels", k="Sobel", c_second="The same, rotated by 90°", c_how="Angle")
    _, pixels, after = sent(page, "stage")
    names = run_lines(page, pixels, tmp_path, monkeypatch)
    strong = names["magnitude"][0, 0].numpy() > 0.05
    turn = np.abs(after[0] - names["y"][0, 0].numpy())[strong]
    assert np.minimum(turn, 360 - turn).max() < 0.05
    np.testing.assert_allclose(after[1], names["magnitude"][0, 0].numpy(), atol=1e-4)


@pytest.mark.parametrize("name", PRESETS)
def test_each_case_is_one_click_and_gives_what_the_lesson_says(name):
    page = open_page("kernels", w_stride="3", p_noise="Gaussian", k="Custom")
    page.button(key=f"case-{name}").click().run()
    assert not page.exception
    assert not page.error
    case = PRESETS[name]
    assert page.selectbox(key="p_pic").value == case.picture
    assert page.selectbox(key="k").value == case.kernel
    assert page.slider(key="w_stride").value == 1
    assert case.shows in text(page)
    header, _, after = sent(page, "stage")
    assert header["window"]["padding"] == ([0, 0] if case.padding == "None" else header["window"]["padding"])
    if name == "Step edge":
        assert header["after"] == [50, 48, 1]
        assert set(np.nonzero(after[0])[1]) == {28, 29}
    if name == "Letter X":
        assert header["after"] == [7, 7, 1]
    if name in ("Vertical lines", "Horizontal lines"):
        assert header["after"][:2] == header["before"][:2]
        assert header["scale"] == {"kind": "picture", "bound": 21.0}


def test_opens_on_the_outline_of_the_cat():
    page = open_page("kernels")
    header, _, _ = sent(page, "stage")
    assert header["scale"]["kind"] == "signed"
    assert header["before"] == [170, 256, 3]
    assert header["after"] == [168, 254, 1]
    rule, *sizes = formulas(page)
    assert rule == formula_of(conv_output_size)
    assert [line.partition(" = ")[0] for line in sizes] == [r"H_\text{out}", r"W_\text{out}"]
    assert [line.rpartition("= ")[2] for line in sizes] == ["168", "254"]


def solved(page) -> int:
    return text(page).count("**Solved**")


def test_challenges_of_one_kernel():
    assert solved(open_page("kernels")) == 0
    assert solved(open_page("kernels", k="Sobel")) == 1
    assert solved(open_page("kernels", k="Sobel", w_stride="2")) == 1  # 84 is not half of 170
    assert solved(open_page("kernels", k="Sobel", w_stride="2", w_padding="Half the kernel")) == 2
    assert solved(open_page("kernels", k="Sobel", sobel_angle="90")) == 0


def test_price_and_rank_are_shown():
    page = open_page("kernels", k="Sobel", p_pic=TITLES["edge"], close="true")
    html = "\n".join(found.proto.body for found in page.get("html"))
    assert "Rank 1" in html
    assert f"{48 * 48 * 9:,}" in html
    assert f"{48 * 50 * 3 + 48 * 48 * 3:,}" in html
    assert f"{50 * 50 * 48 * 48:,}" in html


@pytest.mark.parametrize("bank", BANKS)
@pytest.mark.parametrize("link", [{}, {"bl_relu": "false", "bl_pool": "Average", "bl_stride": "3", "bl_size": "4"}])
def test_lines_of_the_block_give_the_shown_numbers(bank, link, tmp_path, monkeypatch):
    page = open_page("kernels", part=BLOCK, bl_bank=bank, b_pic=TITLES["flower"], **link)
    assert not page.exception
    picture = Preprocessing(colour=False, side=96)(sample("flower"))
    y = run_lines(page, picture[..., None], tmp_path, monkeypatch)["y"]
    assert f"{'×'.join(f'{n:,}' for n in y.shape[1:])} = {y.numel():,} values" in text(page)


def test_block_challenge():
    assert solved(open_page("kernels", part=BLOCK)) == 0
    assert solved(open_page("kernels", part=BLOCK, bl_size="3")) == 1


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("picture", ["camera", "flower"])
def test_code_of_the_filter_gives_the_shown_picture(name, picture, tmp_path, monkeypatch):
    page = open_page("kernels", part=NOISE, n_filter=name, n_pic=TITLES[picture], n_size="5")
    assert not page.exception
    _, pixels, after = sent(page, "n-stage")
    np.testing.assert_allclose(after, run_lines(page, pixels, tmp_path, monkeypatch)["y"][0].numpy(), atol=1e-5)
    assert solved(page) == (name == "Median")


def test_hidden_kernel_solved_by_hand_by_least_squares_and_by_learning():
    page = open_page("kernels", part=HIDDEN)
    assert solved(page) == 0
    page.toggle(key="r_solve").set_value(True).run()
    assert "rank **9**" in text(page)
    page.button(key="r_take").click().run()
    assert not page.exception
    assert solved(page) == 1
    page.button(key="d-run-start").click().run()
    assert not page.exception
    assert "Loss **" in text(page)
    assert not page.exception


def test_printed_loop_learns_what_the_race_learns(capsys):
    page = open_page("kernels", part=HIDDEN)
    names: dict = {}
    exec(page.code[0].value, names)
    *_, last = descend(Puzzle(101), Descent())
    np.testing.assert_allclose(names["weight"].detach()[0, 0].numpy(), last.kernel, atol=1e-3)


@pytest.mark.parametrize(
    "link",
    [
        {"k": "Sobol", "p_pic": "nobody", "w_stride": "99", "part": "nowhere", "show": "x"},
        {"k": "Custom", "kt": "1 2; 3"},
        {"k": "Custom", "kt": "|||"},
        {"k": "Custom", "kt": "1 | 1"},
        {"k": "Custom", "kt": "1 2 | 1 2 | 1"},
        {"k": "Gabor", knob_key("Gabor", "sigma"): "nan", "p_crop": "-5", "p_side": "garbage"},
        {"p_pic": TITLES["letter_x"], "k": "Box blur", "box_blur_size": "15"},
        {"p_pic": TITLES["letter_x"], "w_padding": "Custom", "w_cells": "8", "w_mode": "reflect"},
        {"p_pic": TITLES["letter_x"], "w_padding": "Custom", "w_cells": "8", "w_mode": "circular", "w_dilation": "4"},
        {"part": NOISE, "n_size": "4", "n_amount": "1e9", "n_filter": "magic"},
        {"part": BLOCK, "b_pic": TITLES["letter_x"], "bl_bank": "Coarse to fine stripes"},
        {"part": BLOCK, "b_pic": TITLES["letter_x"], "bl_stride": "4", "bl_size": "8"},
        {"part": HIDDEN, "r_number": "-3", "r_size": "7", "r_picture": "?"},
    ],
)
def test_a_spoilt_link_never_ends_in_a_traceback(link):
    page = open_page("kernels", **link)
    assert not page.exception


def test_errors_say_the_way_out():
    page = open_page("kernels", p_pic=TITLES["letter_x"], k="Box blur", box_blur_size="15")
    assert "does not fit" in page.error[0].value
    assert "The rows of the kernel have 2 and 1 numbers" in open_page("kernels", k="Custom", kt="1 2; 3").error[0].value
    assert (
        "does not fit"
        in open_page("kernels", part=BLOCK, b_pic=TITLES["letter_x"], bl_bank="Coarse to fine stripes").error[0].value
    )


def test_every_control_moves_to_its_ends():
    for part in ("One kernel", BLOCK, NOISE, HIDDEN):
        page = open_page("kernels", part=part, k="Gabor", w_padding="Custom", p_crop="50", p_noise="Gaussian")
        for key in [slider.key for slider in page.slider if slider.key != "p_crop"]:  # the whole hides its place
            for end in ("min", "max"):
                found = page.slider(key=key)
                found.set_value(getattr(found, end)).run()
                assert not page.exception, (part, key, end)


def test_helpers_write_the_grid_by_hand():
    page = open_page("kernels", k="Sobel")
    page.session_state["kh"] = True
    page.run()
    page.button(key="h4").click().run()  # rotate by 90 degrees
    assert page.selectbox(key="k").value == "Custom"
    assert (parse(page.text_input(key="kt").value)[0] == np.rot90([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])).all()
    page.button(key="row1").click().run()
    assert parse(page.text_input(key="kt").value).shape == (1, 5, 3)
    page.button(key="own").click().run()
    assert parse(page.text_input(key="kt").value).shape == (3, 5, 3)
    assert not page.exception


def test_a_picture_of_ones_own():
    page = open_page("kernels", p_pic="My own file", k="Identity", w_padding="Half the kernel")
    assert not page.exception
    assert sent(page, "stage")[0]["before"] == [170, 256, 3]  # until then, the cat
    page.file_uploader(key="p_file").upload("mine.png", png(np.full((20, 30, 3), 100, np.uint8)), "image/png").run()
    header, pixels, _after = sent(page, "stage")
    assert header["before"] == [20, 30, 3]
    assert (pixels == 100).all()
    page.file_uploader(key="p_file").upload("mine.png", b"no picture", "image/png").run()
    assert not page.exception
    assert page.error


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
