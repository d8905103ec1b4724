"""Every dropout: forward and backward against its formula, evaluation, and what it keeps in expectation."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.errors import PlaygroundError
from core.layers import dropout as layers
from core.layers.dropout import (
    DROPOUTS,
    AlphaDropout,
    DropConnect,
    Dropout,
    SpatialDropout,
    StochasticDepth,
    alpha_affine,
    preactivation_moments,
    with_dropout,
)

SIGNAL = [name for name, kind in DROPOUTS.items() if kind.on != "weights"]
TORCH = {"Dropout": nn.Dropout, "SpatialDropout": nn.Dropout2d, "AlphaDropout": nn.AlphaDropout}
SIGMAS = 5  # seeds are fixed; a wrong mean would have to hide within 5 standard errors


def dice(seed=0):
    return torch.Generator().manual_seed(seed)


def numbers(*shape, seed=0):
    return torch.randn(*shape, generator=dice(seed), dtype=torch.float64) + 0.5


def build(name, seed=0, **knobs):
    """The entry's module on a generator of its own; one that takes a layer's place gets a convolution."""
    kind, knobs = DROPOUTS[name], DROPOUTS[name].defaults | knobs
    inner = (conv(),) if kind.on == "weights" else ()
    return kind.build(*inner, **knobs, generator=dice(seed))


def conv(groups=1, **rest):
    torch.manual_seed(7)
    return nn.Conv2d(4, 6, 3, groups=groups, **({"padding": 1} | rest)).double()


def is_mean(draws, expected, deviation):
    """Whether draws (N, ...) average to `expected`, each of the given standard deviation."""
    error = (draws.mean(0) - expected).abs()
    return bool((error <= SIGMAS * deviation / len(draws) ** 0.5 + 1e-12).all())


# ---- all of them


@pytest.mark.parametrize("name", DROPOUTS)
def test_evaluation_is_the_plain_network(name):
    module, x = build(name).eval(), numbers(3, 4, 9, 9)
    expected = module.layer(x) if DROPOUTS[name].on == "weights" else x
    assert torch.equal(module(x), expected)


@pytest.mark.parametrize("name", DROPOUTS)
def test_nothing_is_dropped_where_p_is_0(name):
    module, x = build(name, p=0.0).train(), numbers(3, 4, 9, 9)
    expected = module.layer(x) if DROPOUTS[name].on == "weights" else x
    torch.testing.assert_close(module(x), expected)


@pytest.mark.parametrize("name", DROPOUTS)
def test_own_generator_repeats_itself_and_leaves_torchs_alone(name):
    x = numbers(9, 4, 9, 9)
    build(name, p=0.5)
    shared = torch.get_rng_state()
    one, two, other = (build(name, seed, p=0.5) for seed in (1, 1, 2))
    torch.set_rng_state(shared)
    first, second = one(x), one(x)
    assert torch.equal(two(x), first)
    assert torch.equal(copy.deepcopy(two)(x), second)
    assert not torch.equal(first, second)
    assert not torch.equal(other(x), first)
    assert torch.equal(torch.get_rng_state(), shared)


@pytest.mark.parametrize("name", DROPOUTS)
def test_impossible_chances_are_refused_in_words(name):
    for p in (-0.1, 1.0, float("nan")):
        with pytest.raises(PlaygroundError, match="0 <= p < 1"):
            build(name, p=p)


@pytest.mark.parametrize("name", SIGNAL)
def test_sixteen_bits_and_the_meta_device(name):
    x = torch.randn(3, 4, 9, 9, generator=dice())
    assert build(name)(x.bfloat16()).dtype == torch.bfloat16
    assert build(name)(x.to("meta")).shape == x.shape
    assert DROPOUTS[name].build(**DROPOUTS[name].defaults)(x.to("meta")).shape == x.shape


@pytest.mark.parametrize("name", DROPOUTS)
def test_printed_expression_builds_the_entry(name):
    kind = DROPOUTS[name]
    assert kind.formula
    assert kind.paper
    built = eval(kind.code.format(**DROPOUTS[name].defaults), vars(layers) | {"nn": nn, "layer": conv()})
    assert bool(kind.own) == (not kind.code.startswith("nn."))
    assert not (kind.own and name in TORCH)
    assert isinstance(build(name), type(built))
    assert repr(built).startswith(kind.own or type(built).__name__)


@pytest.mark.parametrize("name", DROPOUTS)
def test_a_layer_with_dropout_trains_and_evaluates_as_the_layer(name):
    whole, x = with_dropout(conv(), name, dice(), p=0.4), numbers(2, 4, 8, 8)
    assert torch.equal(whole.eval()(x), conv()(x))
    y = whole.train()(x)
    assert y.shape == (2, 6, 8, 8)
    y.sum().backward()
    assert all(parameter.grad is not None for parameter in whole.parameters())
    assert len(list(whole.parameters())) == 2


# ---- single values, channels, branches


@pytest.mark.parametrize("name", TORCH)
def test_own_masks_are_those_of_torch(name):
    x = numbers(3, 4, 5, 5)
    torch.manual_seed(3)
    expected = TORCH[name](0.3)(x)
    torch.testing.assert_close(build(name, 3, p=0.3)(x), expected)
    torch.manual_seed(3)
    assert torch.equal(DROPOUTS[name].build(p=0.3)(x), expected)


@pytest.mark.parametrize(
    ("name", "mask_shape"),
    [("Dropout", (6, 4, 5, 5)), ("SpatialDropout", (6, 4, 1, 1)), ("StochasticDepth", (6, 1, 1, 1))],
)
def test_forward_and_backward_are_the_formula(name, mask_shape):
    x, towards = numbers(6, 4, 5, 5).requires_grad_(), numbers(6, 4, 5, 5, seed=1)
    y = build(name, 4, p=0.25)(x)
    mask = torch.empty(mask_shape, dtype=torch.float64).bernoulli_(0.75, generator=dice(4))
    assert 0 < mask.sum() < mask.numel()
    torch.testing.assert_close(y, mask * x / 0.75)
    (y * towards).sum().backward()
    torch.testing.assert_close(x.grad, (mask / 0.75 * towards).expand_as(x))


@pytest.mark.parametrize("name", ["Dropout", "SpatialDropout", "StochasticDepth"])
def test_inverted_scaling_keeps_the_mean_of_every_value(name):
    module, x, p = build(name, p=0.3), numbers(2, 3, 4, 4), 0.3
    draws = torch.stack([module(x) for _ in range(2000)])
    deviation = x.abs() * (p / (1 - p)) ** 0.5
    assert is_mean(draws, x, deviation)
    assert not is_mean(draws * (1 - p), x, deviation)  # without the scaling it would be seen
    torch.testing.assert_close(draws.std(0), deviation, rtol=0.15, atol=0)


def test_alpha_dropout_is_its_formula_and_keeps_mean_and_variance():
    x = torch.randn(200_000, generator=dice(), dtype=torch.float64)
    p, keep, saturated = 0.2, 0.8, -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717
    scale = (keep + saturated**2 * keep * p) ** -0.5
    shift = -scale * p * saturated
    assert alpha_affine(p) == pytest.approx((scale, shift))
    mask = torch.empty_like(x).bernoulli_(keep, generator=dice(5))
    y = AlphaDropout(p, dice(5))(x)
    torch.testing.assert_close(y, scale * (mask * x + (1 - mask) * saturated) + shift)
    assert y.mean().item() == pytest.approx(0, abs=SIGMAS / len(x) ** 0.5)
    assert y.var().item() == pytest.approx(1, abs=SIGMAS * (y.var().item() ** 2 * 4 / len(x)) ** 0.5)
    value = torch.tensor([1.5], dtype=torch.float64)
    draws = AlphaDropout(p, dice(6))(value.expand(100_000))
    assert draws.mean().item() == pytest.approx(scale * keep * 1.5, abs=SIGMAS * draws.std().item() / 100_000**0.5)


# ---- weights


@pytest.mark.parametrize("make", [conv, lambda: conv(groups=2, stride=2), lambda: conv(padding_mode="reflect")])
def test_drop_connect_per_example_is_each_example_through_its_own_layer(make):
    x = numbers(3, 4, 6, 6).requires_grad_()
    module = DropConnect(make(), 0.4, per_example=True, generator=dice(3))
    y = module(x)
    own, copies = dice(3), []
    masks = [torch.empty(3, *p.shape, dtype=torch.float64).bernoulli_(0.6, generator=own) for p in make().parameters()]
    towards = numbers(*y.shape, seed=1)
    (y * towards).sum().backward()
    ours, x.grad = x.grad, None
    for example in range(3):
        thin = make()
        with torch.no_grad():
            for parameter, mask in zip(thin.parameters(), masks, strict=True):
                parameter.mul_(mask[example] / 0.6)
        copies.append(thin)
    expected = torch.cat([thin(x[i : i + 1]) for i, thin in enumerate(copies)])
    torch.testing.assert_close(y, expected)
    (expected * towards).sum().backward()
    torch.testing.assert_close(ours, x.grad)
    summed = sum(thin.weight.grad * masks[0][i] / 0.6 for i, thin in enumerate(copies))
    torch.testing.assert_close(module.layer.weight.grad, summed)


def test_drop_connect_of_a_batch_shares_one_mask():
    x, layer = numbers(5, 7), nn.Linear(7, 3).double()
    y = DropConnect(layer, 0.4, generator=dice(3))(x)
    own = dice(3)
    weight, bias = (
        p.detach() * torch.empty_like(p).bernoulli_(0.6, generator=own) / 0.6 for p in (layer.weight, layer.bias)
    )
    torch.testing.assert_close(y, F.linear(x, weight, bias))


@pytest.mark.parametrize("make", [conv, lambda: nn.Linear(6, 5).double()])
def test_drop_connect_has_the_moments_of_the_paper(make):
    layer = make()
    module = DropConnect(layer, 0.3, per_example=True, generator=dice())
    x = numbers(1, 4, 6, 6) if isinstance(layer, nn.Conv2d) else numbers(1, 6)
    draws = module(x.expand(6000, *x.shape[1:])).detach()
    mean, variance = preactivation_moments(module, x)
    assert is_mean(draws, mean[0], variance[0].sqrt())
    torch.testing.assert_close(draws.var(0), variance[0], rtol=0.15, atol=0)


def test_stochastic_depth_leaves_out_whole_branches_and_not_the_way_around():
    x, branch = numbers(400, 2, 3, 3), nn.Conv2d(2, 2, 3, padding=1).double()
    module = StochasticDepth(0.3, dice())
    gone = (x + module(branch(x)) == x).flatten(1)
    assert torch.equal(gone.all(1), gone.any(1))
    assert gone.all(1).double().mean().item() == pytest.approx(0.3, abs=SIGMAS * (0.21 / 400) ** 0.5)


def test_spatial_dropout_drops_channels_whole():
    y = SpatialDropout(0.5, dice())(torch.ones(50, 8, 3, 3)).flatten(2)
    assert torch.equal((y == 0).all(2), (y == 0).any(2))
    assert isinstance(Dropout(), nn.Dropout)


@pytest.mark.parametrize("name", SIGNAL)
def test_kinds_for_maps_alone_say_so(name):
    module = build(name, p=0.5)
    assert DROPOUTS[name].maps == (name in ("SpatialDropout", "DropBlock", "Disout"))
    if not DROPOUTS[name].maps:
        assert module(numbers(20, 6)).shape == (20, 6)


@pytest.mark.parametrize("name", ["Dropout", "SpatialDropout", "DropBlock", "StochasticDepth"])
def test_the_mask_told_is_the_mask_used(name):
    x = torch.ones(4, 3, 7, 7)
    told, y = build(name, 2, p=0.5).mask(x), build(name, 2, p=0.5)(x)
    assert 0 < told.sum() < told.numel()
    assert torch.equal(told.expand_as(x) != 0, y != 0)
