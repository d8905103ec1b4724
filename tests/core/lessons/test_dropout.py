"""The dropout lesson's figures: real maps, expectations, MC dropout, and training with and without."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.images.center_crop import square
from core.layers.dropout import DROPOUTS, DropBlock, block_gamma, keep_probability
from core.lessons import dropout as lab
from core.lessons.dropout import maps
from core.lessons.dropout.comparison import noisy_data
from core.lessons.dropout.mc_dropout import ANGLES, SWEEP_PASSES, rotated, sweep
from core.lessons.dropout.network import split
from core.lessons.experiments import digits
from core.models.efficient.pretrained import preprocess, pretrained_efficientnet_lite0

SIGMAS = 5


def knobs(kind, **changed):
    return tuple((DROPOUTS[kind].defaults | changed).items())


# ---- maps


def test_maps_and_branch_are_those_of_the_network():
    seen = []
    network = pretrained_efficientnet_lite0()
    block = network._blocks[maps.BLOCK]
    block.register_forward_hook(lambda module, args, output: seen.extend([args[0], output]))
    block._bn0.register_forward_hook(lambda module, args, output: seen.append(output.clone()))
    picture = torch.tensor(square("china", maps.SIDE, colour=True)).movedim(-1, 0)[None] * 255
    with torch.no_grad():
        network(preprocess(picture))
        expanded, given, output = seen
        shown = maps.activations("china")
        torch.testing.assert_close(shown.block_input, given, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(shown.block_input + shown.branch, output, rtol=1e-4, atol=1e-3)
        every = F.relu6(expanded)
        places = [int((every[0] - one).abs().amax((1, 2)).argmin()) for one in shown.maps[0]]
        assert len(set(places)) == maps.SHOWN
        torch.testing.assert_close(shown.maps[0], every[0, places], rtol=1e-3, atol=1e-3)
        before = shown.layer()(shown.block_input)[0]
        torch.testing.assert_close(before, block._expand_conv(given)[0, places], rtol=1e-3, atol=1e-3)


def test_standardized_maps_have_mean_0_and_variance_1():
    x = lab.standardized("flower").double()
    assert x.mean().item() == pytest.approx(0, abs=1e-5)
    assert x.var(correction=0).item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", DROPOUTS)
def test_a_draw_repeats_itself_and_counts_what_went(kind):
    one, two, other = (lab.sample(kind, knobs(kind, p=0.5), "china", seed) for seed in (1, 1, 2))
    assert np.array_equal(one.after, two.after)
    assert not np.array_equal(one.after, other.after)
    shares = [lab.sample(kind, knobs(kind, p=0.5), "china", seed).share for seed in range(30)]
    expected = 0.5
    if "block_size" in DROPOUTS[kind].defaults:
        k = DROPOUTS[kind].defaults["block_size"]
        expected = 1 - keep_probability(block_gamma(0.5, k, 28, 28), k, 28, 28).mean().item()
    assert np.mean(shares) == pytest.approx(expected, abs=SIGMAS * np.std(shares) / 30**0.5 + 0.01)
    untouched = lab.sample(kind, knobs(kind, p=0.0), "china", 1)
    assert untouched.share == 0
    np.testing.assert_allclose(untouched.after, untouched.before, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["Dropout", "SpatialDropout", "DropBlock"])
def test_what_is_marked_is_what_is_zero(kind):
    one = lab.sample(kind, knobs(kind, p=0.5), "china", 3)
    assert (one.after[one.affected] == 0).all()
    alike = ~one.affected & (one.before != 0)
    assert np.ptp(one.after[alike] / one.before[alike]) < 1e-5  # one factor for all that stay
    assert (one.after[alike] > one.before[alike]).all()


# ---- means


@pytest.mark.parametrize("kind", ["Dropout", "SpatialDropout", "StochasticDepth", "DropConnect", "AlphaDropout"])
def test_draws_of_a_value_have_the_mean_and_deviation_told(kind):
    found = lab.estimate(kind, knobs(kind, p=0.3), "camera", "Centre", 6)
    error = found.std / lab.DRAWS**0.5
    assert found.std > 0
    assert abs(found.draws.mean() - found.expected) < SIGMAS * error
    assert found.draws.std() == pytest.approx(found.std, rel=0.2)
    assert abs(found.unscaled.mean() - found.expected) > SIGMAS * error  # the scaling is what does it
    if kind != "AlphaDropout":
        assert found.expected == pytest.approx(found.value)
        np.testing.assert_allclose(found.unscaled, 0.7 * found.draws)


@pytest.mark.parametrize("kind", ["DropBlock", "Disout"])
@pytest.mark.parametrize("cell", lab.CELLS)
def test_each_draw_of_blocks_is_divided_by_its_own_share(kind, cell):
    asked = knobs(kind, p=0.3, block_size=4)
    found = lab.estimate(kind, asked, "camera", cell, 5)
    row, column = (0, 0) if cell == "Corner" else (14, 14)
    x = lab.feature_maps("camera")[:, :1]
    twin = DropBlock(0.3, 4, generator=torch.Generator().manual_seed(5))
    masks = twin.mask(x.expand(lab.DRAWS, -1, -1, -1))[:, 0]
    alone = torch.stack([(x[0, 0] * mask / mask.mean())[row, column] for mask in masks]).double().numpy()
    stays = masks[:, row, column].bool().numpy()
    np.testing.assert_allclose(found.draws[stays], alone[stays], rtol=1e-6)
    assert (found.draws[~stays] == 0).all() == (kind == "DropBlock")
    spread = (found.keep_probability * (1 - found.keep_probability) / lab.DRAWS) ** 0.5
    assert stays.mean() == pytest.approx(found.keep_probability, abs=SIGMAS * spread)


def test_a_corner_comes_out_too_large_and_the_middle_too_small():
    corner, middle = (
        lab.estimate("DropBlock", knobs("DropBlock", p=0.3), "camera", cell, 1) for cell in lab.CELLS[::-1]
    )
    assert corner.draws.mean() > 1.1 * corner.value
    assert middle.draws.mean() < middle.value


# ---- passes


def test_the_network_has_learnt_digits_that_it_was_not_trained_on():
    x, labels = digits()
    train, validation = split(len(x) - 500, 0)
    assert not set(train.tolist()) & set(validation.tolist())
    assert (lab.trained()(x[validation]).argmax(1) == labels[validation]).double().mean() > 0.95


def test_turning():
    x, _ = lab.validation_digit(4)
    torch.testing.assert_close(rotated(x, 0), x, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(rotated(x, 90), x.rot90(1, (2, 3)), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(rotated(rotated(x, 90), -90), x, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", DROPOUTS)
def test_evaluation_never_differs_and_passes_do(kind):
    asked = (
        knobs(kind, p=0.5)
        if "block_size" not in DROPOUTS[kind].defaults
        else knobs(kind, p=0.5, block_size=3, alpha=50.0)
    )
    asked = tuple((key, value) for key, value in asked if key in DROPOUTS[kind].knobs)
    one, again = (lab.predict(kind, asked, 26, 40, 1) for _ in range(2))
    assert np.array_equal(one.passes, again.passes)
    digit = rotated(lab.validation_digit(26)[0], 40)
    own = lab.trained(kind, asked)(digit).softmax(1)[0].detach().numpy()
    np.testing.assert_array_equal(one.evaluation, own)
    assert one.passes.std(0).max() > 0.01
    assert one.votes.sum() == lab.PASSES
    off = lab.predict(kind, tuple((key, 0.0 if key == "p" else value) for key, value in asked), 26, 40, 1)
    plain = lab.trained()(digit).softmax(1)[0].detach().numpy()  # trained without any dropout
    np.testing.assert_array_equal(off.evaluation, plain)
    np.testing.assert_allclose(off.passes, np.broadcast_to(plain, off.passes.shape), rtol=1e-5, atol=1e-6)


def test_sweep_is_a_pass_at_each_angle():
    found = sweep("Dropout", knobs("Dropout"), 26, 1)
    assert len(found.mean) == len(ANGLES)
    assert (found.low <= found.high).all()
    x, label = lab.validation_digit(26)
    network = lab.trained("Dropout", knobs("Dropout"), 1).train()
    batch = torch.cat([rotated(x, angle) for angle in ANGLES])
    with torch.no_grad():
        passes = torch.stack([network(batch).softmax(1)[:, label] for _ in range(SWEEP_PASSES)])
        np.testing.assert_allclose(found.mean, passes.mean(0), rtol=1e-5)
        np.testing.assert_allclose(found.evaluation, network.eval()(batch).softmax(1)[:, label], rtol=1e-5)


def test_a_sweep_takes_in_what_more_passes_found():
    found, swept = lab.predict("Dropout", knobs("Dropout"), 26, 40, 1), sweep("Dropout", knobs("Dropout"), 26, 1)
    for degrees, angles in ((40, ANGLES), (-35, tuple(sorted((*ANGLES, -35))))):
        through = swept.with_angle(degrees, found)
        place = angles.index(degrees)
        assert through.angles == angles
        assert len(through.mean) == len(through.low) == len(through.high) == len(through.evaluation) == len(angles)
        assert through.mean[place] == pytest.approx(found.passes[:, found.label].mean())
        assert through.low[place] == pytest.approx(np.quantile(found.passes[:, found.label], 0.1))
        rest = [one for one in range(len(angles)) if one != place]
        kept = [one for one in range(len(ANGLES)) if ANGLES[one] != degrees]
        np.testing.assert_array_equal(through.high[rest], swept.high[kept])


# ---- the experiment

SHORT = lab.DropoutTraining(train_size=40, epochs=3, label_noise=0.25)


def test_as_many_labels_are_false_as_asked_and_none_in_validation():
    x, labels = digits()
    train, validation = split(40, 0)
    pictures, told, x_validation, right = noisy_data(SHORT)
    assert torch.equal(pictures, x[train])
    assert (told != labels[train]).sum() == 10
    assert torch.equal(x_validation, x[validation])
    assert torch.equal(right, labels[validation])


@pytest.mark.parametrize("kind", DROPOUTS)
def test_only_the_dropout_differs(kind):
    without = list(lab.train(SHORT))
    harmless = list(lab.train(SHORT, kind, knobs(kind, p=0.0)))
    dropping = list(lab.train(SHORT, kind, knobs(kind, p=0.5)))
    for plain, same in zip(without, harmless, strict=True):
        assert same.loss == pytest.approx(plain.loss, rel=1e-4)
        assert same.validation_loss == pytest.approx(plain.validation_loss, rel=1e-4)
    assert dropping[-1].loss != pytest.approx(without[-1].loss, rel=1e-3)
    first, second = (lab.DropoutNet(one, knobs(one) if one != lab.NONE else (), 3) for one in (lab.NONE, kind))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_races_side_by_side_are_as_if_alone():
    asked = (SHORT, "Dropout", knobs("Dropout"))
    alone = list(lab.train_both(*asked))
    one, two = lab.train_both(*asked), lab.train_both(*asked)
    mixed = [(next(one), next(two)) for _ in range(SHORT.epochs)]
    torch.rand(3)
    assert [moment[0] for moment in mixed] == alone
    assert [moment[1] for moment in mixed] == alone
