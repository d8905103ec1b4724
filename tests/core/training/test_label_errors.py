"""Wrong labels come to light where nothing has learnt them; what is like nothing else is found whatever its label."""

import pytest
import torch

from core.datasets import load
from core.training import TrainConfig, TrainedModel, build_network
from core.training.batches import ImageNormalization
from core.training.label_errors import cross_validated_probabilities, frozen_features, is_frozen, outlier_scores
from core.training.recipe.networks import network_of
from core.training.results import likely_label_errors, outliers, predictions, read_predictions, save_predictions

FROZEN, SIZE, COUNT, TURNED = "EfficientNet-Lite0, frozen", 96, 160, 8


@pytest.fixture(scope="module")
def sketches():
    """A few sketches, a network that has never seen one, and what its frozen part makes of them."""
    data, config = load("sketches", SIZE, limit=COUNT), TrainConfig(network=FROZEN)
    model = build_network(FROZEN, 2, SIZE, config).eval()
    normalize = ImageNormalization(*network_of(FROZEN).normalization)
    trained = TrainedModel(model, config, data.classes, SIZE, normalize, 1)
    return data, trained, frozen_features(trained, data.images, torch.arange(COUNT))


def test_features_are_what_the_last_layer_takes(sketches):
    data, trained, found = sketches
    assert is_frozen(trained)
    with torch.no_grad():
        logits = trained.model._fc(found[:4])
        torch.testing.assert_close(logits, trained.model(trained.normalize(data.images[:4])), atol=1e-4, rtol=1e-3)


def test_turned_labels_of_sketches_are_found_again_among_the_first(sketches):
    data, _, found = sketches
    places = torch.randperm(COUNT, generator=torch.Generator().manual_seed(3))[:TURNED]
    labels = data.labels.clone()
    labels[places] = 1 - labels[places]
    probabilities = cross_validated_probabilities(found, labels, data.groups, 2)
    first = {
        one.index for one in likely_label_errors(predictions(torch.arange(COUNT), probabilities, labels), 2 * TURNED)
    }
    by_chance = TURNED * 2 * TURNED / COUNT
    assert len(first & set(places.tolist())) > 5 * by_chance


def test_no_picture_and_no_copy_of_it_is_judged_by_what_has_learnt_it():
    """Features that are noise say nothing of labels, except to whoever has seen the very same ones before."""
    generator = torch.Generator().manual_seed(0)
    single = torch.randn(100, 400, generator=generator)
    labels = torch.randint(2, (100,), generator=generator)
    twice, both, groups = single.repeat(2, 1), labels.repeat(2), torch.arange(100).repeat(2)
    found = cross_validated_probabilities(twice, both, groups, 2)
    torch.testing.assert_close(found.sum(1), torch.ones(200))
    assert (found.argmax(1) == both).float().mean() < 0.65
    leaking = cross_validated_probabilities(twice, both, torch.arange(200), 2)
    assert (leaking.argmax(1) == both).float().mean() > 0.75
    assert torch.equal(found, cross_validated_probabilities(twice, both, groups, 2))


def test_what_is_like_no_other_comes_first(tmp_path):
    generator = torch.Generator().manual_seed(0)
    two_kinds = torch.eye(2, 16).repeat(20, 1) * 6 + torch.randn(40, 16, generator=generator)
    lone = torch.zeros(1, 16)
    lone[0, 9] = 12.0
    found = outlier_scores(torch.cat((two_kinds, lone)))
    assert int(found.argmax()) == 40
    probabilities = torch.full((41, 2), 0.5)
    save_predictions(tmp_path / "j.pt", torch.arange(41), probabilities, found)
    read = read_predictions(tmp_path / "j.pt", torch.zeros(41, dtype=torch.int64))
    assert outliers(read, 1)[0].index == 40
    assert outliers(predictions(torch.arange(41), probabilities, torch.zeros(41, dtype=torch.int64)), 3) == ()


def test_many_images_of_many_classes_are_judged_in_closed_form(monkeypatch):
    """Classes as clouds around points: the discriminant sees the turned labels, and a class without images nowhere."""
    generator = torch.Generator().manual_seed(1)
    centres, labels = 4 * torch.randn(30, 40, generator=generator), torch.arange(600) % 30
    features = centres[labels] + torch.randn(600, 40, generator=generator)
    wrong = labels.clone()
    wrong[:10] = (labels[:10] + 1) % 30
    monkeypatch.setattr("core.training.label_errors.MOST_PRODUCTS", 0)
    monkeypatch.setattr("core.training.label_errors.STEPS", None)  # of the regression, which is not used
    probabilities = cross_validated_probabilities(features, wrong, torch.arange(600), 31)
    torch.testing.assert_close(probabilities.sum(1), torch.ones(600))
    assert probabilities[:, 30].max() == 0
    first = likely_label_errors(predictions(torch.arange(600), probabilities, wrong), 10)
    assert {one.index for one in first} == set(range(10))
