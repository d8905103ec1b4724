"""The networks that come with the page: their weights belong to them, are small, and are as good as the page says."""

import pytest
import torch
from safetensors.torch import load_file

from core.lessons.inspect_network import INCLUDED, accuracy_on_test_images, included_network
from core.lessons.inspect_network.networks import WEIGHTS
from core.lessons.inspect_network.train import train

NAMES = list(INCLUDED)


@pytest.mark.parametrize("name", NAMES)
def test_the_script_makes_a_network_of_these_shapes(name):
    stored = load_file(WEIGHTS / f"{name}.safetensors")
    trained = train(name, steps=1).state_dict()
    assert {key: value.shape for key, value in trained.items()} == {key: value.shape for key, value in stored.items()}
    assert (WEIGHTS / f"{name}.safetensors").stat().st_size < 100_000


@pytest.mark.parametrize("name", NAMES)
def test_nearly_all_test_images_are_recognized(name):
    right, count = accuracy_on_test_images(name)
    assert count == INCLUDED[name].tests
    assert right / count > 0.95


@pytest.mark.parametrize("name", NAMES)
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
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())
    images, _ = INCLUDED[name].test_images()
    assert model(images[:2] / 255).shape == torch.Size([2, len(INCLUDED[name].classes)])
