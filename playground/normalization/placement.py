"""The order of layers in a block: every order measured and trained; and a popular claim tested."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.knobs import Knob
from core.lessons.activations import SATURATION_SLOPE
from core.lessons.normalization.effects import code_samples
from core.lessons.normalization.effects import placement as lab
from core.lessons.normalization.effects.network import CLASSIC, ORDERS, PLAIN, BlockNet
from core.percent import percent
from playground import controls, lesson, live_training
from playground.charts import normalization as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.markup import table
from playground.normalization import text

at_initialization = st.cache_data(lab.at_initialization, max_entries=400, show_spinner=False)
COLOURS = dict(zip(ORDERS, PALETTE, strict=False))
DASHES = {"conv, norm, pool, activation": "2 3"}  # where two curves coincide, both are visible
SEED = Knob(0, 0, 20, label="Seed", help="Of the weights and of the order of the batches.")
RATE = Knob(0.1, 0.001, 5.0, log=True, label="Learning rate", help="Plain SGD, the same for all.")
ALL_ORDERS, CLAIM = NETWORKS = ("All orders", "A popular claim")
ORDER = Knob(CLASSIC, choices=tuple(order for order in ORDERS if order != PLAIN), label="Order")


@lesson.fragment
def section() -> None:
    st.markdown(
        "A block has convolution, normalization, activation and pooling. Seven orders, same weights, same batch of "
        "digits."
    )
    beside, stage = lesson.play()
    with beside:
        net = controls.edit(BlockNet, "np_", order=ORDER)
        seed = controls.widget("seed", SEED, "np_seed")
    results = {order: at_initialization(network, seed) for order, network in lab.all_orders(net).items()}
    with stage:
        block_curves(results, net.depth)
        st.markdown(orders(results, net.order))
        st.caption(
            "Before training. Dead: units whose activation has slope 0 for the whole batch; flat: values at which "
            f"its slope is below {SATURATION_SLOPE} in size. “{net.order}”: {ORDERS[net.order].description}."
        )
    lesson.code(code_samples.order_code(net, seed))
    gradient = results[net.order].gradient
    lesson.challenge(
        "Find an order in which, with at least 8 blocks of **Sigmoid** and **Batch** normalization, the gradient of "
        f"the first convolution is at least as large as that of the last. {text.gradient_ratio(gradient)}.",
        solved=net.activation == "Sigmoid" and net.norm == "Batch" and net.depth >= 8 and gradient[0] >= gradient[-1],
        hint="The slope of a sigmoid is at most 1/4. What must come after it to restore the scale?",
    )
    lesson.subheader("Train them side by side")
    compete(net, seed)


def block_curves(results: Mapping[str, lab.BlockStatistics], depth: int) -> None:
    statistic = controls.pick("Per block", ("Gradients", "Dead units", "Flat values"), "np_what", room=46)

    def lines(field: str) -> list[Line]:
        return [Line(name, getattr(one, field), COLOURS[name], DASHES.get(name, "")) for name, one in results.items()]

    panel = {
        "Gradients": Panel("Norm of dL/dW of the convolution", lines("gradient"), log=True),
        "Dead units": Panel("Share of dead units", lines("dead"), low=0, high=1),
        "Flat values": Panel("Share of flat values", lines("saturated"), low=0, high=1),
    }[statistic]
    curves(range(1, depth + 1), [panel], "np-blocks", "block", 1)


def orders(results: Mapping[str, lab.BlockStatistics], chosen: str) -> str:
    """The figures of each order before training, as a table."""
    heads = ("Order", "Loss", "Gradient, first block", "Gradient, last block", "Dead units", "Flat values")
    rows = []
    for name, one in results.items():
        title = (f"**{name}**" if name == chosen else name) + (" (none)" if name == PLAIN else "")
        gradients = (f"{one.gradient[block]:.3g}" for block in (0, -1))
        shares = (percent(share.mean(), 1) for share in (one.dead, one.saturated))
        rows.append((title, f"{one.loss:.4g}", *gradients, *shares))
    return table(heads, rows, "->>>>>")


@lesson.fragment
def compete(net: BlockNet, seed: int) -> None:
    """All orders, or Sigmoid and ReLU with and without normalization."""
    beside, stage = lesson.play()
    with beside:
        selected = controls.pick("Compare", NETWORKS, "np_who", default=CLAIM)
        rate = controls.widget("rate", RATE, "np_rate")
        networks = lab.all_orders(net) if selected == ALL_ORDERS else lab.popular_claim(net)
        experiment = (tuple(networks.items()), seed, rate)
        live_training.controls(
            "np-run", experiment, lambda: lab.train_side_by_side(list(networks.values()), seed, rate), "Train"
        )
    with stage:
        if selected == CLAIM:
            st.markdown(
                "“Batch normalization suits sigmoid better than ReLU”, says a popular text. Here each is trained "
                f"without and with **{net.norm}** normalization in the order chosen above, at the same learning rate. "
                f"Try several."
            )
        live_training.watch("np-run", show, at_most=6)
    lesson.source(
        "Ioffe & Szegedy 2015, arXiv:1502.03167; orders compared: Mishkin, Sergievskiy & Matas 2016, arXiv:1606.02228; "
        "normalization first: He et al. 2016, arXiv:1603.05027."
    )


def show(run: live_training.LiveRun) -> None:
    """Losses and validation accuracy so far, and at the end the verdict on the claim."""
    names = [name for name, _ in run.settings[0]]
    lines = [
        Line(name, charts.averages(text.losses(run.history, index), lab.STEPS), PALETTE[index], DASHES.get(name, ""))
        for index, name in enumerate(names)
    ]
    steps = len(run.history)
    title = f"Loss, mean of 8 batches, {steps} of {lab.STEPS} steps"
    curves(range(lab.STEPS), [Panel(title, lines, low=0.0, high=3.0)], "np-run-curves", "step", max(steps - 1, 0))
    st.markdown(text.standings(names, run.history, "loss, mean of the last 8 batches", "validation accuracy"))
    if run.is_over and names[0].startswith("Sigmoid") and steps == lab.STEPS:
        st.markdown(text.claim_judgement(names, run.history))
