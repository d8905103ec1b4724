"""The home page: the kernel that slides over the cat gives what PyTorch's convolution gives, at every place."""

import base64

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from core.images import sample
from playground import catalog
from playground.components.sliding_kernel.cat import EYE, SIZE, cat
from tests.pages.helpers import components, open_page

SHOWS = {
    "cat: the photograph": "test_the_cat_is_the_photograph",
    "cat: nine pixels, nine weights, their sum": "tests/browser/test_sliding_kernel.py::"
    "test_numbers_under_the_pointer_are_pytorchs",
    "cat: the picture at one end of the slider, its outline at the other": "test_the_outline_is_what_appears",
    "cat: the outline to come, pale, and what its colours mean": "tests/browser/test_sliding_kernel.py::"
    "test_the_outline_to_come_is_pale_and_its_colours_are_named",
    "cat: what moves, and when": "tests/browser/test_sliding_kernel.py::"
    "test_it_plays_by_itself_pauses_and_follows_the_arrow_keys",
    "lessons and tools": "test_every_lesson_has_its_card",
}


def outputs(n):
    """All outputs for a position of the slider, float64 (78, 118)."""
    kernel = torch.full((1, 1, 3, 3), -n / 64, dtype=torch.float64)
    kernel[0, 0, 1, 1] = 1
    return F.conv2d(torch.tensor(cat(), dtype=torch.float64)[None, None], kernel)[0, 0].numpy()


def test_the_cat_is_the_photograph():
    grey = Image.fromarray(sample("chelsea")).convert("L").resize(SIZE, Image.Resampling.LANCZOS)
    assert np.array_equal(cat(), np.asarray(grey))
    page = open_page("home")
    (data,) = components(page, "sliding_kernel")
    sent = np.frombuffer(base64.b64decode(data["pixels"]), np.uint8).reshape(data["height"], data["width"])
    assert np.array_equal(sent, cat())
    assert tuple(data["rest"]) == EYE


def test_the_outline_is_what_appears():
    """At one end of the slider is the picture; at the other most values are near 0, and only edges are left."""
    assert abs(np.median(outputs(8))) < 3 < np.abs(outputs(8)).max()
    assert np.array_equal(outputs(0), cat()[1:-1, 1:-1])


@pytest.mark.parametrize("lesson", catalog.LESSONS, ids=lambda one: one.file)
def test_every_lesson_has_its_card(lesson):
    page = open_page("home")
    shown = "\n".join([*(one.value for one in page.markdown), *(one.value for one in page.get("html"))])
    links = [one.proto.label for one in page.get("page_link")]
    assert lesson.title in shown or any(lesson.title in label for label in links)
