"""What the training page says follows from the recipe, and its program trains to what the page shows."""

import dataclasses
import json
import re
import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import load
from core.optim import OPTIMIZERS
from core.training import (
    NETWORKS,
    RECIPES,
    TrainConfig,
    Trainer,
    batches_per_epoch,
    build_network,
    count_parameters,
    count_trained,
)
from core.training.batches import shuffled, split_of
from core.training.events import Done, Epoch
from core.training.loop import VALIDATION_BATCH
from core.training.recipe.networks import network_of, silent_features
from playground.training import text
from playground.training.evaluation.tabs.export import threads_of
from playground.training.memory import MemoryQuery, needed, peaks

SHOWS = {
    "plan: epochs, batches, steps, updated parameters": "test_the_plan_counts_what_a_run_does",
    "what the network knows at first": "test_a_network_guesses_at_first_where_the_page_says_so",
    "features that are 0": "test_features_are_called_0_where_they_are",
    "why validation accuracy is too high": "test_validation_accuracy_is_called_chosen_only_where_it_chose",
    "recipe and size that own images begin with": (
        "tests/playground/training/test_preselection.py::"
        "test_few_own_images_begin_with_transfer_learning_and_many_do_not"
    ),
    "time before a run": "tests/core/training/test_speed_probe.py::test_the_time_is_that_of_all_images_forward",
    "accuracy to expect": "tests/playground/training/test_outlook.py::test_a_recipe_at_its_own_size_has_an_expectation",
    "chance level": "tests/core/training/test_chance_level.py::"
    "test_a_network_beats_chance_where_its_interval_lies_above",
    "memory before and during a run": "test_measured_memory_lies_within_the_range_that_is_shown",
    "memory of few images": "test_few_images_fill_no_batch",
    "split": "tests/core/datasets/test_load.py::test_a_split_shares_nothing_loses_nothing_and_keeps_the_classes_shares",
    "curves and figures of a run": (
        "tests/core/training/test_train.py::test_equals_a_bare_loop",
        "tests/core/training/test_train.py::test_events_come_in_order_and_their_figures_agree",
    ),
    "classes and counts of a dataset": "tests/pages/test_layouts.py::"
    "test_page_and_command_line_agree_on_classes_and_counts",
    "given splits": "tests/pages/test_layouts.py::test_a_given_split_is_said_and_redrawn_with_a_click",
    "files left out": "tests/pages/test_layouts.py::test_what_was_left_out_opens_with_its_reasons",
    "confusion matrix": "tests/playground/training/test_evaluation.py::test_answers_are_counted_from_the_predictions",
    "each class, most frequent confusions": (
        "tests/playground/training/test_class_tables.py::test_figures_of_classes_add_up_to_the_matrix",
        "tests/playground/training/test_class_tables.py::test_tables_say_the_same_as_the_matrix",
    ),
    "threshold, ROC, precision and recall": (
        "tests/core/training/evaluation/test_thresholds.py::test_curves_and_their_areas_are_those_of_scikit_learn",
        "tests/playground/training/test_quality_tabs.py::test_the_slider_moves_the_matrix_and_the_sentence",
    ),
    "calibration and temperature": (
        "tests/core/training/evaluation/test_calibration.py::test_bins_are_those_of_scikit_learn",
        "tests/core/training/evaluation/test_calibration.py::"
        "test_the_temperature_is_that_of_an_optimizer_and_undoes_the_factor",
        "tests/playground/training/test_quality_tabs.py::test_calibration_says_its_bins_and_its_temperature",
    ),
    "embedding of the last features": (
        "tests/core/training/evaluation/test_embedding.py::test_principal_components_are_those_of_the_singular_values",
        "tests/playground/training/test_quality_tabs.py::test_the_traces_hold_each_image_under_its_class",
    ),
    "ONNX model, TensorBoard log": (
        "tests/core/training/export/test_formats.py::test_onnxruntime_gives_the_probabilities_of_the_app",
        "tests/core/training/export/test_formats.py::test_tensorboard_reads_the_figures_of_the_run",
    ),
    "report of a run": "tests/playground/training/test_report.py::"
    "test_the_report_is_whole_and_says_the_figures_of_the_run",
    "images to predict": "tests/core/training/test_unlabelled.py::"
    "test_every_file_is_predicted_in_its_order_and_a_broken_one_says_why",
    "feature maps": "tests/playground/training/test_evaluation.py::test_a_printed_sum_adds_up",
    "label errors, test set": "tests/playground/training/test_evaluation.py::"
    "test_training_and_test_pictures_are_judged_by_the_worker_as_the_network_judges_them",
    "learning-rate range test": "tests/core/training/test_lr_range_test.py::"
    "test_the_suggestion_is_a_tenth_of_where_the_loss_is_lowest",
    "comparison of runs": "tests/playground/training/test_history.py::test_curves_are_the_epochs_of_the_runs",
    "program": "tests/truth/test_training_program.py::test_the_program_prints_the_figures_of_the_run",
    "script of a finished run": "tests/core/training/test_export.py::test_a_script_ends_with_the_weights_of_its_run",
    "threads of the script": "test_threads_are_read_from_the_description_of_a_run",
    "what the program needs": "tests/truth/test_training_program.py::test_the_program_says_what_it_needs",
    "page and program together": "tests/pages/test_training.py::test_the_printed_lines_are_the_run",
}
KNOBS = {
    "network": st.sampled_from(sorted(NETWORKS)),
    "epochs": st.integers(1, 150),
    "batch_size": st.sampled_from((16, 32, 64, 128, 256)),
    "optimizer": st.sampled_from(sorted(OPTIMIZERS)),
    "patience": st.integers(0, 30),
    "accumulate": st.integers(1, 16),
    "ema": st.sampled_from((0.0, 0.99)),
}
CONFIGS = st.builds(TrainConfig, **KNOBS)


