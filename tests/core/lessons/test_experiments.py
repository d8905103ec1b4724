"""What the lessons' experiments share: each part against the loop that it stands for, to the last bit."""

import itertools
import math

import pytest
import torch
from torch import nn

from core.lessons import experiments
from core.lessons.experiments import digits


def network(seed=0, *extra):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.Tanh(), *extra, nn.Linear(16, 10))


def same_parameters(a, b):
    return all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))


def test_a_split_shares_no_digit_and_leaves_none_out():
    training, validation = experiments.split(3, 360)
    assert len(validation) == 360
    assert sorted([*training.tolist(), *validation.tolist()]) == list(range(1797))
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(3))
    assert torch.equal(torch.cat([validation, training]), order)


@pytest.mark.parametrize(("size", "batch_size"), [(70, 32), (64, 32), (5, 2)])
def test_batches_are_shuffles_one_after_another_without_incomplete_ones(size, batch_size):
    x, labels = (part[:size] for part in digits())
    generator, expected = torch.Generator().manual_seed(8), []
    for _ in range(3):
        order = torch.randperm(size, generator=generator)
        expected += [order[k : k + batch_size] for k in range(0, size - batch_size + 1, batch_size)]
    stream = experiments.batches(x, labels, batch_size, 8)
    for index, (x_batch, labels_batch) in zip(expected, stream, strict=False):
        assert torch.equal(x_batch, x[index])
        assert torch.equal(labels_batch, labels[index])


def test_an_epoch_has_every_index_once():
    indices = torch.cat(list(experiments.epoch(101, 10, torch.Generator().manual_seed(1))))
    assert torch.equal(indices, torch.randperm(101, generator=torch.Generator().manual_seed(1)))


def test_a_plain_step_is_the_loop_over_parameters():
    ours, by_hand, by_torch = network(), network(), network()
    x, labels = (part[:32] for part in digits())
    for one in (by_hand, by_torch):
        nn.functional.cross_entropy(one(x), labels).backward()
    with torch.no_grad():
        for parameter in by_hand.parameters():
            parameter -= 0.3 * parameter.grad
    torch.optim.SGD(by_torch.parameters(), 0.3).step()
    loss = experiments.sgd_step(ours, x, labels, 0.3)
    assert loss == nn.functional.cross_entropy(network()(x), labels).item()
    assert same_parameters(ours, by_hand)
    for a, b in zip(ours.parameters(), by_torch.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_an_optimizers_step_is_pytorchs():
    ours, theirs = network(), network()
    x, labels = (part[:32] for part in digits())
    one, two = (torch.optim.Adam(part.parameters(), 0.01) for part in (ours, theirs))
    for _ in range(3):
        before = nn.functional.cross_entropy(theirs(x), labels)
        two.zero_grad()
        before.backward()
        two.step()
        assert experiments.optimizer_step(one, nn.functional.cross_entropy(ours(x), labels)) == before.item()
    assert same_parameters(ours, theirs)


def test_training_counts_its_steps_and_stops_where_a_loss_is_not_finite():
    stream = itertools.repeat((torch.zeros(1), torch.zeros(1)))
    losses = iter([2.0, 1.0, 0.5])
    steps = list(experiments.train(lambda x, labels: next(losses), stream, 3))
    assert steps == [(0, 2.0, False), (1, 1.0, False), (2, 0.5, True)]
    for bad in (math.nan, math.inf):
        losses = iter([1.0, bad, 3.0])
        steps = list(experiments.train(lambda x, labels, values=losses: next(values), stream, 3))
        assert [number for number, _, _ in steps] == [0, 1]
        assert steps[-1][2]


def test_runs_side_by_side_are_those_alone():
    lengths = (3, 1, 4)
    results = list(experiments.side_by_side([iter(range(10 * k, 10 * k + n)) for k, n in enumerate(lengths)]))
    assert len(results) == max(lengths)
    for k, n in enumerate(lengths):
        column = [row[k] for row in results]
        assert column == [*range(10 * k, 10 * k + n), *[None] * (max(lengths) - n)]


@pytest.mark.parametrize("mode", [True, False])
def test_evaluation_leaves_the_mode_and_needs_no_gradient(mode):
    noisy = network(0, nn.Dropout(0.5)).train(mode)
    x, labels = (part[:200] for part in digits())
    outputs = experiments.in_eval_mode(noisy, x)
    assert noisy.training == mode
    assert not outputs.requires_grad
    assert torch.equal(outputs, noisy.eval()(x))
    by_hand = sum(int(row.argmax()) == int(label) for row, label in zip(outputs, labels, strict=True)) / 200
    assert experiments.accuracy(outputs, labels) == by_hand == experiments.accuracy(outputs.softmax(-1), labels)
