"""Links shared before words on the screen changed open the state that they meant."""

import pytest

from playground import catalog, link_aliases
from tests.pages.helpers import open_page

# page file, what the address held then, what the controls hold now
LINKS = [
    # kernels
    ("kernels", {"k": "By hand", "kt": "1 0 -1; 1 0 -1"}, {"k": "Custom", "kt": "1 0 -1; 1 0 -1"}),
    (
        "kernels",
        {"k": "Light to dark", "p_pic": "Light meets dark, drawn"},
        {"k": "Horizontal difference", "p_pic": "edge"},
    ),
    (
        "kernels",
        {"p_pic": "The letter X, drawn", "w_padding": "by hand", "w_cells": "2"},
        {"p_pic": "letter_x", "w_padding": "custom", "w_cells": 2},
    ),
    ("kernels", {"c_channels": "kept apart", "show": "signed colour"}, {"c_channels": "depthwise", "show": "signed"}),
    ("kernels", {"c_channels": "added up", "show": "what fits"}, {"c_channels": "summed", "show": "automatic"}),
    (
        "kernels",
        {"c_second": "the same, turned by 90°", "c_how": "angle"},
        {"c_second": "the same, rotated by 90°", "c_how": "angle"},
    ),
    ("kernels", {"c_second": "Light to dark"}, {"c_second": "Horizontal difference"}),
    ("kernels", {"k": "Gabor", "gabor_angle": "30", "w_stride": "2"}, {"k": "Gabor", "gabor_angle": 30, "w_stride": 2}),
    (
        "kernels",
        {"part": "A first CNN block", "bl_bank": "Edges, eight ways"},
        {"part": "A first conv block", "bl_bank": "Edges in 8 directions"},
    ),
    (
        "kernels",
        {"part": "A first CNN block", "bl_bank": "Stripes, eight ways", "b_pic": "Light meets dark, drawn"},
        {"bl_bank": "Stripes in 8 directions", "b_pic": "edge"},
    ),
    (
        "kernels",
        {"part": "A first CNN block", "bl_bank": "Coarse to fine", "bl_size": "3"},
        {"bl_bank": "Coarse to fine stripes", "bl_size": 3},
    ),
    ("kernels", {"part": "A first CNN block", "bl_bank": "A bit of everything"}, {"bl_bank": "Mixed"}),
    (
        "kernels",
        {"part": "Against noise", "n_filter": "nothing", "n_amount": "20"},
        {"part": "Denoising", "n_filter": "none", "n_amount": 20},
    ),
    (
        "kernels",
        {"part": "The hidden kernel", "r_picture": "lone dots", "d_picture": "lone dots"},
        {"part": "Find the hidden kernel", "r_picture": "single dots", "d_picture": "single dots"},
    ),
    # convolution: in tests/pages/test_convolution.py, for its state is not in session_state
    # dense_to_conv
    ("dense_to_conv", {"dc_kernel": "Nine different", "dc_size": "8"}, {"dc_kernel": "1 to 9", "dc_size": 8}),
    (
        "dense_to_conv",
        {"dc_kernel": "Vertical edge", "dc_shape": "Cross"},
        {"dc_kernel": "Vertical edge", "dc_shape": "Cross"},
    ),
    ("dense_to_conv", {"dc_right": "-2", "dc_down": "1", "dc_out": "3"}, {"dc_right": -2, "dc_down": 1, "dc_out": 3}),
    ("dense_to_conv", {"dc_ch": "colour", "dc_side": "64", "dc_k": "5"}, {"dc_ch": "3", "dc_side": 64, "dc_k": 5}),
    # pooling
    # upsampling
    # activations
    # gradients
    # initialization
    # optimizers
    # normalization
    # dropout
    # augmentation
    # calculator
    # training
]


@pytest.mark.parametrize(("page", "query", "state"), LINKS)
def test_an_old_link_opens_the_state_it_meant(page, query, state):
    app = open_page(page, **query)
    assert not app.exception
    assert {key: app.session_state[key] for key in state} == state


def test_every_alias_is_of_a_page_in_the_catalogue():
    assert set(link_aliases.ALIASES) <= {lesson.file for lesson in catalog.LESSONS}
