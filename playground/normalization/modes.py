"""Train against eval: one picture among changing neighbours, averages that follow the batches, and too few of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from core.knobs import Knob, knob
from core.labs.normalization.effects import neighbours as lab
from core.labs.normalization.effects import network as nets
from core.labs.normalization.effects import running
from playground import controls, lesson
from playground.charts import normalization as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.drawing import drawing

history = st.cache_data(running.history, max_entries=30, show_spinner="Training a small network once ...")
CODE = """\
from core.labs.normalization.effects.neighbours import company, in_evaluation, right_in_batches, right_in_evaluation
from core.labs.normalization.effects.network import split
from core.labs.normalization.effects.running import Course, after, history

network = after(history({course}), {batches}, "{convention}", {momentum})
picture = split()["held out"][0][{picture}:{picture} + 1]
evaluation = in_evaluation(network, picture)[0]  # network.eval(): always the same answer
answers = company(network, {picture}, size={size}, seed={seed}).answers  # network.train(): 16 batches, (16, 10)
right = right_in_evaluation(network), right_in_batches(network, {size})"""


@dataclass(frozen=True)
class Asked:
    """Which picture, in batches of how many, how long the network has been trained."""

    size: int = knob(2, choices=lab.SIZES, label="pictures in the batch", help="In train(): it and its neighbours.")
    picture: int = knob(9, 0, nets.HELD_OUT - 1, label="picture", help="One that the training has not seen.")
    seed: int = knob(0, 0, 20, label="neighbours drawn by seed")
    batches: int = knob(60, 0, running.STEPS, label="batches trained before")


@st.fragment
def section() -> None:
    """One picture in both modes, then the averages that evaluation goes by."""
    st.markdown(
        "In `train()` a batch norm asks the **batch**, so a picture's answer depends on its neighbours. In `eval()` it "
        "asks its **running averages**, which have to be good by then."
    )
    beside, stage = lesson.play()
    with beside:
        asked = controls.edit(Asked, "nm_e_")
        convention, momentum = choose_momentum()
        course = controls.edit(running.Course, "nm_c_")
    story = history(course)
    network = running.after(story, asked.batches, convention, momentum)
    with stage:
        among(network, asked)
    st.subheader("What the averages know", anchor=False)
    follow(story, asked, convention, momentum)
    told = {"course": course, "batches": asked.batches, "convention": convention, "momentum": momentum}
    lesson.code(CODE.format(**told, picture=asked.picture, size=asked.size, seed=asked.seed))
    lesson.source(
        "Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.1; the running variance is unbiased, as in PyTorch. Keras: "
        "`BatchNormalization(momentum=0.99, epsilon=0.001)` by default."
    )


def choose_momentum() -> tuple[str, float]:
    """The convention, and momentum as it counts it."""
    names = {"PyTorch": "PyTorch", "Keras": "Keras", "None": "None"}
    convention = controls.pick("momentum as in", names, "nm_conv", help="None: PyTorch's `momentum=None`.")
    entry = running.CONVENTIONS[convention]
    if entry.knob.low == entry.knob.high:
        return convention, entry.knob.default
    return convention, controls.widget("momentum", entry.knob, f"nm_m_{convention.lower()}")


def among(network: torch.nn.Sequential, asked: Asked) -> None:
    """The strip of answers, the two batches that move the picture most, and how many digits each mode has right."""
    pictures, labels = nets.split()["held out"]
    truth = int(labels[asked.picture])
    found = {size: lab.company(network, asked.picture, size, asked.seed) for size in lab.SIZES}
    answers = {size: one.answers[:, truth] for size, one in found.items()}
    fixed = float(lab.in_evaluation(network, pictures[asked.picture : asked.picture + 1])[0, truth])
    drawing(charts.strip(answers, fixed, str(truth), asked.size), key="nm-strip")
    extremes(found[asked.size], asked, answers[asked.size], pictures)
    st.markdown(shares(state_of(network), network))
    spread = float(np.ptp(answers[asked.size]))
    lesson.challenge(
        "Find a picture, a size of at least 2 and a network of at least 50 batches in which the neighbours alone move "
        f"the probability of the truth by more than 80 points. Now: **{100 * spread:.0f}**.",
        solved=asked.size >= 2 and asked.batches >= 50 and spread > 0.8,
        hint="The fewer there are, the more each of them counts.",
    )


def state_of(network: torch.nn.Sequential) -> bytes:
    """What a network's answers depend on, as a key."""
    return b"".join(value.numpy().tobytes() for value in network.state_dict().values())


