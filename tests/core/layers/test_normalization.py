"""Every normalization, forward and backward, in training and evaluation, against a slow reference, cell by cell."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.layers.normalization import NORMALIZATIONS, BatchInstanceNorm2d, WeightStandardization

SHAPE = (3, 4, 2, 3)
EPS = 1e-3
KNOBS = {"groups": 2, "rho": 0.3}
AXES = "NCHW"


def shares(place, other, axes, channels_a_group):
    """Whether two cells share statistics: on every axis that does not share, they are at the same place."""
    for letter, a, b in zip(AXES, place, other, strict=True):
        if letter == "C" and "G" in axes:
            a, b = a // channels_a_group, b // channels_a_group
        elif letter in axes:
            continue
        if a != b:
            return False
    return True


def reference(entry, x, eps, groups=1, rho=0.5):
    """Each cell by itself: collect who shares with it, then mean, variance and the formula."""
    places = list(torch.cartesian_prod(*(torch.arange(side) for side in x.shape)).reshape(-1, 4).tolist())
    weights = (1.0,) if len(entry.shares) == 1 else (rho, 1 - rho)
    out = []
    for place in places:
        value = 0.0
        for axes, weight in zip(entry.shares, weights, strict=True):
            met = torch.stack([x[tuple(o)] for o in places if shares(place, o, axes, x.shape[1] // groups)])
            mean = met.sum() / len(met) if entry.centred else 0.0
            variance = ((met - mean) ** 2).sum() / len(met)
            value = value + weight * (x[tuple(place)] - mean) / (variance + eps) ** 0.5
        out.append(value)
    return torch.stack(out).reshape(x.shape)


def draw(shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 3 + 1


def own_knobs(entry):
    return {key: KNOBS[key] for key in entry.knobs}


def module_of(entry, shape=SHAPE, eps=EPS, **knobs):
    module = entry.build(*shape[1:], eps, **(own_knobs(entry) | knobs)).double()
    if "rho" in entry.knobs:
        nn.init.constant_(module.rho, KNOBS["rho"])  # it was born in float32
    return module


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_forward_and_backward_agree_with_the_reference(name):
    entry = NORMALIZATIONS[name]
    ours, theirs = draw(SHAPE).requires_grad_(), draw(SHAPE).requires_grad_()
    y, expected = module_of(entry)(ours), reference(entry, theirs, EPS, **own_knobs(entry))
    torch.testing.assert_close(y, expected, rtol=1e-9, atol=1e-9)
    towards = draw(SHAPE, seed=1)
    (y * towards).sum().backward()
    (expected * towards).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_gamma_and_beta_follow_the_normalization(name):
    entry, x = NORMALIZATIONS[name], draw(SHAPE)
    module = module_of(entry)
    plain = module(x)
    assert {key for key, _ in module.named_parameters() if key != "rho"} == {
        "both": {"weight", "bias"},
        "scale": {"weight"},
        "": set(),
    }[entry.affine]
    if not entry.affine:
        return
    per_channel = module.weight.ndim == 1
    with torch.no_grad():
        module.weight.copy_(draw(module.weight.shape, 2))
        if entry.affine == "both":
            module.bias.copy_(draw(module.bias.shape, 3))
    wide = (1, -1, 1, 1) if per_channel else (1, *SHAPE[1:])
    expected = plain * module.weight.reshape(wide)
    if entry.affine == "both":
        expected = expected + module.bias.reshape(wide)
    torch.testing.assert_close(module(x), expected)


@pytest.mark.parametrize("name", [name for name, entry in NORMALIZATIONS.items() if "NHW" not in entry.shares])
def test_without_batch_statistics_evaluation_changes_nothing(name):
    module, x = module_of(NORMALIZATIONS[name]), draw(SHAPE)
    torch.testing.assert_close(module.eval()(x), module.train()(x))


def test_batch_instance_evaluates_with_running_averages_and_its_own_picture():
    module = module_of(NORMALIZATIONS["Batch-instance"])
    running_mean, running_var = torch.zeros(4, dtype=torch.float64), torch.ones(4, dtype=torch.float64)
    for seed in range(3):
        x = draw(SHAPE, seed)
        module(x)
        running_mean = 0.9 * running_mean + 0.1 * x.mean((0, 2, 3))
        running_var = 0.9 * running_var + 0.1 * x.var((0, 2, 3), unbiased=True)
    x = draw(SHAPE, 9)
    batch = (x - running_mean[:, None, None]) / (running_var[:, None, None] + EPS).sqrt()
    instance = (x - x.mean((2, 3), keepdim=True)) / (x.var((2, 3), unbiased=False, keepdim=True) + EPS).sqrt()
    torch.testing.assert_close(module.eval()(x), 0.3 * batch + 0.7 * instance)


def test_batch_instance_keeps_rho_in_bounds_and_learns_it():
    x = draw(SHAPE)
    above = BatchInstanceNorm2d(4, eps=EPS, rho=7.0).double()
    torch.testing.assert_close(above(x), F.batch_norm(x, None, None, training=True, eps=EPS))
    below = BatchInstanceNorm2d(4, eps=EPS, rho=-7.0).double()
    torch.testing.assert_close(below(x), F.instance_norm(x, eps=EPS))
    between = BatchInstanceNorm2d(4, rho=0.5).double()
    (between(x) * draw(SHAPE, 1)).sum().backward()
    assert between.rho.grad.abs().min() > 0


def test_weight_standardization_works_on_a_convolution():
    conv = nn.Conv2d(3, 5, 3).double()
    raw = conv.weight.detach().clone()
    nn.utils.parametrize.register_parametrization(conv, "weight", WeightStandardization(EPS))
    entry = NORMALIZATIONS["Weight standardization"]
    expected = reference(entry, raw, EPS)
    torch.testing.assert_close(conv.weight, expected)
    x = draw((2, 3, 6, 6))
    torch.testing.assert_close(conv(x), F.conv2d(x, expected, conv.bias))


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_printed_expression_builds_the_entry(name):
    from core.layers import normalization

    entry = NORMALIZATIONS[name]
    sides = dict(zip(("channels", "height", "width"), SHAPE[1:], strict=True))
    built = eval(entry.code.format(**sides, eps=EPS, **own_knobs(entry)), vars(normalization)).double()
    x = draw(SHAPE)
    torch.testing.assert_close(built(x), module_of(entry)(x), rtol=1e-6, atol=1e-6)


@settings(deadline=None, max_examples=25)
@given(st.tuples(*[st.integers(1, 4)] * 4), st.integers(0, 99))
def test_every_entry_takes_every_shape_that_pytorch_takes(shape, seed):
    x = draw(shape, seed)
    for entry in NORMALIZATIONS.values():
        alone = shape[2] * shape[3] == 1 and (
            "HW" in entry.shares or (shape[0] == 1 and entry.shares[0] in ("NHW", "GHW"))
        )
        module = module_of(entry, shape, **({"groups": shape[1]} if "groups" in entry.knobs else {}))
        if alone:
            with pytest.raises(ValueError, match="Expected more than 1"):
                module(x)
        else:
            knobs = own_knobs(entry) | ({"groups": shape[1]} if "groups" in entry.knobs else {})
            torch.testing.assert_close(module(x), reference(entry, x, EPS, **knobs), rtol=1e-7, atol=1e-7)


def test_those_that_take_any_size_are_offered_for_training():
    from core.training.recipe.architecture_options import NONE, NORMS

    assert {NONE, "Batch", "Group", "Instance", "Batch-instance", "Layer, channels only"} <= set(NORMS)
    assert not {"Layer", "RMS", "Weight standardization"} & set(NORMS)
    for name in NORMS[1:]:
        assert module_of(NORMALIZATIONS[name], (2, 4, 1, 1))(draw((2, 4, 5, 7))).shape == (2, 4, 5, 7)
