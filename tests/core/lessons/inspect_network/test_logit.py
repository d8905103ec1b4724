"""A logit taken apart: features, weights and bias give the network's own logits, whatever its last layer reads."""

import pytest
import torch
from torch import nn

from core.errors import PlaygroundError
from core.lessons.inspect_network import logit
from core.lessons.inspect_network.logit import FLATTEN, HIDDEN, MAXIMUM, MEAN, last_layer, map_shares


def network(*rest: nn.Module) -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), *rest).eval()


NETWORKS = {
    MEAN: lambda: network(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(), nn.Linear(4, 5)),
    MAXIMUM: lambda: network(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 5, bias=False)),
    FLATTEN: lambda: network(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 5)),
    HIDDEN: lambda: network(nn.Flatten(), nn.Linear(144, 7), nn.ReLU(), nn.Linear(7, 5)),
}


@pytest.mark.parametrize("source", NETWORKS)
def test_products_and_bias_are_the_networks_logits(source):
    model, x = NETWORKS[source](), torch.rand(1, 3, 8, 8)
    before = [p.clone() for p in model.parameters()]
    layer = last_layer(model, x)
    assert layer.source == source
    with torch.no_grad():
        logits = model(x)[0]
    for k in range(5):
        one = layer.sum_of(k)
        assert one.logit == pytest.approx(float(logits[k]), abs=1e-5)
        assert float(one.products.sum()) + one.bias == pytest.approx(float(logits[k]), abs=1e-5)
        assert sum(share.value for share in map_shares(layer, k)) == pytest.approx(
            0 if source == HIDDEN else float(one.products.sum()), abs=1e-6
        )
    torch.testing.assert_close(logit.logits(model, x), logits)
    assert all(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))


def test_the_cells_of_a_map_are_where_flatten_puts_them():
    layer = last_layer(NETWORKS[FLATTEN](), torch.rand(1, 3, 8, 8))
    assert (layer.map_layer, tuple(layer.maps.shape)) == ("2", (4, 3, 3))
    for channel in range(4):
        assert torch.equal(layer.features[layer.cells_of(channel)].view(3, 3), layer.maps[channel])
    pooled = last_layer(NETWORKS[MEAN](), torch.rand(1, 3, 8, 8))
    assert pooled.cells_of(2) == slice(2, 3)
    assert pooled.features[2] == pytest.approx(float(pooled.maps[2].mean()))


def test_a_network_without_a_linear_layer_has_a_map_for_each_class():
    model, x = network(nn.Conv2d(4, 5, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()), torch.rand(1, 3, 8, 8)
    layer = last_layer(model, x)
    assert (layer.name, layer.source, layer.map_layer) == ("", MEAN, "2")
    assert layer.sum_of(3).logit == pytest.approx(float(model(x).detach()[0, 3]), abs=1e-6)


def test_what_ends_otherwise_is_refused():
    model = network(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5), nn.Softmax(1))
    with pytest.raises(PlaygroundError, match="last step of this network"):
        last_layer(model, torch.rand(1, 3, 8, 8))
