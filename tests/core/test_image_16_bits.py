"""Grey images of 16 bits: fewer true bits are stretched to white, a dark photograph is left as it is."""

import io

import numpy as np
import pytest
from PIL import Image

from core.datasets import load
from core.images import open_picture
from core.images.opening import decode_square
from tests.core.datasets.containers.archives import FILES, zipped
from tests.core.test_images import encoded

RAMP = np.linspace(0, 1, 1600).reshape(40, 40)


def grey(values: np.ndarray, format: str = "TIFF") -> bytes:
    return encoded(Image.fromarray(values.astype(np.uint16)), format)


@pytest.mark.parametrize("format", ["TIFF", "PNG", "PPM"])
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_a_ramp_of_fewer_bits_goes_from_black_to_white(bits, format):
    picture = open_picture(grey(RAMP * (2**bits - 1), format))
    assert (picture.min(), picture.max()) == (0, 255)
    assert abs(picture[..., 0].astype(int) - 255 * RAMP).max() <= 1
    assert decode_square(grey(RAMP * (2**bits - 1), format), 8).stretched_bits == bits


def test_all_16_bits_stay_as_they_are():
    assert abs(open_picture(grey(RAMP * 65535))[..., 0].astype(int) - 255 * RAMP).max() <= 1
    assert decode_square(grey(RAMP * 65535), 8).stretched_bits is None


@pytest.mark.parametrize("factor", [256, 257])
def test_a_dark_photograph_of_8_bits_that_was_widened_stays_dark(factor):
    dark = np.rint(RAMP * 15)
    assert open_picture(grey(dark * factor)).max() <= 15


def test_a_dark_photograph_with_a_light_in_it_stays_dark():
    dark = np.random.default_rng(0).normal(1500, 200, (200, 200)).clip(0)
    dark[:12, :12] = 40_000
    assert np.median(open_picture(grey(dark))) == pytest.approx(1500 / 257, abs=1)


def test_noise_is_not_stretched_to_full_contrast():
    noise = np.random.default_rng(0).normal(300, 40, (100, 100)).clip(0)
    assert open_picture(grey(noise)).max() < 40
    assert open_picture(grey(noise + 8000)).max() < 40  # 14 bits only where they are nearly reached


def test_single_bright_pixels_of_a_sensor_change_nothing():
    values = np.linspace(0, 4095, 40_000).reshape(200, 200)
    values[7, 7] = 65535
    picture = open_picture(grey(values))
    assert picture[7, 7].tolist() == [255, 255, 255]
    assert picture[199, 199, 0] == 255
    assert decode_square(grey(values), 8).stretched_bits == 12


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_values_of_12_bits_in_32_are_stretched_too(kind):
    buffer = io.BytesIO()
    Image.fromarray((RAMP * 4095).astype(kind)).save(buffer, "TIFF")
    assert open_picture(buffer.getvalue()).max() == 255


def test_a_dataset_says_that_values_were_stretched():
    data = load(zipped({**FILES, "cat/micro.tif": grey(RAMP * 4095), "dog/full.tif": grey(RAMP * 65535)}), 16)
    assert [note for note in data.notes if "12 bits" in note] == [
        "1 grey image holds 12 bits in 16 and was stretched: 4,095 is white in it."
    ]
    assert not any("bits" in note for note in load(zipped(FILES), 16).notes)
