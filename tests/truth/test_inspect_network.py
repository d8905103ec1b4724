"""The page on a whole network: what is said and drawn of it is what PyTorch computes."""

import re

import pytest
import torch

from core.lessons.inspect_network import INCLUDED, included_network
from core.percent import percent
from tests.pages.helpers import open_page

LOSS = "tests/truth/test_inspect_network_loss.py"
FIELDS = "tests/truth/test_inspect_network_fields.py"
WHY = "tests/truth/test_inspect_network_why.py"
METHODS = "tests/core/explain/test_methods.py"
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
    "Why: prediction, and the map of each method": (
        f"{WHY}::test_the_maps_are_those_of_the_methods",
        f"{METHODS}::test_integrated_gradients_are_captums",
        f"{METHODS}::test_smooth_grad_is_captums_with_the_same_noise",
        f"{METHODS}::test_guided_backprop_is_captums",
        f"{METHODS}::test_occlusion_is_captums",
        f"{METHODS}::test_grad_cam_plus_plus_takes_the_higher_derivatives_of_the_paper",
        f"{METHODS}::test_score_cam_is_its_formula_written_out",
        "tests/core/explain/test_maps.py::test_grad_cam_agrees_with_captum_at_every_convolution",
    ),
    "Why: a method that does not fit": (
        f"{WHY}::test_a_method_that_does_not_fit_says_why_and_the_class_is_the_chosen_one"
    ),
    "Why: largest value and code": f"{WHY}::test_each_program_prints_the_largest_value_of_its_map",
    "Why: maps and correlations after the weights are shuffled": (
        f"{WHY}::test_shuffled_weights_table_titles_and_sentence_are_one_figure",
        f"{WHY}::test_the_sentence_on_shuffled_weights_follows_the_table",
        "tests/core/explain/test_sanity_check.py::test_rank_correlation_is_scipys",
    ),
    "Why: insertion, deletion and the boxes of the ears": (
        f"{WHY}::test_the_table_of_the_page_is_measured_on_images_of_its_network",
        f"{WHY}::test_the_best_of_the_sentence_are_the_best_of_the_table",
        "tests/core/lessons/inspect_network/test_why.py::test_figures_are_means_over_the_images",
        "tests/core/explain/test_insertion_deletion.py::test_deletion_of_equal_pixels_is_the_closed_form",
    ),
    "Why: a small step, its chart and its challenge": (
        f"{WHY}::test_the_step_of_the_page_is_the_one_that_pytorch_takes",
        f"{WHY}::test_the_sentences_on_a_step",
        "tests/core/explain/test_adversarial.py::test_a_step_is_captums",
        "tests/core/explain/test_adversarial.py::test_the_smallest_step_of_a_linear_network_is_its_margin_over_the_weights",
    ),
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
