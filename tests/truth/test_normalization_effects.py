"""The normalization page's networks and runs: curves, tables, verdicts and terms are those that were computed."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.lessons.experiments import in_eval_mode
from core.lessons.normalization.effects import (
    batch_size,
    before_after,
    folding,
    placement,
    running_statistics,
)
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import CLASSIC, ORDERS, PLAIN, BlockNet
from core.percent import percent
from playground.normalization import folding as folding_tab
from playground.normalization import placement as placement_tab
from playground.normalization import text
from tests.truth.knob_states import STATES, values_of
from tests.truth.latex import evaluated


@pytest.mark.parametrize("activation", ["ReLU", "Sigmoid", "LeakyReLU", "GELU"])
@pytest.mark.parametrize("norm", ["Batch", "Group", "RMS"])
def test_orders_are_told_alike_by_curve_table_and_challenge(activation, norm):
    net = BlockNet(activation=activation, norm=norm, depth=3 + len(norm))
    results = {order: placement.at_initialization(one, 1) for order, one in placement.all_orders(net).items()}
    lines = placement_tab.orders(results, net.order).splitlines()[2:]
    for (order, one), line in zip(results.items(), lines, strict=True):
        title, loss, first, last, dead, flat = (cell.strip() for cell in line.strip("|").split("|"))
        assert (f"**{order}**" in title, "(none)" in title) == (order == net.order, order == PLAIN)
        assert [loss, first, last] == [f"{one.loss:.4g}", f"{one.gradient[0]:.3g}", f"{one.gradient[-1]:.3g}"]
        assert [dead, flat] == [percent(share.mean(), 1) for share in (one.dead, one.saturated)]
        ratio = re.findall(r"\*\*(.+)\*\*", text.gradient_ratio(one.gradient))
        assert float(ratio[0]) == pytest.approx(one.gradient[0] / one.gradient[-1], rel=5e-3)
    assert text.gradient_ratio([1.0, 0.0]) == "Now no gradient reaches the last one"
    alike = [results[order].loss for order in (CLASSIC, "conv, norm, pool, activation")]
    if activation != "GELU":  # with an increasing activation and max pooling the two are one network
        assert alike[0] == pytest.approx(alike[1], rel=1e-5)


shares = st.integers(0, nets.VALIDATION_SIZE).map(lambda count: count / nets.VALIDATION_SIZE)


@STATES
@given(st.lists(shares, min_size=4, max_size=4) | shares.map(lambda share: [share] * 4))
def test_the_claim_is_judged_by_its_accuracies(accuracies):
    names = ("Sigmoid alone", "Sigmoid + Batch", "ReLU alone", "ReLU + Batch")
    history = [tuple(placement.StepResult(0, 1.0, share) for share in accuracies)]
    said = text.claim_judgement(names, history)
    gains = {"Sigmoid": accuracies[1] - accuracies[0], "ReLU": accuracies[3] - accuracies[2]}
    counts = {name: round(gain * nets.VALIDATION_SIZE) for name, gain in gains.items()}
    if counts["Sigmoid"] == counts["ReLU"]:
        assert "both change alike" in said
    elif max(counts.values()) > 0:
        assert f"**{max(counts, key=counts.get)}** gains more" in said
    else:
        assert f"**{min(counts, key=counts.get)}** loses" in said
        assert ("loses more" in said) == (max(counts.values()) < 0)
    for name, gain in gains.items():
        assert f"{name} {text.points(gain)} points" in said
    best = [name for name, share in zip(names, accuracies, strict=True) if share == max(accuracies)]
    assert (f"**{' and '.join(best)}** " in said) if len(best) < 4 else ("all four are equally good" in said)


@STATES
@given(st.lists(shares, min_size=4, max_size=4))
def test_small_batches_are_judged_by_their_accuracies(accuracies):
    said = text.batch_size_judgement([tuple(batch_size.RunProgress(32, 1.0, share) for share in accuracies)])
    by_run = dict(zip(batch_size.RUNS, accuracies, strict=True))
    for norm in ("Batch", "Group"):
        change = by_run[batch_size.BatchSizeRun(norm, 2)] - by_run[batch_size.BatchSizeRun(norm, 32)]
        (shown,) = re.findall(rf"\*\*{norm}\*\* (\S+) points", said)
        assert float(shown.replace("−", "-").replace("±", "")) == pytest.approx(100 * change, abs=0.0501)


MOMENTA = {name: values_of(entry.knob) if entry.knob.low != entry.knob.high else st.just(0.0)
           for name, entry in running_statistics.CONVENTIONS.items()}  # fmt: skip


@STATES
@given(
    st.sampled_from(list(MOMENTA)).flatmap(lambda name: st.tuples(st.just(name), MOMENTA[name])), st.integers(0, 120)
)
def test_the_initial_share_is_what_batch_norm_keeps(chosen, batches):
    convention, momentum = chosen
    said = text.initial_share(running_statistics.initial_share(convention, momentum, batches), batches)
    pytorchs = {"PyTorch": momentum, "Keras": 1 - momentum, "None": None}[convention]
    norm = torch.nn.BatchNorm2d(1, momentum=pytorchs, dtype=torch.float64)
    norm.running_mean.fill_(1.0)
    for _ in range(batches):
        norm(torch.zeros(1, 1, 1, 2, dtype=torch.float64))  # what is left of the 1 is the share
    left = norm.running_mean.item()
    if "less than" in said:
        assert 0 < left < 0.00005
    elif "nothing" in said:
        assert left == 0
    else:
        assert f"**{percent(left, 2)}** of the average is still its initial value" in said
    assert said.startswith("Before any batch") == (batches == 0)
    assert said.startswith("After 1 batch,") == (batches == 1)


@STATES
@given(st.lists(st.integers(-120, 120).map(lambda count: count / 120), min_size=8, max_size=8))
def test_the_lag_is_said_only_where_there_is_one(behind):
    said, checkpoints = text.lag(behind, list(range(15, 121, 15))), list(range(15, 121, 15))
    assert ("never below" in said) == (max(behind) <= 0)
    if max(behind) > 0:
        shown, after = re.findall(r"\*\*([\d.]+)\*\* below, after (\d+) batches", said)[0]
        assert float(shown) == pytest.approx(100 * max(behind), abs=0.0501)
        assert behind[checkpoints.index(int(after))] == max(behind)
        assert (max(behind) <= 0.08) == (float(shown) <= 8.0)  # the challenge, as it is printed


@pytest.mark.parametrize("layer", [1, 2, 3])
@pytest.mark.parametrize("trained", [False, True])
def test_errors_of_batches_are_told_as_drawn(layer, trained):
    for channel in range(before_after.CHANNELS):
        selection = batch_size.ChannelSelection(layer, channel, trained)
        result = batch_size.errors(selection, 60)
        means, squares, cells = batch_size.by_image(selection)
        effective = (squares.mean() - means.mean() ** 2) / means.var()
        said = text.effective_cells(result)
        numbers = [float(number) for number in re.findall(r"\b\d+(?:\.\d+)?\b", said)]
        assert numbers[0] == cells
        if "correlated" in said:
            assert effective < cells
        elif "compensate" in said:
            assert effective > cells
        if len(numbers) == 2:
            assert numbers[1] == pytest.approx(effective, rel=0.06)
            assert numbers[1] != cells
        row = 2
        said = text.batch_error(result, row, batch_size.SIZES[row])
        assert all(percent(share, 1) in said for share in result.variance[row])
        assert (np.diff(result.variance, axis=1) >= 0).all()


FOLDABLE = [order for order, one in ORDERS.items() if one.folds]


@pytest.mark.parametrize("order", FOLDABLE)
@pytest.mark.parametrize("depth", [2, 4, 7])
def test_folding_saves_what_is_no_longer_run_or_written(order, depth):
    network = nets.trained(BlockNet(order, depth=depth), 1, 3)
    costs = [folding.cost(one) for one in (network, folding.folded(network))]
    table = folding_tab.costs(*costs)
    for line in table.splitlines()[2:]:
        before, after, saved = (int(cell.strip().replace(",", "")) for cell in line.strip("|").split("|")[1:])
        assert before - after == saved
    written = []
    for layer in network.modules():
        if not [*layer.children()]:
            layer.register_forward_hook(lambda module, args, out: written.append((args[0], out)))
    x = nets.split()["validation"][0][:1]
    in_eval_mode(network, x)
    new = [out for source, out in written if source.untyped_storage().data_ptr() != out.untyped_storage().data_ptr()]
    assert costs[0].output_bytes == sum(out.numel() * out.element_size() for out in new)  # a view writes nothing
    assert costs[0].calls == len(written)
    assert costs[0].calls - costs[1].calls == depth
    assert costs[0].output_bytes - costs[1].output_bytes == 4 * costs[0].cells


@pytest.mark.parametrize("steps", [0, 5])
@pytest.mark.parametrize("order", FOLDABLE)
def test_the_terms_of_folding_give_its_results(order, steps):
    network = nets.trained(BlockNet(order, depth=3), 2, steps).eval()
    folded = folding.folded(network)
    for one, other in zip(network[:3], folded[:3], strict=True):
        block = folding_tab.folded_block(one, other)
        for channel, values in enumerate(block.values):
            latex = folding_tab.arithmetic(channel, **values)
            first, second = latex.split(r" \\[8pt] ")
            fraction, factor = re.search(r"= (\\frac\{[\d.-]+\}.*?) \\approx (\S+)", first).groups()
            assert evaluated(fraction) == pytest.approx(float(factor), rel=1e-5, abs=2e-6)
            products, bias = re.search(r"&= ([^&]*?) \\approx (\S+) \\end", second).groups()
            assert evaluated(products) == pytest.approx(float(bias), abs=7e-5)
            assert float(bias) == pytest.approx(other.conv.bias[channel].item(), abs=6e-5)
