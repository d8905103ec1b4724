"""Running averages, modes, batch sizes and folding, each against PyTorch's own."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import PlaygroundError
from core.layers.normalization import NORMALIZATIONS
from core.lessons.experiments import sgd_step
from core.lessons.normalization.effects import batch_size, before_after, folding, running_statistics, train_vs_eval
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import NORMS, ORDERS, BlockNet
from core.parsing import parse_model

STEPS = 12


@pytest.fixture(scope="module")
def story():
    return running_statistics.record_training(running_statistics.BatchNormTraining(seed=2), STEPS)


def by_pytorch(momentum, steps=STEPS, batch=32, rate=running_statistics.RATE):
    """The same training with PyTorch's own running averages."""
    network = nets.build_network(running_statistics.NET, 2)
    for layer in nets.norms(network):
        layer.momentum = momentum
    for x, labels in itertools.islice(nets.batches(2, batch), steps):
        sgd_step(network, x, labels, rate)
    return network


@pytest.mark.parametrize(
    ("convention", "momentum", "theirs"),
    [("PyTorch", 0.1, 0.1), ("PyTorch", 1.0, 1.0), ("Keras", 0.99, 0.01), ("Keras", 0.0, 1.0), ("None", 0.0, None)],
)
def test_running_averages_and_weights_are_pytorchs(story, convention, momentum, theirs):
    ours, expected = running_statistics.network_after(story, STEPS, convention, momentum), by_pytorch(theirs)
    for name, value in expected.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(ours.state_dict()[name], value, rtol=1e-5, atol=1e-6, msg=name)
    x = nets.split()["validation"][0][:50]
    torch.testing.assert_close(ours.eval()(x), expected.eval()(x), rtol=1e-4, atol=1e-5)


def test_both_conventions_say_the_same_with_one_minus_momentum(story):
    keras = running_statistics.running_average(story.mean, 0.0, "Keras", 0.9)
    np.testing.assert_allclose(keras, running_statistics.running_average(story.mean, 0.0, "PyTorch", 0.1))
    plain = running_statistics.running_average(story.mean, 0.0, "None", 0.0)[1:]
    np.testing.assert_allclose(plain, [story.mean[:k].mean(0) for k in range(1, STEPS + 1)], atol=1e-6)


@pytest.mark.parametrize(("convention", "momentum"), [("PyTorch", 0.2), ("Keras", 0.95), ("None", 0.0)])
def test_what_is_left_of_the_start_is_what_one_sees(convention, momentum):
    averages = running_statistics.running_average(np.zeros((7, 1)), 1.0, convention, momentum)
    assert averages[-1, 0] == pytest.approx(running_statistics.initial_share(convention, momentum, 7))


def test_weights_that_stand_still_bring_the_averages_to_the_population():
    still = running_statistics.record_training(running_statistics.BatchNormTraining(learns=False), 80)
    assert (still.weights == still.weights[0]).all()
    mean, variance = running_statistics.running_statistics(still, "None", 0.0)
    np.testing.assert_allclose(mean[-1], still.population[0], atol=0.1)
    np.testing.assert_allclose(variance[-1], still.population[1], rtol=0.15)
    x = nets.split()["training"][0]
    first = nets.build_network(running_statistics.NET, 0)[0].conv(x).detach()
    np.testing.assert_allclose(still.population[0][0], first.mean((0, 2, 3)), atol=1e-5)
    np.testing.assert_allclose(still.population[1][0], first.var((0, 2, 3)), rtol=1e-4)


@pytest.mark.parametrize("size", train_vs_eval.SIZES)
def test_batches_side_by_side_are_pytorchs_one_after_the_other(story, size):
    network = running_statistics.network_after(story, STEPS, "PyTorch", 0.1)
    found = train_vs_eval.in_random_batches(network, 5, size, 1)
    x = nets.split()["validation"][0]
    assert found.others.shape == (train_vs_eval.DRAWS, size - 1)
    for others, answer in zip(found.others, found.probabilities, strict=True):
        assert 5 not in others
        batch = torch.cat([x[5:6], x[others]])
        with torch.no_grad():
            expected = network.train()(batch).softmax(-1)[0].numpy()
        np.testing.assert_allclose(answer, expected, atol=1e-5)