def numbers(sentence):
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", sentence)]


@settings(deadline=None, max_examples=200, derandomize=True)
@given(CONFIGS, st.integers(2, 5_000), st.integers(10, 50_000_000), st.data())
def test_the_plan_counts_what_a_run_does(config, images, parameters, data):
    trained = data.draw(st.sampled_from((parameters, 7)))
    plan = text.Plan(config.epochs, batches_per_epoch(images, config.batch_size), parameters, trained)
    said = text.plan_sentence(plan, config, network_of(config.network))
    epochs, batches, steps, updated, *rest = numbers(said)
    assert epochs * batches == steps == config.epochs * len(shuffled(images, config.batch_size, 0, 0))
    assert (updated, rest) == (trained, [parameters] if trained < parameters else [])
    assert said.startswith("At most") == bool(config.patience)


@pytest.mark.parametrize("name", [*RECIPES, "On what ImageNet taught"])
def test_each_step_updates_the_parameters_that_training_changes(name):
    config = TrainConfig(network=NAMES.get(name, ""), width=8) if name in NAMES else RECIPES[name].config()
    size = 64
    total, trained = (count(config.network, 2, size, config) for count in (count_parameters, count_trained))
    if "frozen" in config.network:
        assert (total, trained) == (3_373_570, 2_562)
    else:
        assert total == trained


NAMES = {"On what ImageNet taught": "EfficientNet-Lite0, frozen"}


@pytest.mark.parametrize("name", ["Small ResNet", "EfficientNet-Lite0, frozen", "EfficientNet-Lite0, fine-tuned"])
def test_only_what_training_changes_is_changed(name):
    config = TrainConfig(network=name, epochs=1, batch_size=16, width=8)
    trainer = Trainer(config, load("sketches", 64, limit=40))
    before = {key: value.clone() for key, value in trainer.model.named_parameters()}
    for event in trainer.run():
        if isinstance(event, Epoch):
            break
    changed = [p.numel() for key, p in trainer.model.named_parameters() if not torch.equal(p, before[key])]
    assert sum(changed) <= count_trained(name, 2, 32, config)
    assert (sum(changed) == 2_562) == (name == "EfficientNet-Lite0, frozen")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_guesses_at_first_where_the_page_says_so(name):
    entry, said = NETWORKS[name], text.beginning(NETWORKS[name])
    assert ("untrained" in said) == (entry.normalization is None)
    assert ("trained on ImageNet" in said) == (entry.normalization is not None)
    if entry.normalization is not None:  # the last layer is zero: every class is as likely
        model = build_network(name, 2, 32)
        assert not model._fc.weight.any()
        assert not model._fc.bias.any()


PRETRAINED = [name for name, entry in NETWORKS.items() if entry.normalization is not None]


@pytest.mark.parametrize(("size", "is_silent"), [(32, True), (64, False)])
def test_features_are_called_0_where_they_are(size, is_silent):
    data, (name, *others) = load("sketches", size, limit=20), PRETRAINED
    silent, count = silent_features(name, data.images)
    assert [silent_features(other, data.images) for other in others] == [(silent, count)]  # the same weights
    model = build_network(name, 2, size).eval()
    read = []
    model._fc.register_forward_pre_hook(lambda module, args: read.append(args[0]))
    with torch.no_grad():
        model((data.images.float() - 127) / 128)
    assert (int((read[0] == 0).all(0).sum()), read[0].shape[1]) == (silent, count)
    said = text.silence(silent, count, len(data.images), size)
    assert bool(said) == is_silent == (silent == count)
    assert silent_features("Small ResNet", data.images) == (0, 0)


