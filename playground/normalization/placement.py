"""Where to put the normalization: every order measured, then raced; and a popular claim put to the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
import streamlit as st

from core.knobs import Knob
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects import placement as lab
from core.lessons.normalization.effects.network import CLASSIC, ORDERS, PLAIN, Net
from playground import controls, lesson, live_training
from playground.charts import normalization as charts
from playground.components.curves import PALETTE, Line, Panel, curves

at_the_start = st.cache_data(lab.at_the_start, max_entries=400, show_spinner=False)
COLOURS = dict(zip(ORDERS, PALETTE, strict=False))
DASHES = {"conv, norm, pool, activation": "2 3"}  # where two lie on each other, both are seen
SEED = Knob(0, 0, 20, label="seed", help="Of the weights and of the order of the batches.")
RATE = Knob(0.1, 0.001, 5.0, log=True, label="learning rate", help="Of plain SGD, for all contestants.")
WHO = ("the orders", "the claim")
ORDER = Knob(CLASSIC, choices=tuple(order for order in ORDERS if order != PLAIN), label="order")
CODE = """\
from core.lessons.normalization.effects.network import Net, batches, build
from core.lessons.normalization.effects.placement import look

net = {net}
network = build(net, seed={seed})  # an nn.Sequential
found = look(network, *next(batches({seed})))
print(found.loss, found.gradient, found.dead, found.flat)"""


@st.fragment
def section() -> None:
    """Seven orders of one block before training, then the race."""
    st.markdown(
        "A block convolves, normalizes, bends and pools. Here are seven orders of it, on the same weights and the "
        "same batch of digits."
    )
    beside, stage = lesson.play()
    with beside:
        net = controls.edit(Net, "np_", order=ORDER)
        seed = controls.widget("seed", SEED, "np_seed")
    found = {order: at_the_start(one, seed) for order, one in lab.orders(net).items()}
    with stage:
        draw(found, net.depth)
        st.markdown(table(found, net.order))
        st.caption(
            "Before any training. Dead: units whose activation has slope 0 for the whole batch; flat: values at which "
            f"its slope is under 0.05. “{net.order}”: {ORDERS[net.order].words}."
        )
    lesson.code(CODE.format(net=written(net), seed=seed))
    first = found[net.order].gradient
    lesson.challenge(
        "Find an order in which at least 8 blocks of **Sigmoid** with **Batch** normalization give the first "
        "convolution a gradient no smaller than the last one's. Now it is "
        f"**{first[0] / first[-1]:.3g}** times the last one's.",
        solved=net.activation == "Sigmoid" and net.norm == "Batch" and net.depth >= 8 and first[0] >= first[-1],
        hint="A sigmoid's slope is at most a quarter. What must come after it, so that a quarter does not remain?",
    )
    st.subheader("Race them", anchor=False)
    compete(net, seed)


def written(net: Net) -> str:
    """The Python that makes a network: what differs from the defaults."""
    values = {one.name: getattr(net, one.name) for one in fields(Net) if getattr(net, one.name) != one.default}
    return f"Net({', '.join(f'{name}={value!r}' for name, value in values.items())})"


def draw(found: Mapping[str, lab.Blocks], depth: int) -> None:
    what = controls.pick("per block", ("gradients", "dead", "flat"), "np_what")

    def drawn(field: str) -> list[Line]:
        return [Line(name, getattr(one, field), COLOURS[name], DASHES.get(name, "")) for name, one in found.items()]

    panel = {
        "gradients": Panel("norm of dL/dW of the convolution", drawn("gradient"), log=True),
        "dead": Panel("share of dead units", drawn("dead"), low=0, high=1),
        "flat": Panel("share of flat values", drawn("flat"), low=0, high=1),
    }[what]
    curves(range(1, depth + 1), [panel], "np-blocks", "block", 1)


def table(found: Mapping[str, lab.Blocks], chosen: str) -> str:
    rows = [
        "| order | loss | gradient, first block | gradient, last block | dead units | flat values |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, one in found.items():
        title = f"**{name}**" if name == chosen else name
        if name == PLAIN:
            title += " (none)"
        rows.append(
            f"| {title} | {one.loss:.4g} | {one.gradient[0]:.3g} | {one.gradient[-1]:.3g} | {one.dead.mean():.1%} "
            f"| {one.flat.mean():.1%} |"
        )
    return "\n".join(rows)


@st.fragment
def compete(net: Net, seed: int) -> None:
    """All orders, or Sigmoid and ReLU with and without."""
    beside, stage = lesson.play()
    with beside:
        who = controls.pick("who", WHO, "np_who", default=WHO[1])
        rate = controls.widget("rate", RATE, "np_rate")
        contestants = lab.orders(net) if who == WHO[0] else lab.claim(net)
        asked = (tuple(contestants.items()), seed, rate)
        live_training.controls("np-race", asked, lambda: lab.race(list(contestants.values()), seed, rate), "Race")
    with stage:
        if who == WHO[1]:
            st.markdown(
                "“Batch normalization suits sigmoid better than ReLU”, says a popular text. Each of the two runs alone "
                f"and with **{net.norm}** normalization in the order on top, at the same rate. Try several rates."
            )
        live_training.watch("np-race", show, at_most=6)
    lesson.source(
        "Ioffe & Szegedy 2015, arXiv:1502.03167; orders compared: Mishkin, Sergievskiy & Matas 2016, arXiv:1606.02228; "
        "normalization first: He et al. 2016, arXiv:1603.05027."
    )


def show(run: live_training.Race) -> None:
    """Losses so far, what is right of the held-out digits, and at the end what it says about the claim."""
    contestants = run.asked[0]
    names = [name for name, _ in contestants]
    lines = [
        Line(name, charts.averages(losses(run.moments, place), lab.STEPS), PALETTE[place], DASHES.get(name, ""))
        for place, name in enumerate(names)
    ]
    passed = len(run.moments)
    title = f"loss, mean of 8 batches, {passed} of {lab.STEPS} steps"
    curves(range(lab.STEPS), [Panel(title, lines, low=0.0, high=3.0)], "np-race-curves", "step", max(passed - 1, 0))
    st.markdown(standings(names, run.moments))
    if run.over and names[0].startswith("Sigmoid") and passed == lab.STEPS:
        st.markdown(judgement(names, run.moments))


def losses(moments: Sequence[tuple[lab.Step | None, ...]], place: int) -> list[float]:
    return [moment[place].loss if moment[place] else np.nan for moment in moments]


def standings(names: Sequence[str], moments: Sequence[tuple[lab.Step | None, ...]]) -> str:
    rows = ["| | loss, mean of the last 8 batches | held-out digits right |", "|---|---:|---:|"]
    for place, name in enumerate(names):
        right = lab.last_right(moments, place)
        loss = charts.recent(losses(moments, place))
        rows.append(f"| {name} | {loss} | {'' if right is None else f'{right:.1%}'} |")
    return "\n".join(rows)


def judgement(names: Sequence[str], moments: Sequence[tuple[lab.Step | None, ...]]) -> str:
    """What this race says about the claim: who gains more, and which pair ends best."""
    right = [lab.last_right(moments, place) or 0.0 for place in range(4)]
    gains = {"Sigmoid": right[1] - right[0], "ReLU": right[3] - right[2]}
    more = max(gains, key=gains.__getitem__)
    best = names[int(np.argmax(right))]
    told = ", ".join(f"{name} {100 * gain:+.1f} points".replace("-", "−") for name, gain in gains.items())
    equal = abs(gains["Sigmoid"] - gains["ReLU"]) < 0.5 / nets.HELD_OUT
    who = "both gain the same" if equal else f"**{more}** gains more from it"
    return (
        f"In this run {who} ({told} of held-out digits right), and **{best}** ends best. That is one seed, one depth, "
        "one rate: another may say otherwise."
    )
