"""The page on a whole network: what is sent and drawn of it is what PyTorch computes."""

import base64

import numpy as np
import pytest
import torch

from core.lessons.inspect_network import INCLUDED, columns_of, included_network, maps_of, trace, training_snapshots
from core.models.efficient.pretrained import preprocess, pretrained_efficientnet_lite0
from core.receptive_field import receptive_fields
from core.training import build_network, seeding
from playground.components.feature_columns import SHOWN, ColumnsView
from playground.inspect_network import network_view, text, untrained
from tests.pages.helpers import components, open_page

CORE = "tests/core/lessons/inspect_network"
RUN = "tests/playground/inspect_network/test_finished_run.py"
BROWSER = "tests/browser/test_inspect_network.py"
LOSS = "tests/truth/test_inspect_network_loss.py"
FIELDS = "tests/truth/test_inspect_network_fields.py"
WHY = "tests/truth/test_inspect_network_why.py"
METHODS = "tests/core/explain/test_methods.py"
OWN_CLASSES = "tests/truth/test_inspect_network_own_classes.py"
SHOWS = {
    "feature maps and scores of a small network": f"{BROWSER}::test_the_browser_computes_what_pytorch_does",
    "feature maps and scores of a large network": "test_the_maps_of_a_large_network_are_those_of_pytorch",
    "the sum of a cell, its terms, rounding and later layers": (
        f"{BROWSER}::test_the_browser_computes_what_pytorch_does",
        f"{CORE}/test_activations.py::test_parts_add_up_to_every_cell",
    ),
    "the stepper on a map: products, bias, later layers": (
        f"{BROWSER}::test_the_browser_computes_what_pytorch_does",
        f"{CORE}/test_activations.py::test_padding_is_told_from_the_cells_of_a_source",
    ),
    "scale and shift of a normalization": (
        f"{CORE}/test_activations.py::test_scale_and_shift_are_what_the_normalization_does"
    ),
    "three clicks from a drawing to the sum of a cell": (
        f"{BROWSER}::test_from_a_drawing_to_the_sum_of_a_cell_in_three_clicks"
    ),
    "training steps, and how many test images are right at each": (
        "test_steps_of_the_training_are_sent_with_their_weights",
        f"{CORE}/test_networks.py::test_the_steps_of_the_training_recognize_as_many_test_images_as_is_said",
        "test_a_checkpoint_that_the_browser_asks_for_is_the_one_that_is_sent",
    ),
    "the pixels that a cell sees": (
        "test_what_a_cell_sees_is_its_receptive_field",
        f"{CORE}/test_activations.py::test_no_pixel_outside_of_its_span_changes_a_cell",
    ),
    "the image and its true class": "test_the_image_and_its_class_are_those_of_the_test_set",
    "first filters, and maps that are dead": (
        "test_filters_and_dead_maps_are_those_of_the_network",
        f"{CORE}/test_activations.py::test_dead_maps_are_zero_for_every_image",
    ),
    "a finished run, its image, and its weights before training and after some epochs": (
        f"{RUN}::test_a_link_names_the_run_and_an_image",
        f"{RUN}::test_before_training_it_has_the_weights_that_its_seed_draws",
        f"{RUN}::test_after_an_epoch_it_has_the_weights_that_the_run_kept",
    ),
    "an untrained network, and the sentence that it is one": (
        "test_an_untrained_network_says_so_and_is_the_one_that_a_run_begins_with"
    ),
    "the sentence on colours and where the maps are computed": "test_the_caption_says_where_the_maps_are_computed",
    "the sentence on a run that cannot be opened": (
        f"{RUN}::test_the_link_of_a_run_that_is_not_there_opens_the_page_and_the_page_says_so"
    ),
    "what to do where there is no image yet": "test_without_an_image_the_page_says_what_to_do",
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
        f"{LOSS}::test_challenge_asks_for_what_a_change_of_one_logit_can_reach",
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
    "Why: the adversarial step, its chart and its challenge": (
        f"{WHY}::test_the_step_of_the_page_is_the_one_that_pytorch_takes",
        f"{WHY}::test_the_sentences_on_a_step",
        "tests/core/explain/test_adversarial.py::test_a_step_is_captums",
        "tests/core/explain/test_adversarial.py::test_the_smallest_step_of_a_linear_network_is_its_margin_over_the_weights",
    ),
    "My classes: training, accuracy and loss in words": (
        f"{OWN_CLASSES}::test_words_count_what_the_network_classifies",
        "tests/core/lessons/inspect_network/test_own_classes.py::test_head_is_the_minimum_that_scikit_learn_finds",
    ),
    "My classes: probabilities and heat map": f"{OWN_CLASSES}::test_prediction_and_map_are_the_networks",
    "My classes: the camera, live": "tests/browser/test_live_camera.py::test_camera_is_classified_as_long_as_it_runs",
}


