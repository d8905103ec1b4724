"""What a normalization does to a network, on its page: every part opens, its lines run, its training runs."""

import math
import re

import numpy as np
import pytest
import torch

from core.lessons.normalization.effects import batch_size, before_after, placement, running_statistics, train_vs_eval
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import ORDERS, PLAIN, BlockNet
from core.percent import percent
from tests.pages.helpers import formulas, open_page

PARTS = ("Before and after", "Order in a block", "Train vs. eval", "Batch size", "Folding into the convolution")


def open_part(part, **query):
    page = open_page("normalization", part=part, **query)
    assert not page.exception, [error.message for error in page.exception]
    return page


def words(page) -> str:
    return "\n".join(text.value for text in page.markdown)


def ran(page) -> dict:
    names: dict = {}
    exec(page.code[0].value, names)
    return names


@pytest.mark.parametrize("part", PARTS)
def test_only_the_open_part_is_computed_and_a_spoilt_link_opens_it(part):
    page = open_part(part)
    assert len(page.code) == 1
    keys = [widget.key for kind in ("slider", "selectbox", "segmented_control", "toggle") for widget in page.get(kind)]
    assert len(keys) > 4
    assert "nm_name" not in keys
    open_part(part, **{key: "999999999 <script>" for key in keys if key and key != "part"})


def test_before_and_after_lines_give_the_drawn_figures():
    page = open_part("Before and after", nb_norm="Group", nb_gamma="1.5", nb_beta="-0.5", nb_channel="2", nb_layer="3")
    names = ran(page)
    x = before_after.convolved(3, True, 0)[:32]
    found = before_after.compare("Group", "ReLU", x, before_after.ChannelAffine("2", 1.5, -0.5))
    np.testing.assert_allclose(names["means"], found.mean[1], atol=1e-5)
    np.testing.assert_allclose(names["stds"], found.std[1], rtol=1e-4)
    assert f"**{percent(found.saturated_share[1].mean(), 1)}** with it" in words(page)


def test_one_channel_can_be_undone_and_a_layer_killed():
    assert "Solved" not in words(open_part("Before and after"))
    x = before_after.convolved(2, True, 0)[:32, 0]
    gamma, beta = (f"{round(float(value) / 0.05) * 0.05:.2f}" for value in (x.std(correction=0), x.mean()))
    assert words(open_part("Before and after", nb_channel="0", nb_gamma=gamma, nb_beta=beta)).count("Solved") == 1
    assert words(open_part("Before and after", nb_beta="-2.5")).count("Solved") == 1


def test_orders_are_told_as_measured_and_the_challenge_can_be_solved():
    page = open_part("Order in a block", np_activation="Sigmoid", np_depth="8", np_order="norm, activation, conv, pool")
    net = BlockNet("norm, activation, conv, pool", "Sigmoid", depth=8)
    assert ran(page)["loss"].item() == placement.at_initialization(net).loss
    for order, one in placement.all_orders(net).items():
        assert f"| {placement.at_initialization(one).loss:.4g} |" in words(page), order
    kept = {}
    for order, one in placement.all_orders(net).items():
        gradient = placement.at_initialization(one).gradient
        kept[order] = gradient[0] >= gradient[-1]
    assert not kept[PLAIN]
    solving = next(order for order, solves in kept.items() if solves)
    query = {"np_activation": "Sigmoid", "np_depth": "8"}
    assert "Solved" in words(open_part("Order in a block", np_order=solving, **query))
    failing = next(order for order, solves in kept.items() if not solves)
    assert "Solved" not in words(open_part("Order in a block", np_order=failing, **query))


def run_to(page, key, length):
    """Start a run, let it tick a few times, then pass the rest without waiting for the page."""
    page.get_by_key(f"{key}-start").click().run()
    run = page.session_state[f"run:{key}"]
    passed = len(run.history)
    page.run()
    assert len(run.history) > passed or run.is_over
    while not run.is_over:
        run.advance(work_s=60)
    assert len(run.history) == length
    page.run()
    assert not page.exception
    return run


def test_the_claim_is_judged_by_the_race_itself():
    page = open_part("Order in a block", np_depth="2", np_rate="0.2")
    run = run_to(page, "np-run", placement.STEPS)
    right = {name: placement.last_accuracy(run.history, place) for place, (name, _) in enumerate(run.settings[0])}
    told = words(page)
    for share in right.values():
        assert f"| {percent(share, 1)} |" in told
    gain = 100 * (right["Sigmoid + Batch"] - right["Sigmoid alone"])
    assert f"Sigmoid {gain:+.1f} points".replace("-", "−") in told
    assert f"**{max(right, key=right.get)}** is best" in told


def test_a_contestant_that_blows_up_is_told_so(monkeypatch):
    monkeypatch.setattr(placement, "sgd_step", lambda network, x, labels, learning_rate: math.nan)
    page = open_part("Order in a block", np_depth="2")
    run_to(page, "np-run", 1)
    assert words(page).count("not finite (diverged)") == 4


def test_all_orders_can_be_raced():
    page = open_part("Order in a block", np_depth="2", np_who="All orders")
    page.get_by_key("np-run-start").click().run()
    assert [name for name, _ in page.session_state["run:np-run"].settings[0]] == list(ORDERS)
    assert not page.exception