def test_neighbours_move_an_answer_and_evaluation_does_not_know_them(story):
    network = running_statistics.network_after(story, STEPS, "PyTorch", 0.1)
    kept = network.state_dict()["0.norm.running_mean"].clone()
    spread = {
        size: train_vs_eval.in_random_batches(network, 0, size, 0).probabilities.std(0).max() for size in (1, 2, 64)
    }
    assert spread[1] < 1e-6
    assert spread[2] > spread[64] > 0
    x = nets.split()["validation"][0]
    alone, among = (train_vs_eval.probabilities_in_eval(network, x[:count])[0] for count in (1, 64))
    torch.testing.assert_close(alone, among, rtol=1e-4, atol=1e-6)
    assert network.training
    assert torch.equal(network.state_dict()["0.norm.running_mean"], kept)


def test_shares_that_are_right_are_counted_over_whole_batches(story):
    network = running_statistics.network_after(story, STEPS, "PyTorch", 0.1)
    x, labels = nets.split()["validation"]
    by_hand = []
    with torch.no_grad():
        for part, expected in zip(x[:320].split(64), labels[:320].split(64), strict=True):
            by_hand += (network(part).argmax(1) == expected).tolist()
    network = running_statistics.network_after(story, STEPS, "PyTorch", 0.1)
    assert train_vs_eval.accuracy_in_batches(network, 64) == np.mean(by_hand)
    assert train_vs_eval.accuracy_in_eval(network) == nets.accuracy(network)


def test_too_few_batches_hurt_evaluation_alone():
    story = running_statistics.record_training(running_statistics.BatchNormTraining(), 30)
    assert list(train_vs_eval.checkpoints(story)) == [0, 15, 30]
    slow, fast = (train_vs_eval.eval_accuracies(story, "PyTorch", momentum)[2] for momentum in (0.001, 0.3))
    among = train_vs_eval.train_accuracies(story)[2]
    assert slow + 0.3 < fast
    assert slow + 0.3 < among


@pytest.mark.parametrize("trained", [False, True])
def test_theory_of_the_batch_mean_meets_many_draws(trained):
    place = batch_size.ChannelSelection(layer=2, channel=1, trained=trained)
    found = batch_size.errors(place, draws=3000)
    np.testing.assert_allclose(found.mean_rmse, found.theory, rtol=0.06)
    assert (np.diff(found.mean, axis=1) >= 0).all()
    assert (np.diff(found.variance_rmse) < 0).all()


def test_statistics_of_pictures_give_those_of_batches():
    place = batch_size.ChannelSelection(layer=1, channel=3)
    means, squares, cells = batch_size.by_image(place)
    x = before_after.convolved(1, True, 0)[:, 3].double()
    assert cells == x[0].numel()
    picked = [4, 99, 7]
    assert means[picked].mean() == pytest.approx(x[picked].mean().item())
    variance = squares[picked].mean() - means[picked].mean() ** 2
    assert variance == pytest.approx(x[picked].var(correction=0).item())


def test_runners_see_the_same_pictures_at_rates_in_proportion():
    runner = batch_size.BatchSizeRun("Group", 2)
    history = list(batch_size.train(runner, 0, 0.1, points=2))
    network = nets.build_network(batch_size.network_of(runner), 0)
    x, labels = next(nets.batches(0))
    losses = [sgd_step(network, x[k : k + 2], labels[k : k + 2], 0.1 / 16) for k in range(0, 32, 2)]
    assert history[0].loss == math.fsum(losses) / 16
    assert [point.images for point in history] == [32, 64]
    assert history[1].accuracy is not None
    pair = [runner, batch_size.BatchSizeRun("Batch", 32)]
    assert [one[0] for one in batch_size.train_side_by_side(pair, 0, 0.1, 2)] == history