def sent(name: str, picture: int = 5, **query: str) -> dict:
    page = open_page("inspect_network", network=name, input="Included image", picture=str(picture), **query)
    assert not page.exception
    (data,) = components(page, "feature_columns")
    return data


def floats(packed: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed), "<f4")


@pytest.mark.parametrize("name", INCLUDED)
def test_the_image_and_its_class_are_those_of_the_test_set(name):
    data = sent(INCLUDED[name].title)
    images, labels = INCLUDED[name].test_images()
    assert data["label"] == int(labels[5])
    assert data["classes"] == list(INCLUDED[name].classes)
    np.testing.assert_array_equal(floats(data["x"]["values"]).reshape(data["x"]["shape"]), images[5] / 255)
    pixels = np.frombuffer(base64.b64decode(data["picture"]["values"]), np.uint8)
    shown = pixels.reshape(data["picture"]["height"], data["picture"]["width"], 3)
    np.testing.assert_array_equal(shown, images[5].expand(3, -1, -1).permute(1, 2, 0))


@pytest.mark.parametrize("name", INCLUDED)
def test_steps_of_the_training_are_sent_with_their_weights(name):
    data = sent(INCLUDED[name].title)
    snapshots = training_snapshots(name)
    assert [one["result"] for one in data["checkpoints"]] == [
        f"{one.right} of {INCLUDED[name].tests} test images right" for one in snapshots
    ]
    titles = [one["title"] for one in data["checkpoints"]]
    assert (titles[0], titles[-1]) == ("Before training", "Trained")
    assert titles[1:-1] == [f"After step {one.step}" for one in snapshots[1:-1]]
    assert data["checkpoint"] == len(snapshots) - 1
    for program, snapshot in zip(data["programs"], snapshots, strict=True):
        np.testing.assert_array_equal(
            floats(program[0]["weight"]["packed"]).reshape(program[0]["weight"]["shape"]), snapshot.model[0].weight
        )


def test_a_checkpoint_that_the_browser_asks_for_is_the_one_that_is_sent(monkeypatch):
    wanted = ColumnsView(None, (), "digits", 2)
    monkeypatch.setattr(network_view, "view_of", lambda key: wanted)
    data, (_, _, snapshot, *_) = sent("Digits"), training_snapshots("digits")
    assert data["checkpoint"] == 2
    images, _ = INCLUDED["digits"].test_images()
    layers = trace(snapshot.model, images[5:6] / 255)
    assert [one["bound"] for one in data["columns"]] == [
        float(layers[one.layers[-1]].output.abs().max()) for one in columns_of(layers)
    ]


