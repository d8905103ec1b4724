"""Weights that were downloaded are read again to the same network; anything else is refused with its reason."""

import io
import json
import pickle

import pytest
import torch
from safetensors.torch import load, save
from torch import nn

from core.errors import DataError, PlaygroundError
from core.training import TrainConfig, build_network
from core.training.batches import ImageNormalization
from core.training.checkpoints import TrainedModel
from core.training.export import weights_bytes
from core.training.recipe.networks import NETWORKS, TrainableNetwork
from core.training.weights_file import MOST_BYTES, check_size, read_weights

CONFIG = TrainConfig(width=8, depth=2, norm="Group", test_flip=True)


def trained(config=CONFIG, classes=("cat", "dog", "ëlk")):
    torch.manual_seed(3)
    normalize = ImageNormalization((100.0, 110.5, 120.0), (50.0, 60.0, 70.25))
    model = build_network(config.network, len(classes), 24, config)
    return TrainedModel(model.eval(), config, classes, 24, normalize, 7)


def about_of(content):
    return json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]


def changed(**values):
    """A file whose metadata says something else; None takes a word out."""
    content = weights_bytes(trained())
    about = {name: value for name, value in (about_of(content) | values).items() if value is not None}
    return save(load(content), about)


def test_what_was_downloaded_predicts_as_before():
    before = trained()
    after = read_weights(weights_bytes(before))
    images = torch.randint(0, 256, (4, 3, 24, 24), dtype=torch.uint8)
    assert torch.equal(after.probabilities(images), before.probabilities(images))
    assert (after.classes, after.size, after.config, after.step) == (before.classes, 24, CONFIG, 7)
    assert after.normalize == before.normalize
    assert not after.model.training


@pytest.mark.parametrize("network", ["Small ResNet", "ResNet-18", "nn.Sequential(nn.Flatten(), nn.Linear(1728, 3))"])
def test_a_file_on_the_disk_predicts_as_one_in_memory(network, tmp_path):
    before = trained(TrainConfig(network=network))
    path = tmp_path / "weights.safetensors"
    path.write_bytes(weights_bytes(before))
    images = torch.randint(0, 256, (2, 3, 24, 24), dtype=torch.uint8)
    assert torch.equal(read_weights(path).probabilities(images), before.probabilities(images))


def test_numbers_that_are_in_no_file_are_those_of_the_network(tmp_path, monkeypatch):
    class Shifted(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3 * 24 * 24, 3)
            self.register_buffer("shift", torch.arange(3.0), persistent=False)

        def forward(self, x):
            return self.layer(x.flatten(1)) + self.shift

    shifted = TrainableNetwork(lambda classes, options: Shifted(), "", "")
    monkeypatch.setitem(NETWORKS, "Shifted", shifted)
    before = trained(TrainConfig(network="Shifted"))
    images = torch.randint(0, 256, (2, 3, 24, 24), dtype=torch.uint8)
    assert torch.equal(read_weights(weights_bytes(before)).probabilities(images), before.probabilities(images))


def test_a_file_of_before_there_was_a_recipe_in_it_is_read_by_its_network():
    plain = trained(TrainConfig(network="Cats and dogs"))
    content = weights_bytes(plain)
    about = {name: value for name, value in about_of(content).items() if name not in ("config", "step")}
    assert read_weights(save(load(content), about)).config.network == "Cats and dogs"


def saved_by_torch(**how):
    file = io.BytesIO()
    torch.save(trained().model.state_dict(), file, **how)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda: saved_by_torch(), "ZIP archive.* run anybody's code"),
        (lambda: saved_by_torch(_use_new_zipfile_serialization=False), "pickle, which can run anybody's code"),
        (lambda: pickle.dumps({"weights": 1}), "pickle"),
        (lambda: b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
        (lambda: b"hello", "no safetensors file"),
        (lambda: b"", "no safetensors file"),
        (lambda: weights_bytes(trained())[:-40], "damaged or cut off"),
        (lambda: save({"a": torch.zeros(2)}), "does not say which network"),
        (lambda: changed(classes=None), "does not say which network"),
        (lambda: changed(mean="[1, 2]"), "does not say which network"),
        (lambda: changed(std='[1, 2, "NaN"]'), "does not say which network"),
        (lambda: changed(std="[1, 0, 1]"), "divided by 0"),
        (lambda: changed(side="100000"), "images of 100,000 pixels"),
        (lambda: changed(classes='["cat"]'), "1 classes"),
        (lambda: changed(classes='["cat", "dog"]'), "do not fit the network"),
        (lambda: changed(config=json.dumps({"network": "Cats and dogs"})), "not the weights of the network"),
        (lambda: changed(config=json.dumps({"network": "no such network"})), "unknown network"),
        (lambda: changed(config=json.dumps({"network": "Small ResNet", "width": 10**9})), "not one of this app: width"),
        (lambda: changed(config=json.dumps({"epochs": -1})), "not one of this app: epochs"),
        (lambda: changed(config=json.dumps({"surprise": 1})), "does not say which network"),
    ],
)
def test_anything_else_is_refused_with_its_reason(content, reason):
    with pytest.raises(PlaygroundError, match=f"(?s){reason}"):
        read_weights(content())


def test_a_file_larger_than_any_network_is_refused_before_it_is_read():
    with pytest.raises(DataError, match="the limit is"):
        check_size(MOST_BYTES + 1)


def test_a_file_with_more_tensors_than_any_network_has_is_refused_before_they_are_listed():
    tensors = {f"t{number}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for number in range(40_000)}
    header = json.dumps(tensors).encode()
    with pytest.raises(DataError, match="list of tensors has 2,"):
        read_weights(len(header).to_bytes(8, "little") + header)


def test_weights_that_are_no_numbers_are_refused():
    broken = trained()
    with torch.no_grad():
        next(broken.model.parameters())[0] = torch.nan
    with pytest.raises(DataError, match="NaN or infinite"):
        read_weights(weights_bytes(broken))
