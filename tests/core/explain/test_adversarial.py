"""The fast gradient sign method against captum, and the smallest step in closed form."""

from functools import partial

import pytest
import torch
from captum.robust import FGSM
from torch import nn
from torch.nn import functional as F

from core.explain import gradient_sign, perturbed, smallest_strength

X = torch.rand(2, 3, 12, 12, generator=torch.Generator().manual_seed(1))
KINDS = torch.tensor([0, 2])
PER_IMAGE = partial(F.cross_entropy, reduction="none")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(800, 3))


@pytest.mark.parametrize("strength", [0.0, 0.01, 0.2])
def test_a_step_is_captums(network, strength):
    for x, kind in zip(X.split(1), KINDS.split(1), strict=True):
        attack = FGSM(network, PER_IMAGE, float(x.min()), float(x.max()))
        expected = attack.perturb(x.clone(), strength, kind)
        torch.testing.assert_close(perturbed(x, gradient_sign(network, x, kind), strength), expected.detach())


def test_a_certain_network_has_a_direction_too(network):
    """Where float32 rounds the probability to 1, the gradient of the cross-entropy is lost."""
    certain = nn.Sequential(network, nn.Linear(3, 3, bias=False))
    with torch.no_grad():
        certain[1].weight.copy_(1e4 * torch.eye(3))
    kind = network(X[:1]).argmax(1)
    x = X[:1].clone().requires_grad_()
    F.cross_entropy(certain(x), kind).backward()
    assert not x.grad.any()
    assert gradient_sign(certain, X[:1], kind).abs().mean() > 0.9


def test_the_smallest_step_of_a_linear_network_is_its_margin_over_the_weights(network):
    torch.manual_seed(2)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(432, 2)).double()
    x = torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(2)).double() * 0.2 + 0.4
    x[0, 0, 0, 0], x[0, 0, 0, 1] = 0, 1  # so that the range cuts nothing else
    logits = linear(x)[0]
    kind = int(logits.argmax())
    weights = (linear[1].weight[1 - kind] - linear[1].weight[kind]).detach()
    direction = gradient_sign(linear, x, torch.tensor([kind]))
    cut = [at for at in (0, 1) if direction[0, 0, 0, at] == (-1, 1)[at]]
    slope = weights.abs().sum() - sum(weights[at].abs() for at in cut)
    expected = float((logits[kind] - logits[1 - kind]).detach() / slope)
    assert smallest_strength(linear, x, direction, kind, 0.3) == pytest.approx(expected, abs=1e-6)
    assert smallest_strength(linear, x, direction, kind, expected * 0.9) is None
    assert smallest_strength(linear, x, direction, 1 - kind, 0.3) == 0.0


def test_the_prediction_changes_at_that_step_and_not_before(network):
    x = X[:1]
    kind = network(x).argmax(1)
    direction = gradient_sign(network, x, kind)
    strength = smallest_strength(network, x, direction, int(kind), 1.0)
    assert int(network(perturbed(x, direction, strength)).argmax()) != int(kind)
    for share in (0.0, 0.3, 0.6, 0.9, 0.999):
        assert int(network(perturbed(x, direction, strength * share)).argmax()) == int(kind)


def test_the_image_keeps_to_its_range():
    moved = perturbed(X, torch.ones_like(X), 3.0)
    assert torch.equal(moved, X.amax((1, 2, 3), keepdim=True).expand_as(X))
