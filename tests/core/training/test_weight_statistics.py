"""What a network has learnt from sketches with some wrong labels: it looks at the ears, and it finds those labels."""

import dataclasses
import math

import pytest
import torch

from core.datasets import load
from core.explain import cam, pointing_game
from core.training import TrainConfig, TrainedModel, Trainer
from core.training.results import (
    Prediction,
    confusion_matrix,
    likely_label_errors,
    parts_of,
    predict_probabilities,
    predictions,
    wilson_interval,
)

NETWORK = """nn.Sequential(
    nn.Conv2d(3, 16, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
    nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(32, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 2))"""
FLIPPED = 40


@pytest.fixture(scope="module")
def flipped():
    """Sketches, some with the wrong label, and a network that has learnt from them."""
    data = load("sketches", 32)
    places = torch.randperm(len(data), generator=torch.Generator().manual_seed(3))[:FLIPPED]
    labels = data.labels.clone()
    labels[places] = 1 - labels[places]
    data = dataclasses.replace(data, labels=labels)
    config = TrainConfig(network=NETWORK, epochs=10, batch_size=32, shift=0.0)
    trainer = Trainer(config, data)
    for _ in trainer.run():
        pass
    trained = TrainedModel(trainer.model.eval(), config, data.classes, 32, trainer.normalize, trainer.step)
    return data, trained, set(places.tolist())


def test_turned_labels_are_among_the_most_suspicious(flipped):
    data, trained, places = flipped
    index = torch.arange(len(data))
    found = predictions(index, predict_probabilities(trained, data.images, index), data.labels)
    doubted = {one.index for one in likely_label_errors(found, 2 * FLIPPED)}
    by_chance = FLIPPED * 2 * FLIPPED / len(data)
    assert len(doubted & places) > 5 * by_chance
    assert len(doubted & places) > FLIPPED / 2


def test_it_looks_at_the_ears_which_alone_tell_sketches_apart(flipped):
    data, trained, _ = flipped
    index = parts_of(trained.config, data)["validation"]
    images, answers = (
        trained.normalize(data.images[index]),
        predict_probabilities(trained, data.images, index).argmax(1),
    )
    found = pointing_game(cam(trained.model, images, answers), data.boxes[index], 32)
    assert found.times_chance > 1.2
    assert found.peaks > 1.3 * found.chance


def test_judging_in_batches_is_judging_at_once(flipped):
    data, trained, _ = flipped
    index, seen = torch.arange(300), []
    found = predict_probabilities(trained, data.images, index, lambda done, total: seen.append((done, total)))
    torch.testing.assert_close(found, trained.probabilities(data.images[:300]), atol=1e-5, rtol=1e-4)
    assert seen[-1] == (300, 300)
    assert predict_probabilities(trained, data.images, index[:0]).shape == (0, 2)


def test_suspicion_names_only_doubted_labels_the_worst_first():
    right, doubted = Prediction(0, 1, 1, 0.9, 0.9), Prediction(1, 0, 1, 0.6, 0.4)
    worst, certain = Prediction(2, 0, 1, 0.99, 0.01), Prediction(3, 0, 1, 1.0, 0.0)
    assert likely_label_errors([right, doubted, worst, certain], 9) == (certain, worst, doubted)
    assert likely_label_errors([right, doubted, worst], 1) == (worst,)
    assert doubted.loss == pytest.approx(-math.log(0.4))
    assert math.isfinite(certain.loss)


def test_a_confusion_matrix_counts_every_prediction(flipped):
    data, trained, _ = flipped
    index = parts_of(trained.config, data)["validation"]
    found = predictions(index, predict_probabilities(trained, data.images, index), data.labels)
    counts = confusion_matrix(found, 2)
    assert sum(map(sum, counts)) == len(index)
    assert [sum(row) for row in counts] == torch.bincount(data.labels[index]).tolist()
    assert counts[0][0] + counts[1][1] == sum(one.is_correct for one in found)


@pytest.mark.parametrize(("right", "count"), [(0, 10), (10, 10), (37, 50), (980, 1000)])
def test_the_interval_solves_wilsons_equation(right, count):
    for bound in wilson_interval(right, count):
        if 1e-9 < bound < 1 - 1e-9:
            distance = abs(right / count - bound) / math.sqrt(bound * (1 - bound) / count)
            assert distance == pytest.approx(1.959964, rel=1e-5)