@pytest.mark.parametrize("bias", [True, False])
def test_folding_is_pytorchs(bias):
    generator = torch.Generator().manual_seed(0)
    conv, norm = nn.Conv2d(3, 5, 3, bias=bias), nn.BatchNorm2d(5, eps=1e-3)
    with torch.no_grad():
        for one in (*conv.parameters(), *norm.parameters(), norm.running_mean):
            one.normal_(generator=generator)
        norm.running_var.uniform_(0.1, 3, generator=generator)
    conv, norm = conv.double().eval(), norm.double().eval()
    ours, theirs = folding.fold(conv, norm), nn.utils.fusion.fuse_conv_bn_eval(conv, norm)
    torch.testing.assert_close(ours.weight, theirs.weight, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(ours.bias, theirs.bias, rtol=1e-12, atol=1e-12)
    x = torch.randn(4, 3, 8, 8, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(ours(x), norm(conv(x)), rtol=1e-12, atol=1e-12)
    assert (conv.bias is not None) == bias


def test_a_folded_network_answers_the_same_for_less():
    network = nets.trained(BlockNet(depth=4), 0, 10)
    single, double = (folding.compare(network, dtype) for dtype in (torch.float32, torch.float64))
    assert double.difference < 1e-12 * max(1, double.largest)
    assert double.difference < single.difference < 1e-4
    assert double.same_predictions == double.images == nets.VALIDATION_SIZE
    plain, merged = folding.cost(network), folding.cost(folding.folded(network))
    assert network.training
    assert plain.calls - merged.calls == 4
    assert plain.params - merged.params == 4 * 2 * nets.WIDTH
    assert plain.cells == nets.WIDTH * (64 + 64 + 16 + 4)
    assert merged.cells == 0
    assert plain.macs == merged.macs
    assert merged.output_bytes == plain.output_bytes - 4 * plain.cells


def test_the_calculator_reads_both_networks_as_they_are_printed():
    network = nets.build_network(BlockNet(depth=3), 0)
    for one in (network, folding.folded(network)):
        assert folding.cost(parse_model(str(one))) == folding.cost(one)


@pytest.mark.parametrize("order", [name for name, order in ORDERS.items() if "norm" in order.parts])
def test_only_what_follows_a_convolution_folds(order):
    network = nets.build_network(BlockNet(order=order, depth=2), 0)
    if ORDERS[order].folds:
        assert not any(isinstance(part, nn.BatchNorm2d) for part in folding.folded(network).modules())
    else:
        with pytest.raises(PlaygroundError, match="Choose an order"):
            folding.folded(network)


def test_what_asks_the_picture_itself_cannot_be_folded():
    with pytest.raises(PlaygroundError, match="GroupNorm computes its statistics"):
        folding.folded(nets.build_network(BlockNet(norm="Group", depth=2), 0))
    with pytest.raises(PlaygroundError, match="running averages"):
        folding.fold(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2, track_running_stats=False))


@pytest.mark.parametrize("norm", NORMS)
def test_before_and_after_are_the_batchs_own(norm):
    x = before_after.convolved(2, False, 0)[:16]
    affine = before_after.ChannelAffine("3", -1.5, 0.75)
    found = before_after.compare(norm, "ReLU", x, affine)
    y = before_after.module(norm, x, affine)(x).detach()
    for place in range(before_after.CHANNELS):
        assert found.mean[0][place] == pytest.approx(x[:, place].mean().item(), abs=1e-6)
        assert found.std[1][place] == pytest.approx(y[:, place].std(correction=0).item(), rel=1e-5)
        assert found.saturated_share[1][place] == pytest.approx((y[:, place] <= 0).double().mean().item())
        gap = (y - x)[:, place].abs().max().item()
        assert found.largest_change[place] == pytest.approx(gap / found.std[0][place], rel=1e-4)
    assert found.counts[0].sum() <= x.numel()
    assert found.counts[0].sum() >= 0.99 * x.numel()
    plain = before_after.normalized(norm, x, before_after.ChannelAffine())
    expected = plain[:, 3] * -1.5 + (0.75 if NORMALIZATIONS[norm].affine == "both" else 0)
    torch.testing.assert_close(y[:, 3], expected)
    torch.testing.assert_close(y[:, 2], plain[:, 2])


def test_batch_norm_can_undo_itself():
    x = before_after.convolved(1, True, 0)[:32]
    mean, deviation = x[:, 0].mean().item(), math.sqrt(x[:, 0].var(correction=0).item() + nets.EPS)
    found = before_after.compare("Batch", "ReLU", x, before_after.ChannelAffine("0", deviation, mean))
    assert found.largest_change[0] < 1e-5