def test_a_head_on_silent_features_learns_its_bias_alone():
    config = TrainConfig(network="EfficientNet-Lite0, frozen", epochs=2, batch_size=16, weight_decay=0.0)
    trainer = Trainer(config, load("sketches", 32, limit=40))
    for _ in trainer.run():
        pass
    assert not trainer.model._fc.weight.any()
    assert trainer.model._fc.bias.any()


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.integers(0, 1280), st.integers(1, 64))
def test_silence_is_said_of_most_features_or_all(silent, images):
    said = text.silence(silent, 1280, images, 32)
    assert bool(said) == (silent > 0.9 * 1280)
    assert ("all 1,280 features" in said) == ("its bias alone" in said) == (silent == 1280)
    assert not said or silent == 1280 or f"{silent:,} of the 1,280 features" in said


@pytest.mark.parametrize("reason", ["finished", "early", "stopped"])
@pytest.mark.parametrize("patience", [0, 1, 5])
def test_validation_accuracy_is_called_chosen_only_where_it_chose(patience, reason):
    said = text.bias_of_validation(TrainConfig(patience=patience), reason)
    chooses = patience > 0 and reason != "stopped"
    assert ("those of the epoch with the lowest" in said) == chooses
    assert ("chose nothing" in said) == (not chooses)


def test_a_run_without_patience_keeps_its_last_weights_and_one_with_it_its_best():
    data = load("sketches", 16, limit=60)
    for patience in (0, 2):
        config = TrainConfig(
            epochs=6, batch_size=16, width=8, learning_rate=0.3, patience=patience, schedule="Constant"
        )
        events = list(Trainer(config, data).run())
        losses = [event.val_loss for event in events if isinstance(event, Epoch)]
        done = events[-1]
        assert isinstance(done, Done)
        assert done.val_loss == pytest.approx(min(losses) if patience else losses[-1])


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.integers(1, 10**11), st.integers(0, 10**11), st.sampled_from(("cpu", "cuda")), st.booleans())
def test_memory_sentences_say_one_prediction_and_a_range_above_it(tensors, measured, kernels, is_known):
    most = text.most_growth(tensors, kernels)
    assert most > tensors
    before = text.needed_sentence(tensors, kernels, measured if is_known else None)
    after = text.measured_sentence(measured, tensors if is_known else None, kernels)
    assert ("are free" in before) == is_known
    assert ("predicted" in after) == is_known
    for sentence in (before, after) if is_known else (before,):
        assert text.units.decimal(tensors) in sentence
        assert text.units.decimal(most) in sentence


MEASURE = """
import json, sys
import torch
torch.set_num_threads(2)
from core.datasets import load
from core.jobs.worker.memory_meter import MemoryMeter
from core.training import TrainConfig, Trainer
trainer = Trainer(TrainConfig(**json.loads(sys.argv[1])), load("sketches", 32, limit=100))
meter = MemoryMeter("cpu", sum(p.numel() * p.element_size() for p in trainer.model.parameters()))
for event in trainer.run():
    meter.read()
print(meter.read()[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
@pytest.mark.parametrize("settings", [{"width": 8, "test_share": 0.2}])
def test_measured_memory_lies_within_the_range_that_is_shown(settings):
    config = TrainConfig(epochs=1, **settings)
    train, val, _ = map(len, split_of(config, load("sketches", 8, limit=100)))
    tensors = needed(MemoryQuery(config, 2, 32, "cpu", min(train, config.batch_size), val))
    command = [sys.executable, "-c", MEASURE, json.dumps(settings | {"epochs": 1})]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    assert tensors <= int(run.stdout) <= text.most_growth(tensors, "cpu")


def test_few_images_fill_no_batch():
    config = TrainConfig(width=8, batch_size=256)
    full, few = (MemoryQuery(config, 2, 32, "cpu", *counts) for counts in ((256, 256), (40, 10)))
    assert all(less < more for less, more in zip(peaks(few), peaks(full), strict=True))
    mirrored = dataclasses.replace(full, config=dataclasses.replace(config, test_flip=True))
    assert peaks(mirrored)[1] - peaks(full)[1] >= VALIDATION_BATCH * 3 * 32 * 32 * 4
    assert peaks(mirrored)[0] == peaks(full)[0]


def test_threads_are_read_from_the_description_of_a_run():
    data = load("sketches", 16, limit=20)
    began = next(Trainer(TrainConfig(epochs=1, width=8), data).run())
    assert threads_of(began.setting) == torch.get_num_threads()
    assert threads_of(("12 threads", "fp32")) == 12
    assert threads_of(("NVIDIA H200", "TF32 off")) == threads_of(()) == 0