def test_both_modes_are_told_as_pytorch_has_them():
    query = {"nm_e_size": "8", "nm_e_batches": "30", "nm_conv": "Keras", "nm_m_keras": "0.95", "nm_e_picture": "4"}
    page = open_part("Train vs. eval", **query)
    names = ran(page)
    network = running_statistics.network_after(
        running_statistics.record_training(running_statistics.BatchNormTraining()), 30, "Keras", 0.95
    )
    with torch.no_grad():
        expected = network.eval()(nets.split()["validation"][0][4:5]).softmax(-1)[0]
    assert names["evaluation"].item() == pytest.approx(expected[int(names["truth"])].item(), rel=1e-4)
    assert list(names["spreads"]) == list(train_vs_eval.SIZES)
    shares = [names["accuracy"], *names["accuracies"].values()]
    assert f"| Validation accuracy | {' | '.join(percent(share, 1) for share in shares)} |" in words(page)
    assert f"**{percent(0.95**30, 2)}** of the average" in words(page)


def test_the_neighbours_challenge_is_solved_by_what_it_asks_for_and_by_nothing_less():
    """The state is looked for, so that it is the page's own figure that has to agree."""
    trained, truths = (
        running_statistics.network_after(
            running_statistics.record_training(running_statistics.BatchNormTraining()), 60, "PyTorch", 0.1
        ),
        nets.split()["validation"][1],
    )
    spreads = {}
    for picture in range(40):
        answers = train_vs_eval.in_random_batches(trained, picture, 2, 0).probabilities[:, int(truths[picture])]
        spreads[picture] = float(np.ptp(answers))
    most, least = max(spreads, key=spreads.get), min(spreads, key=spreads.get)
    assert spreads[least] < 0.8 < spreads[most]

    def told(picture, **query):
        found = words(open_part("Train vs. eval", nm_e_picture=str(picture), **query))
        return re.search(
            r"(Solved|Challenge)\S* — Find an image, a batch size .* Now: \*\*([\d.]+)\*\*", found
        ).groups()

    assert told(most, nm_e_size="2") == ("Solved", f"{100 * spreads[most]:.1f}")
    assert told(least, nm_e_size="2") == ("Challenge", f"{100 * spreads[least]:.1f}")
    assert told(most, nm_e_size="1") == ("Challenge", "0.0")  # alone, there are no neighbours
    assert told(most, nm_e_size="2", nm_e_batches="49")[0] == "Challenge"  # hardly trained, everything moves


def test_momentum_solves_the_challenge_of_the_averages():
    below = r"never more than 8 percentage points below"
    slow, fast = (words(open_part("Train vs. eval", nm_m_pytorch=momentum)) for momentum in ("0.01", "0.5"))
    assert re.search(rf"Challenge\S* — Choose a momentum with which the accuracy in `eval\(\)` is {below}", slow)
    assert re.search(rf"Solved\S* — Choose a momentum with which the accuracy in `eval\(\)` is {below}", fast)


def test_errors_of_a_batch_are_told_as_measured():
    page = open_part("Batch size", ns_size="4", ns_channel="3")
    names, found = ran(page), batch_size.errors(batch_size.ChannelSelection(channel=3))
    row = batch_size.SIZES.index(4)
    assert f"error of the mean is **{names['rmse']:.3f}** standard deviations" in words(page)
    assert f"theory: {found.theory[row]:.3f}" in words(page)
    assert any(one.endswith(f"\\approx {found.theory[row]:.3f}") for one in formulas(page))
    assert "Solved" not in words(page)
    enough = next(size for size, errors in zip(batch_size.SIZES, found.variance, strict=True) if errors[1] < 0.05)
    assert "Solved" in words(open_part("Batch size", ns_size=str(enough), ns_channel="3"))


def test_small_batches_are_raced_against_large_ones(monkeypatch):
    monkeypatch.setattr(batch_size, "POINTS", 6)
    monkeypatch.setattr(batch_size.train_side_by_side, "__defaults__", (6,))
    monkeypatch.setattr(batch_size.train, "__defaults__", (6,))
    page = open_part("Batch size")
    run = run_to(page, "ns-run", 6)
    for place in range(4):
        assert percent(placement.last_accuracy(run.history, place), 1) in words(page)
    assert "From batches of 32 to batches of 2" in words(page)


@pytest.mark.parametrize("order", ["conv, norm, activation, pool", "conv, norm, pool, activation"])
def test_folding_prints_the_difference_and_what_is_saved(order):
    page = open_part("Folding into the convolution", nf_order=order, nf_depth="3", nf_steps="20", nf_block="2")
    names = ran(page)
    assert f"| float32 | {names['differences'][torch.float32].item():.3g} |" in words(page)
    torch.testing.assert_close(names["fused"].weight, names["folded"](names["network"])[1].conv.weight)
    assert "| layers that run | 13 | 10 | 3 |" in words(page)
    assert ("Solved" in words(page)) == (order != "conv, norm, activation, pool")
    factor = formulas(page)[0].split(r"\\")[0]
    gamma, variance, eps, told = (float(number) for number in re.findall(r"\d+\.\d+", factor))
    assert gamma / math.sqrt(variance + eps) == pytest.approx(told, abs=1e-6)


def test_what_does_not_fold_gets_a_sentence():
    page = open_part("Folding into the convolution", nf_order="conv, activation, norm, pool")
    assert "an activation, not a convolution, comes directly before it" in page.error[0].value
    page = open_part("Folding into the convolution", nf_order="norm, activation, conv, pool")
    assert "its block begins with it" in page.error[0].value
    page = open_part("Folding into the convolution", nf_norm="Group")
    assert "GroupNorm computes its statistics from each image" in page.error[0].value