def test_the_maps_of_a_large_network_are_those_of_pytorch():
    data = sent("EfficientNet-Lite0", picture=0)
    pixels = np.frombuffer(base64.b64decode(data["picture"]["values"]), np.uint8).reshape(224, 224, 3)
    x_BCHW = preprocess(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None])
    model = pretrained_efficientnet_lite0()
    layers = trace(model, x_BCHW)
    with torch.no_grad():
        np.testing.assert_allclose(floats(data["scores"]), model(x_BCHW)[0], atol=1e-4)
    columns = columns_of(layers)
    drawn = [at for at, column in enumerate(data["columns"]) if column["values"] is not None]
    assert len(drawn) == len({column.stage for column in columns})
    for at in drawn:
        shown, maps = data["columns"][at], maps_of(layers[columns[at].layers[-1]].output)
        assert shown["shape"] == list(maps.shape)
        assert len(shown["channels"]) == min(SHOWN, len(maps))
        values = floats(shown["values"]).reshape(len(shown["channels"]), *shown["sent"])
        share = [side // small for side, small in zip(maps.shape[1:], shown["sent"], strict=True)]
        means = torch.nn.functional.avg_pool2d(maps[shown["channels"]], share)
        np.testing.assert_allclose(values, means, atol=1e-4)
        strength = maps.abs().mean((1, 2))
        assert strength[shown["channels"]].min() >= strength.sort(descending=True).values[len(shown["channels"]) - 1]


def test_an_untrained_network_says_so_and_is_the_one_that_a_run_begins_with():
    page = open_page("inspect_network", network="ResNet-18, untrained", picture="1")
    assert not page.exception
    assert untrained.NOTE in [note.value for note in page.info]
    (data,) = components(page, "feature_columns")
    with seeding.seeded_globally(0, seeding.Purpose.INITIALIZATION):
        model = build_network("ResNet-18", 2, 64).eval()
    pixels = np.frombuffer(base64.b64decode(data["picture"]["values"]), np.uint8).reshape(1, 64, 64, 3)
    x_BCHW = (torch.from_numpy(pixels.copy()).permute(0, 3, 1, 2) - 127.5) / 127.5
    with torch.no_grad():
        np.testing.assert_allclose(floats(data["scores"]), model(x_BCHW)[0], atol=1e-4)
    stages = {column["stage"] for column in data["columns"]}
    drawn = [column for column in data["columns"] if column["values"] is not None]
    assert len(drawn) == len(stages) < len(data["columns"])
    assert max(len(column["channels"]) for column in drawn) == SHOWN


@pytest.mark.parametrize("name", INCLUDED)
def test_what_a_cell_sees_is_its_receptive_field(name):
    data = sent(INCLUDED[name].title)
    model = included_network(name)
    fields = {field.name: field for field in receptive_fields(model, tuple(data["x"]["shape"]))}
    compared = 0
    for column in data["columns"]:
        field = fields[column["layers"][-1]["name"]]
        if column["shape"][1] > 1:
            assert column["spans"] == [[list(cell) for cell in side.cells] for side in field.sides]
            compared += 1
        else:
            assert [len(side) for side in column["spans"]] == [1, 1]
    assert compared >= 4


@pytest.mark.parametrize(("way", "says"), [("Upload", "Choose an image file"), ("Camera", "Take a photo")])
def test_without_an_image_the_page_says_what_to_do(way, says):
    page = open_page("inspect_network", input=way)
    assert not page.exception
    assert [one.value.startswith(says) for one in page.info] == [True]
    assert not page.tabs


def test_kernels_are_spoken_of_where_the_first_maps_are_drawn():
    subject = untrained.sources()["Small ResNet"]
    subject = subject.subject(*subject.picture(0)[:1], "", None)
    columns = network_view.traced_subject(subject).columns
    assert network_view.first_kernel_channels(columns, ColumnsView(), subject) == 0
    assert network_view.first_kernel_channels(columns, ColumnsView(open=(columns[0].stage,)), subject) == 3


def test_the_caption_says_where_the_maps_are_computed():
    page = open_page("inspect_network", network="EfficientNet-Lite0")
    assert text.colours(False, False) in [caption.value for caption in page.caption], "its first maps are folded"
    assert "grey is a weight of zero" in text.colours(False, False, 3)
    page = open_page("inspect_network")
    assert text.colours(True, True, 1) in [caption.value for caption in page.caption]
    assert "purple weights are positive, green negative" in text.colours(True, True, 1)
    assert "kernel" not in text.colours(True, True)
    assert "your browser" in text.colours(True, True)
    assert "folded" in text.colours(False, False)
    assert "folded" not in text.colours(False, True)


@pytest.mark.parametrize("spoilt", [None, 3, [], {"chosen": "x"}, {"chosen": [1], "open": 4}, {"chosen": [1, "2"]}])
def test_whatever_a_browser_says_of_a_choice_is_read_as_none(spoilt):
    assert ColumnsView.of(spoilt) == ColumnsView()


def test_a_choice_is_read():
    sent = {"chosen": [3, 4], "open": [0, "x", 2]}
    assert ColumnsView.of(sent) == ColumnsView((3, 4), (0, 2))
    assert ColumnsView.of(sent | {"network": "digits", "checkpoint": 2}) == ColumnsView((3, 4), (0, 2), "digits", 2)
    assert ColumnsView.of(sent | {"network": "digits", "checkpoint": "2"}) == ColumnsView((3, 4), (0, 2))


def test_filters_and_dead_maps_are_those_of_the_network():
    large = sent("EfficientNet-Lite0", picture=1)
    (first,) = [column for column in large["columns"] if column["filters"]]
    weight = pretrained_efficientnet_lite0()._conv_stem.weight.detach()[first["channels"]]
    np.testing.assert_array_equal(floats(first["filters"]["values"]).reshape(first["filters"]["shape"]), weight)
    data = sent("Digits")
    images, _ = INCLUDED["digits"].test_images()
    model, tried = included_network("digits"), data["tried"]
    with torch.no_grad():
        after_relu = model[:2](images[[number * len(images) // tried for number in range(tried)]] / 255)
    assert data["columns"][0]["dead"] == [k for k in range(6) if not after_relu[:, k].any()]
    assert tried > 20
