"""Features are what the last layer takes; principal components are those of a singular value decomposition."""

import numpy as np
import pytest
import torch
from torch import nn

from core.datasets import load
from core.training import TrainConfig
from core.training.batches import ImageNormalization
from core.training.checkpoints import TrainedModel
from core.training.evaluation.embedding import EMBEDDINGS, last_features, neighbours_of_other_classes, pca, tsne

IMAGES = load("sketches", 16, limit=40).images


def trained(model):
    normalize = ImageNormalization((127.0,) * 3, (60.0,) * 3)
    return TrainedModel(model.eval(), TrainConfig(), ("cat", "dog"), 16, normalize, 1)


def convolutions():
    torch.manual_seed(0)
    return [nn.Conv2d(3, 6, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]


def test_the_last_layer_makes_the_logits_of_the_features():
    network = trained(nn.Sequential(*convolutions(), nn.Linear(6, 5), nn.ReLU(), nn.Dropout(), nn.Linear(5, 2)))
    index = torch.arange(3, 23)
    features = last_features(network, IMAGES, index)
    assert features.shape == (20, 5)
    with torch.no_grad():
        torch.testing.assert_close(network.model[-1](features), network.model(network.normalize(IMAGES[index])))
    assert not any(layer._forward_hooks for layer in network.model.modules())


def test_without_a_linear_layer_at_the_end_the_logits_are_the_features():
    network = trained(nn.Sequential(nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()))
    index = torch.arange(5)
    with torch.no_grad():
        expected = network.model(network.normalize(IMAGES[index]))
    torch.testing.assert_close(last_features(network, IMAGES, index), expected)


def test_principal_components_are_those_of_the_singular_values():
    x = torch.randn(50, 7, generator=torch.Generator().manual_seed(1)) * torch.arange(1, 8)
    u, s, _ = torch.linalg.svd(x.double() - x.double().mean(0), full_matrices=False)
    found = pca(x)
    np.testing.assert_allclose(np.abs(found.points), (u * s)[:, :2].abs(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.shares, (s.square() / s.square().sum())[:2], rtol=1e-6)


def test_groups_that_lie_apart_stay_apart_and_the_points_repeat():
    x = torch.randn(60, 8, generator=torch.Generator().manual_seed(2))
    labels = torch.arange(60) % 2
    x[labels == 1] += 30
    points = tsne(x).points
    assert np.array_equal(points, tsne(x).points)
    assert int(neighbours_of_other_classes(torch.from_numpy(points), labels).max()) == 0


@pytest.mark.parametrize("method", EMBEDDINGS)
@pytest.mark.parametrize("x", [torch.zeros(6, 3), torch.rand(1, 4), torch.rand(3, 1), torch.rand(9, 1)])
def test_few_or_equal_images_have_points_too(method, x):
    points = EMBEDDINGS[method](x).points
    assert points.shape == (len(x), 2)
    assert np.isfinite(points).all()


def test_a_wrong_label_is_among_images_of_another_class():
    x = torch.cat((torch.randn(20, 4), 40 + torch.randn(20, 4)))
    labels = torch.arange(40) // 20
    labels[3] = 1
    others = neighbours_of_other_classes(x, labels)
    assert int(others[3]) == 10
    assert int(others[20:].max()) == 0
