"""The page on a whole network: what is said and drawn of it is what PyTorch computes."""

import re

import pytest
import torch

from core.lessons.inspect_network import INCLUDED, included_network
from core.percent import percent
from tests.pages.helpers import open_page

LOSS = "tests/truth/test_inspect_network_loss.py"
FIELDS = "tests/truth/test_inspect_network_fields.py"
OWN_CLASSES = "tests/truth/test_inspect_network_own_classes.py"
SHOWS = {
    "the prediction in words": "test_the_prediction_is_that_of_the_network",
    "Softmax and loss: table, sentence and sums": (
        f"{LOSS}::test_table_and_sentence_are_what_pytorch_gives",
        f"{LOSS}::test_page_shows_the_networks_own_logits",
        "tests/core/lessons/inspect_network/test_softmax.py::test_every_column_is_what_pytorch_gives",
    ),
    "Softmax and loss: formulas": f"{LOSS}::test_formulas_have_the_numbers_of_the_table",
    "Softmax and loss: sigmoid of two classes": (
        "tests/core/lessons/inspect_network/test_softmax.py::test_two_classes_are_a_sigmoid"
    ),
    "Softmax and loss: float32 without and with the maximum": (
        f"{LOSS}::test_table_and_sentence_of_float32_say_where_nan_begins"
    ),
    "Softmax and loss: products behind a logit": (
        f"{LOSS}::test_products_and_bias_add_up_to_the_logit_of_the_network",
        "tests/core/lessons/inspect_network/test_logit.py::test_products_and_bias_are_the_networks_logits",
    ),
    "Softmax and loss: code": f"{LOSS}::test_programs_print_the_table",
    "Softmax and loss: challenge": (
        f"{LOSS}::test_challenge_is_solved_by_one_logit_and_not_before",
        f"{LOSS}::test_challenge_asks_for_half_of_a_loss_or_for_one_nat",
    ),
    "Receptive field: frames, effective map and words": (
        f"{FIELDS}::test_component_has_the_fields_of_theory_and_of_the_gradient"
    ),
    "Receptive field: table": f"{FIELDS}::test_table_has_a_row_for_each_layer_of_the_component",
    "Receptive field: which layer sees the whole image": (
        f"{FIELDS}::test_sentence_names_the_first_layer_that_sees_everything"
    ),
    "Receptive field: cone, sentence and formulas of a stack": f"{FIELDS}::test_cone_and_sentence_count_the_pixels",
    "Receptive field: code": f"{FIELDS}::test_program_prints_size_and_pixels_read",
    "Receptive field: challenge": f"{FIELDS}::test_challenge_is_solved_by_stride_2_and_not_before",
    "My classes: training, accuracy and loss in words": (
        f"{OWN_CLASSES}::test_words_count_what_the_network_classifies",
        "tests/core/lessons/inspect_network/test_own_classes.py::test_head_is_the_minimum_that_scikit_learn_finds",
    ),
    "My classes: probabilities and heat map": f"{OWN_CLASSES}::test_prediction_and_map_are_the_networks",
    "My classes: the camera, live": "tests/browser/test_live_camera.py::test_camera_is_classified_as_long_as_it_runs",
}


@pytest.mark.parametrize("name", INCLUDED)
def test_the_prediction_is_that_of_the_network(name):
    page = open_page("inspect_network", network=INCLUDED[name].title, input="Included image", picture="5")
    assert not page.exception
    (words,) = [block.value for block in page.markdown if block.value.startswith("The network says")]
    images, _ = INCLUDED[name].test_images()
    shares = torch.softmax(included_network(name)(images[5:6] / 255)[0], 0)
    best = int(shares.argmax())
    said, share = re.fullmatch(r"The network says \*\*(.+)\*\* with (.+)\.", words).groups()
    assert (said, share) == (INCLUDED[name].classes[best], percent(float(shares[best])))