@st.cache_data(max_entries=300, show_spinner=False)
def shares(key: bytes, _network: torch.nn.Sequential) -> str:
    """How many of the held-out digits are right in either mode."""
    rows = ["| | in `eval()` | " + " | ".join(f"in batches of {size}" for size in lab.SIZES) + " |"]
    rows.append("|---|---:|" + "---:|" * len(lab.SIZES))
    found = [lab.right_in_evaluation(_network), *(lab.right_in_batches(_network, size) for size in lab.SIZES)]
    rows.append("| held-out digits right | " + " | ".join(f"{share:.1%}" for share in found) + " |")
    return "\n".join(rows)


def extremes(found: lab.Company, asked: Asked, truth: np.ndarray, pictures: torch.Tensor) -> None:
    """The two batches with the lowest and the highest probability."""
    if asked.size == 1:
        st.caption("Alone, it is normalized by its own mean and variance: another network than the one of `eval()`.")
        return
    shown = ""
    for place in (int(truth.argmin()), int(truth.argmax())):
        places = [asked.picture, *found.others[place]]
        shown += charts.batch(pictures[places, 0].numpy(), f"In this batch {truth[place]:.1%} for the framed one")
    drawing(shown, key="nm-extremes")


@st.fragment
def follow(story: running.History, asked: Asked, convention: str, momentum: float) -> None:
    """One channel's averages batch by batch, and what evaluation makes of all of them."""
    beside, stage = lesson.play()
    with beside:
        layer = controls.widget("layer", Knob(2, 1, running.NET.depth, label="batch norm of block"), "nm_layer")
        channel = controls.widget("channel", Knob(0, 0, nets.WIDTH - 1, label="channel"), "nm_channel")
        st.latex(running.CONVENTIONS[convention].formula)
        st.caption(f"{running.CONVENTIONS[convention].words[0].upper()}{running.CONVENTIONS[convention].words[1:]}.")
        left = running.left_of_start(convention, momentum, asked.batches)
        st.markdown(f"After {asked.batches} batches, **{left:.2%}** of the average is still what it began with.")
    with stage:
        panels = [
            averages(name, met[:, layer - 1, channel], start, known[layer - 1, channel], convention, momentum)
            for name, met, start, known in zip(
                ("mean", "variance"), (story.mean, story.variance), (0.0, 1.0), story.population, strict=True
            )
        ]
        curves(range(running.STEPS + 1), panels, "nm-averages", "batches", asked.batches)
        right = accuracies(story, convention, momentum)
        curves(list(lab.looks(story)), [right], "nm-right", "batches", asked.batches)
    shares = [line.y for line in right.lines]
    behind = (np.asarray(shares[1]) - shares[0])[1:]  # before any batch there is nothing to know
    gap, place = float(behind.max()), int(behind.argmax()) + 1
    lesson.challenge(
        "Choose a momentum with which evaluation is never more than 8 points behind the batches. Now it is at most "
        f"**{100 * gap:.0f}** behind, after {list(lab.looks(story))[place]} batches; the network must learn.",
        solved=gap <= 0.08 and shares[1][-1] > 0.8,
        hint="While the weights move fast, an average that remembers for long speaks of a network that is no more.",
    )


def averages(name: str, met: np.ndarray, start: float, known: float, convention: str, momentum: float) -> Panel:
    """What each batch gave, the average that follows, and what it is over all training digits at the end."""
    count = len(met) + 1
    lines = [
        Line("of the batch", [np.nan, *met], charts.BEFORE),
        Line("running", running.running(met, start, convention, momentum), PALETTE[1]),
        Line("all training digits, last weights", [known] * count, PALETTE[2], "5 4"),
    ]
    return Panel(f"{name} of channel", lines)


@st.cache_data(max_entries=300, show_spinner=False)
def evaluated(key: bytes, _story: running.History, convention: str, momentum: float) -> list[float]:
    return lab.evaluated(_story, convention, momentum)


@st.cache_data(max_entries=30, show_spinner=False)
def among_others(key: bytes, _story: running.History) -> list[float]:
    return lab.among_others(_story)


def accuracies(story: running.History, convention: str, momentum: float) -> Panel:
    """Right in evaluation by these averages, and in batches by none."""
    key = story.weights[-1].tobytes()
    return Panel(
        f"share of {lab.PROBE} held-out digits that is right",
        [
            Line("in eval(), by the averages", evaluated(key, story, convention, momentum), PALETTE[1]),
            Line(f"in train(), in batches of {lab.AMONG}", among_others(key, story), charts.BEFORE),
        ],
        low=0,
        high=1,
    )
