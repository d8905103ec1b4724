"""The deep network of the gradient lesson against plain PyTorch."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.layers.activations import ACTIVATIONS
from core.layers.initialization import INITIALIZATIONS, initialize
from core.lessons import gradients as lesson
from core.lessons.gradients import NORMS, PRESETS, DeepConfig, layer_statistics


@pytest.mark.parametrize("kind", ["dense", "conv"])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("residual", [False, True])
def test_figures_are_those_of_a_plain_pass(kind, norm, residual):
    config = DeepConfig(kind=kind, depth=4, width=8, norm=norm, residual=residual, activation="Tanh", clip=0.1)
    found = lesson.inspect(config, seed=3)
    network = lesson.build(config, seed=3)
    x, labels = next(lesson.batches(3, kind))
    h, outputs = (x.flatten(1) if kind == "dense" else x), []
    for layer in network.layers:
        y = torch.tanh(layer.norm(layer.linear(h)))
        h = y + h if residual and h.shape == y.shape else y
        h.retain_grad()
        outputs.append(h)
    loss = nn.functional.cross_entropy(network.head(h if kind == "dense" else h.mean((2, 3))), labels)
    loss.backward()
    assert found.loss == pytest.approx(loss.item())
    np.testing.assert_allclose(found.std, [h.std().item() for h in outputs], rtol=1e-5)
    np.testing.assert_allclose(found.output_gradient, [h.grad.norm().item() for h in outputs], rtol=1e-5)
    gradients = [layer.linear.weight.grad.norm().item() for layer in network.layers]
    np.testing.assert_allclose(found.weight_gradient, gradients, rtol=1e-5)
    total = nn.utils.clip_grad_norm_(network.parameters(), 0.1)
    assert found.clipped == (total > 0.1)
    sizes = [layer.linear.weight.norm().item() for layer in network.layers]
    steps = [0.1 * layer.linear.weight.grad.norm().item() for layer in network.layers]
    np.testing.assert_allclose(found.update, np.array(steps) / sizes, rtol=1e-4)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_runs_in_it(activation):
    found = lesson.inspect(DeepConfig(depth=3, width=8, activation=activation))
    assert np.isfinite(found.loss)
    assert found.quantiles.shape == (3, len(lesson.QUANTILES))
    assert ((found.dead >= 0) & (found.dead <= found.saturated + 1e-9)).all()


@pytest.mark.parametrize("values", [np.random.default_rng(0).normal(3, 2, (7, 90)), np.arange(25.0), np.zeros(9)])
def test_distributions_are_numpys(values):
    quantiles, density = layer_statistics.distribution(values.astype(np.float32))
    np.testing.assert_allclose(quantiles, np.quantile(values.astype(np.float32), lesson.QUANTILES), rtol=1e-6)
    if values.any():
        np.testing.assert_array_equal(density, np.histogram(values.astype(np.float32).astype(float), lesson.BINS)[0])
    assert np.isnan(layer_statistics.distribution(np.array([1, np.nan], np.float32))[0]).all()


@pytest.mark.parametrize(
    "config", [DeepConfig(residual=True), DeepConfig(norm="batch"), DeepConfig(kind="conv", norm="group")]
)
def test_lsuv_settles_as_with_whole_forwards(config):
    config = replace(config, depth=4, width=8, initialization="LSUV", activation="ReLU")
    ours, whole = lesson.build(config, 2), lesson.build(config, 2)
    x, _ = next(lesson.batches(2, config.kind))
    linears = [layer.linear for layer in whole.layers] + [whole.head]
    initialize(linears, "LSUV", torch.Generator().manual_seed(2), forward=lambda: whole(x))
    for layer, other in zip(ours.layers, whole.layers, strict=True):
        assert torch.equal(layer.linear.weight, other.linear.weight)
    assert torch.equal(ours.head.weight, whole.head.weight)


def test_equal_outputs_and_lost_ones_are_drawn_too():
    same = lesson.inspect(DeepConfig(depth=20, width=4, initialization="Constant"))
    assert (same.density.sum(1) == 4 * lesson.BATCH["dense"]).all()
    lost = lesson.inspect(DeepConfig(depth=50, activation="ReLU", gain=4.0, initialization="Sparse"))
    assert np.isfinite(lost.density).all()


@pytest.mark.parametrize("initialization", INITIALIZATIONS)
def test_every_initialization_runs_in_it_and_repeats(initialization):
    config = DeepConfig(depth=3, width=8, initialization=initialization, kind="conv")
    torch.manual_seed(1)
    one = lesson.inspect(config, seed=2)
    torch.manual_seed(2)
    two = lesson.inspect(config, seed=2)
    assert one.loss == two.loss
    assert np.array_equal(one.weight_gradient, two.weight_gradient)


def test_building_leaves_the_shared_generator_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    for activation in ("PReLU", "Maxout", "SiLU (Swish)"):
        lesson.build(DeepConfig(depth=2, norm="batch", activation=activation), seed=0)
    list(lesson.train(DeepConfig(depth=2), seed=0, steps=2))
    assert torch.equal(before, torch.get_rng_state())


def test_modules_from_meta_hold_their_constructors_values():
    network = lesson.build(DeepConfig(depth=2, norm="batch", activation="PReLU"), seed=0)
    assert network.layers[0].activation.weight.item() == 0.25
    norm = network.layers[0].norm
    assert norm.weight.eq(1).all()
    assert norm.running_var.eq(1).all()
    assert norm.num_batches_tracked == 0


def test_gradient_through_sigmoids_is_bounded_by_weights_and_a_quarter():
    config = DeepConfig(depth=12, activation="Sigmoid")
    found, network = lesson.inspect(config), lesson.build(config, 0)
    bound = found.output_gradient[-1]
    for place in range(config.depth - 1, 0, -1):
        bound *= 0.25 * torch.linalg.matrix_norm(network.layers[place].linear.weight, 2).item()
        assert found.output_gradient[place - 1] <= bound * (1 + 1e-5)


@pytest.mark.parametrize("clip", [0.0, 0.5])
def test_training_is_plain_sgd_with_torchs_clipping(clip):
    config = DeepConfig(depth=3, width=8, activation="ReLU", learning_rate=0.2, clip=clip)
    ours = [step.loss for step in lesson.train(config, seed=1, steps=6)]
    network, theirs = lesson.build(config, 1), []
    optimizer = torch.optim.SGD(network.parameters(), lr=0.2)
    for _, (x, labels) in zip(range(6), lesson.batches(1), strict=False):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(x), labels)
        theirs.append(loss.item())
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimizer.step()
    assert ours == pytest.approx(theirs, rel=1e-5)


def test_two_runs_side_by_side_are_the_runs_alone():
    a, b = DeepConfig(depth=3, width=8), DeepConfig(depth=3, width=8, activation="ReLU")
    both = list(lesson.train_both(a, b, seed=4, steps=5))
    assert [moment[0].loss for moment in both] == [step.loss for step in lesson.train(a, 4, 5)]
    assert [moment[1].loss for moment in both] == [step.loss for step in lesson.train(b, 4, 5)]


def test_presets_differ_in_one_setting_and_show_their_effect():
    for preset in PRESETS.values():
        assert len(lesson.differences(preset.a, preset.b)) == 1
        assert preset.view in lesson.VIEWS
    looks = {name: (lesson.inspect(preset.a), lesson.inspect(preset.b)) for name, preset in PRESETS.items()}
    for name in ("Sigmoid vs. ReLU", "Batch normalization", "Residual connections"):
        fading, alive = looks[name]
        assert fading.weight_gradient[0] < 1e-6 * fading.weight_gradient[-1]
        assert alive.weight_gradient[0] > 1e-3 * alive.weight_gradient[-1]
    fading, alive = looks["Weight scale"]
    assert fading.std[-1] < 1e-6 < alive.std[-1]
    small, xavier = (one.weight_gradient for one in looks["Sigmoid with Xavier"])
    assert 1e9 < (xavier[0] / xavier[-1]) / (small[0] / small[-1]) < 1e11
    assert xavier[0] < 1e-6 * xavier[-1]
    rates = [(one.output_gradient[0] / one.output_gradient[-1]) ** (1 / 19) for one in looks["Sigmoid with Xavier"]]
    assert rates == pytest.approx([1 / 14, 1 / 4], rel=0.05)
    kept, lost = looks["SELU with LeCun"]
    assert kept.std[-1] == pytest.approx(1, abs=0.3)
    assert lost.std[-1] > 3
    wild, clipped = looks["Gradient clipping"]
    assert clipped.clipped
    assert wild.weight_gradient.min() > 1e4
    assert wild.update.min() > 1 > 0.01 > clipped.update.max()


def test_a_vanished_gradient_is_small_and_not_zero():
    config = DeepConfig(depth=20, activation="Sigmoid", initialization="Normal")
    network = lesson.build(config, 0)
    x, labels = next(lesson.batches(0))
    nn.functional.cross_entropy(network(x), labels).backward()
    exact = [layer.linear.weight.grad.double().pow(2).sum().sqrt().item() for layer in network.layers]
    assert 0 < exact[0] < 1e-20
    np.testing.assert_allclose(lesson.inspect(config).weight_gradient, exact, rtol=1e-6)
    np.testing.assert_allclose(next(lesson.train(config, 0)).weight_gradient, exact, rtol=1e-6)


def test_explosion_ends_the_run_and_clipping_saves_it():
    wild, clipped = PRESETS["Gradient clipping"].a, PRESETS["Gradient clipping"].b
    assert len(list(lesson.train(wild, 0, 30))) < 30
    assert len(list(lesson.train(clipped, 0, 30))) == 30


def test_relu_units_die_and_leaky_ones_do_not():
    dying, leaky = PRESETS["Dying ReLU"].a, PRESETS["Dying ReLU"].b
    *_, last = lesson.train(dying, 0, 60)
    assert last.dead.mean() > 0.02
    *_, last = lesson.train(leaky, 0, 60)
    assert last.dead.max() == 0
