"""The small network with its normalization anywhere: shapes, orders, gradients, dead units, training side by side."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from core.lessons.experiments import digits, sgd_step
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects import placement as lab
from core.lessons.normalization.effects.network import CLASSIC, NORMS, ORDERS, PLAIN, BlockNet

FIRST = next(nets.batches(0))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("norm", NORMS)
def test_every_normalization_in_every_order_runs_and_learns(norm, order):
    net = BlockNet(order=order, norm=norm, depth=3)
    network = nets.build_network(net, 0)
    for place, block in enumerate(network[:3]):
        kept = [part for part in ORDERS[order].parts if part != "pool" or net.pools(place)]
        assert [name for name, _ in block.named_children()] == kept
    before = [parameter.clone() for parameter in network.parameters()]
    sgd_step(network, *FIRST, nets.RATE)
    assert network(FIRST[0]).shape == (32, 10)
    assert all(parameter.grad is not None for parameter in network.parameters())
    assert any(not torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))


@pytest.mark.parametrize("depth", range(2, 11))
def test_two_blocks_pool_and_nothing_is_pooled_away(depth):
    network = nets.build_network(BlockNet(depth=depth), 0)
    assert sum(isinstance(part, nn.MaxPool2d) for part in network.modules()) == 2
    assert network[:depth](FIRST[0]).shape == (32, nets.WIDTH, 2, 2)
    early = nets.build_network(BlockNet(depth=depth, early=True), 0)
    assert early[:2](FIRST[0]).shape == (32, nets.WIDTH, 2, 2)


def test_training_and_held_out_digits_are_all_there_are_and_share_none():
    (x, labels), (held, held_labels) = nets.split()["training"], nets.split()["validation"]
    assert (len(x), len(held)) == (1437, 360)
    assert len(labels) + len(held_labels) == 1797
    everything = digits()[0]
    assert torch.cat([x, held]).double().sum().item() == pytest.approx(everything.double().sum().item(), abs=1e-3)
    assert not {one.numpy().tobytes() for one in held} & {one.numpy().tobytes() for one in x}


def test_the_same_seed_gives_the_same_run_whatever_others_draw():
    net = BlockNet(depth=3)
    one = nets.trained(net, 1, 3)
    torch.rand(7)
    two = nets.trained(net, 1, 3)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


def test_step_is_pytorchs_sgd():
    ours, theirs = (nets.build_network(BlockNet(depth=2), 0) for _ in range(2))
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.2)
    for x, labels in itertools.islice(nets.batches(0), 3):
        found = sgd_step(ours, x, labels, 0.2)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(theirs(x), labels)
        loss.backward()
        optimizer.step()
        assert found == pytest.approx(loss.item(), rel=1e-4)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


def test_look_sees_gradients_and_dead_and_flat_units():
    net = BlockNet(depth=3, activation="ReLU")
    network = nets.build_network(net, 0)
    with torch.no_grad():  # kill three of the eight channels of the second block
        network[1].norm.weight[:3] = 0
        network[1].norm.bias[:3] = -1
    found = lab.measure(network, *FIRST)
    assert found.dead[1] >= 3 / 8
    assert found.saturated[1] > 3 / 8
    x = network[0](FIRST[0])
    given = network[1].norm(network[1].conv(x))
    assert found.dead[1] == pytest.approx((given <= 0).all(0).double().mean().item())
    assert found.saturated[1] == pytest.approx((given <= 0).double().mean().item())
    assert found.std[1] == pytest.approx(given.std().item(), rel=1e-5)
    again = nets.build_network(net, 0)
    again.load_state_dict(network.state_dict())
    nn.functional.cross_entropy(again(FIRST[0]), FIRST[1]).backward()
    assert found.gradient[1] == pytest.approx(again[1].conv.weight.grad.norm().item(), rel=1e-5)


def test_norm_before_or_after_max_pooling_is_told_apart_by_measuring():
    """Pooling the activation or activating the pooled value is the same; pooling before the statistics is not."""
    loss = {name: lab.at_initialization(net).loss for name, net in lab.all_orders(BlockNet(depth=3)).items()}
    assert loss[CLASSIC] == pytest.approx(loss["conv, norm, pool, activation"], rel=1e-5)
    assert abs(loss[CLASSIC] - loss["conv, pool, norm, activation"]) > 1e-3


def test_batch_norm_saves_deep_sigmoids_first_gradient():
    nets_of = lab.popular_claim(BlockNet(depth=6))
    first = {name: lab.at_initialization(net).gradient[0] for name, net in nets_of.items()}
    assert first["Sigmoid + Batch"] > 100 * first["Sigmoid alone"]


def test_race_is_the_single_runs_side_by_side():
    pair = [BlockNet(depth=2), BlockNet(depth=2, order=PLAIN)]
    history = list(lab.train_side_by_side(pair, 3, 0.1, steps=11))
    assert len(history) == 11
    assert [point[1] for point in history] == list(lab.train(pair[1], 3, 0.1, steps=11))
    assert history[9][0].accuracy is not None
    assert history[8][0].accuracy is None
    assert lab.last_accuracy(history, 0) == history[10][0].accuracy
    assert lab.last_accuracy(history[:5], 0) is None


def test_a_run_that_blows_up_ends():
    steps = list(lab.train(BlockNet(depth=2, order=PLAIN), 0, 1e30, steps=20))
    assert len(steps) < 20
    assert not np.isfinite(steps[-1].loss)
