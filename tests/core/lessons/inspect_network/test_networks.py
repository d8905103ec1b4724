"""The networks that come with the page: their weights belong to them, are small, and are as good as the page says."""

import pytest
import torch
from safetensors.torch import load_file

from core.datasets.builtin import sketch_images
from core.lessons.inspect_network import INCLUDED, included_network, networks, training_snapshots
from core.lessons.inspect_network.networks import DIGIT_SIDE, correct, snapshots_file, weights_file
from core.lessons.inspect_network.strokes import drawn_digits
from core.lessons.inspect_network.train import SNAPSHOTS, train, weights_of

NAMES = list(INCLUDED)
# Thousands of sketches are drawn to train on, which takes ten seconds; digits are read.
TRAINED = [name if name == "digits" else pytest.param(name, marks=pytest.mark.soak) for name in NAMES]


@pytest.mark.parametrize("name", TRAINED)
def test_the_script_makes_a_network_of_these_shapes(name):
    for _, model in train(name, steps=1):
        trained = weights_of(model)
    stored = load_file(weights_file(name))
    assert {key: value.shape for key, value in trained.items()} == {key: value.shape for key, value in stored.items()}
    assert max(file(name).stat().st_size for file in (weights_file, snapshots_file)) < 100_000


@pytest.mark.parametrize("name", NAMES)
def test_the_steps_of_the_training_recognize_as_many_test_images_as_is_said(name):
    snapshots = training_snapshots(name)
    assert [one.step for one in snapshots] == [*SNAPSHOTS, INCLUDED[name].steps]
    assert [one.right for one in snapshots] == [correct(name, one.model) for one in snapshots]
    first, last = snapshots[0].right, snapshots[-1].right
    assert first / INCLUDED[name].tests < 1.3 / len(INCLUDED[name].classes)
    assert last / INCLUDED[name].tests > 0.95


@pytest.mark.parametrize("name", TRAINED)
def test_no_test_image_was_trained_with(name):
    network = INCLUDED[name]
    trained_with = {image.numpy().tobytes() for image in network.training_images()[0]}
    assert (
        sum(image.numpy().tobytes() in trained_with for image in network.test_images()[0]) <= 1
    )  # two digits are twins


@pytest.mark.parametrize("name", NAMES)
def test_an_included_network_is_shared_and_cannot_learn(name):
    model = included_network(name)
    assert model is included_network(name)
    assert model is training_snapshots(name)[-1].model
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())
    images, _ = INCLUDED[name].test_images()
    assert model(images[:2] / 255).shape == torch.Size([2, len(INCLUDED[name].classes)])


def test_the_digits_network_is_surer_of_what_it_gets_right():
    images, labels = INCLUDED["digits"].test_images()
    probabilities = included_network("digits")(images / 255).softmax(1)
    confidence, predicted = probabilities.max(1)
    right = predicted == labels
    assert confidence[right].mean() > 0.88
    assert confidence[~right].mean() < 0.7


def test_what_a_pen_draws_is_recognized_wherever_it_is_and_however_thick():
    images, labels = drawn_digits(400, DIGIT_SIDE, seed=1)
    with torch.no_grad():
        recognized = included_network("digits")(images / 255).argmax(1) == labels
    assert recognized.float().mean() > 0.97
    assert recognized[labels == 7].float().mean() > 0.9


def test_drawings_are_light_strokes_on_dark_and_the_same_for_a_seed():
    images, labels = drawn_digits(60, DIGIT_SIDE, seed=2)
    assert images.shape == (60, 1, DIGIT_SIDE, DIGIT_SIDE)
    assert labels.bincount().tolist() == [6] * 10
    lit = images > 127
    assert (lit.sum((1, 2, 3)) > 10).all()
    assert (lit.float().mean((1, 2, 3)) < 0.6).all()
    assert torch.equal(images, drawn_digits(60, DIGIT_SIDE, seed=2)[0])


@pytest.mark.parametrize("name", INCLUDED)
def test_the_network_is_sure_of_the_image_that_is_shown_first(name):
    network = INCLUDED[name]
    images, labels = network.test_images()
    x = images[[network.example]].float() / 255
    probabilities = included_network(name)(x).softmax(1)[0]
    assert float(probabilities[labels[network.example]]) > 0.9


@pytest.mark.parametrize("name", INCLUDED)
def test_one_test_image_is_the_same_as_among_all(name):
    network = INCLUDED[name]
    images, labels = network.test_images()
    for number in (0, 7, network.tests - 1):
        image, label = network.test_image(number)
        assert torch.equal(image, images[number])
        assert label == labels[number]


def test_one_sketch_is_drawn_without_the_others(monkeypatch):
    drawn, sketch = [], networks.sketch
    monkeypatch.setattr(networks, "sketch", lambda *given: drawn.append(given) or sketch(*given))
    networks._test_sketch.cache_clear()
    INCLUDED["sketches"].test_image(3)
    INCLUDED["sketches"].test_boxes(3)
    assert len(drawn) == 1


def test_the_sketches_for_testing_are_those_of_the_data_set():
    images, labels, _ = sketch_images(networks.SKETCH_SIDE, networks.TEST_SKETCHES, seed=1)
    assert torch.equal(INCLUDED["sketches"].test_images()[0], images)
    assert torch.equal(INCLUDED["sketches"].test_images()[1], labels)
