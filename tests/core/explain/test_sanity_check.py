"""Methods before and after the weights are shuffled; the rank correlation against SciPy."""

import pytest
import torch
from scipy.stats import spearmanr
from torch import nn

from core.errors import PlaygroundError
from core.explain import ALL_LAYERS, LAST_LAYER, METHODS, ExplanationMethod, rank_correlation, sanity_check, shuffled


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    layers = (nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return nn.Sequential(*layers, nn.Linear(8, 3)).eval()


X = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("levels", [2, 7, 10_000])
def test_rank_correlation_is_scipys(levels):
    rng = torch.Generator().manual_seed(levels)
    first = torch.randint(levels, (9, 11), generator=rng).float()
    second = (first + torch.randint(levels, (9, 11), generator=rng)).float()
    expected = spearmanr(first.flatten(), second.flatten()).statistic
    assert rank_correlation(first, second) == pytest.approx(expected)
    assert rank_correlation(first, -first) == pytest.approx(-1)


def test_an_even_map_has_no_correlation():
    assert rank_correlation(torch.ones(2, 2), torch.rand(2, 2)) is None


@pytest.mark.parametrize("which", [LAST_LAYER, ALL_LAYERS])
def test_shuffling_keeps_the_values_and_the_network(network, which):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    changed = shuffled(network, which, seed=3).state_dict()
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(torch.equal(changed[name].flatten().sort()[0], before[name].flatten().sort()[0]) for name in before)
    weights = {name for name in before if name.endswith("weight")}
    moved = {name for name in weights if not torch.equal(changed[name], before[name])}
    assert moved == (weights if which == ALL_LAYERS else {"6.weight"})


def test_nothing_to_shuffle_is_an_error():
    with pytest.raises(PlaygroundError, match="no weights"):
        shuffled(nn.ReLU(), ALL_LAYERS)


def test_an_explanation_of_the_image_alone_is_exposed(network):
    edges = ExplanationMethod(lambda model, layer, x, labels: x.sum(1), lambda: X, False, "", "")
    result = sanity_check(edges, network, "", X, 0)
    assert result.last_layer == pytest.approx(1)
    assert result.all_layers == pytest.approx(1)
    assert torch.equal(result.trained, result.all_layers_map)


def test_it_is_the_mean_correlation_of_the_maps(network):
    method, kind = METHODS["Grad-CAM"], torch.tensor([1])
    result = sanity_check(method, network, "3", X, 1, draws=2)
    trained = method.explain(network, "3", X, kind)[0]
    maps = [method.explain(shuffled(network, ALL_LAYERS, seed), "3", X, kind)[0] for seed in (0, 1)]
    expected = sum(spearmanr(trained.flatten(), one.flatten()).statistic for one in maps) / 2
    assert result.all_layers == pytest.approx(expected)
    assert torch.equal(result.all_layers_map, maps[0])
    assert torch.equal(result.trained, trained)
