"""Train against eval: one picture among changing neighbours, averages that follow the batches, and too few of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from core.knobs import Knob, knob, knobs_of
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects import running_statistics
from core.lessons.normalization.effects import train_vs_eval as lab
from playground import controls, lesson
from playground.charts import normalization as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.formula import maths
from playground.components.inline_svg import drawing

history = st.cache_data(running_statistics.history, max_entries=30, show_spinner="Training a small network once ...")
CODE = """\
from core.lessons.normalization.effects.train_vs_eval import (
    company, in_evaluation, right_in_batches, right_in_evaluation,
)
from core.lessons.normalization.effects.network import split
from core.lessons.normalization.effects.running_statistics import Course, after, history

network = after(history({course}), {batches}, "{convention}", {momentum})
picture = split()["held out"][0][{picture}:{picture} + 1]
evaluation = in_evaluation(network, picture)[0]  # network.eval(): always the same answer
answers = company(network, {picture}, size={size}, seed={seed}).answers  # network.train(): 16 batches, (16, 10)
right = right_in_evaluation(network), right_in_batches(network, {size})"""


@dataclass(frozen=True)
class Asked:
    """Which picture, in batches of how many, with whom."""

    size: int = knob(2, choices=lab.SIZES, label="pictures in the batch", help="In train(): it and its neighbours.")
    picture: int = knob(9, 0, nets.HELD_OUT - 1, label="picture", help="One that the training has not seen.")
    seed: int = knob(0, 0, 20, label="neighbours drawn by seed")


@dataclass(frozen=True)
class Trained:
    """Which network: its training, after how many batches, and by what its averages follow."""

    course: running_statistics.Course
    batches: int
    convention: str
    momentum: float

    def network(self) -> torch.nn.Sequential:
        """In training mode."""
        return running_statistics.after(history(self.course), self.batches, self.convention, self.momentum)


BATCHES = Knob(60, 0, running_statistics.STEPS, label="batches trained before")


@st.fragment
def section() -> None:
    """One picture in both modes, then the averages that evaluation goes by."""
    st.markdown(
        "In `train()` a batch norm asks the **batch**, so a picture's answer depends on its neighbours. In `eval()` it "
        "asks its **running averages**, which have to be good by then."
    )
    beside, stage = lesson.play()
    with beside:
        batches = controls.widget("batches", BATCHES, "nm_e_batches")
        convention, momentum = choose_momentum()
        course = controls.edit(running_statistics.Course, "nm_c_")
    trained = Trained(course, batches, convention, momentum)
    with stage:
        among(trained)
    st.subheader("What the averages know", anchor=False)
    follow(trained)
    lesson.source(
        "Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.1; the running variance is unbiased, as in PyTorch. Keras: "
        "`BatchNormalization(momentum=0.99, epsilon=0.001)` by default."
    )


def choose_momentum() -> tuple[str, float]:
    """The convention, and momentum as it counts it."""
    names = {"PyTorch": "PyTorch", "Keras": "Keras", "None": "None"}
    convention = controls.pick("momentum as in", names, "nm_conv", help="None: PyTorch's `momentum=None`.")
    entry = running_statistics.CONVENTIONS[convention]
    if entry.knob.low == entry.knob.high:
        return convention, entry.knob.default
    return convention, controls.widget("momentum", entry.knob, f"nm_m_{convention.lower()}")


@st.fragment
def among(trained: Trained) -> None:
    """The strip of answers, the two batches that move the picture most, and how many digits each mode has right."""
    asked = ask()
    pictures, labels = nets.split()["held out"]
    truth = int(labels[asked.picture])
    fixed, found = answers(trained, asked.picture, asked.seed)
    shares = {size: one.answers[:, truth] for size, one in found.items()}
    drawing(charts.strip(shares, float(fixed[truth]), str(truth), asked.size), key="nm-strip")
    extremes(found[asked.size], asked, shares[asked.size], pictures)
    st.markdown(right(trained))
    spread = float(np.ptp(shares[asked.size]))
    lesson.challenge(
        "Find a picture, a size of at least 2 and a network of at least 50 batches in which the neighbours alone move "
        f"the probability of the truth by more than 80 points. Now: **{100 * spread:.0f}**.",
        solved=asked.size >= 2 and trained.batches >= 50 and spread > 0.8,
        hint="The fewer there are, the more each of them counts.",
    )
    lesson.code(CODE.format(**vars(trained), picture=asked.picture, size=asked.size, seed=asked.seed))


def ask() -> Asked:
    """The three controls in a row over what they change, so that the rest of the page is left alone."""
    columns = st.columns(3, gap="medium")
    values = {}
    for column, (name, one) in zip(columns, knobs_of(Asked).items(), strict=True):
        with column:
            values[name] = controls.widget(name, one, f"nm_e_{name}")
    return Asked(**values)


@st.cache_data(max_entries=300, show_spinner=False)
def answers(trained: Trained, picture: int, seed: int) -> tuple[np.ndarray, dict[int, lab.Company]]:
    """One picture's probabilities in evaluation (classes,), and among others in batches of each size."""
    network = trained.network()
    fixed = lab.in_evaluation(network, nets.split()["held out"][0][picture : picture + 1])[0].numpy()
    return fixed, {size: lab.company(network, picture, size, seed) for size in lab.SIZES}


@st.cache_data(max_entries=300, show_spinner=False)
def right(trained: Trained) -> str:
    """How many of the held-out digits are right in either mode."""
    network = trained.network()
    rows = ["| | in `eval()` | " + " | ".join(f"in batches of {size}" for size in lab.SIZES) + " |"]
    rows.append("|---|---:|" + "---:|" * len(lab.SIZES))
    found = [lab.right_in_evaluation(network), *(lab.right_in_batches(network, size) for size in lab.SIZES)]
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
def follow(trained: Trained) -> None:
    """One channel's averages batch by batch, and what evaluation makes of all of them."""
    story, convention, momentum, batches = (
        history(trained.course), trained.convention, trained.momentum, trained.batches
    )  # fmt: skip
    beside, stage = lesson.play()
    with beside:
        layer = controls.widget(
            "layer", Knob(2, 1, running_statistics.NET.depth, label="batch norm of block"), "nm_layer"
        )
        channel = controls.widget("channel", Knob(0, 0, nets.WIDTH - 1, label="channel"), "nm_channel")
        maths(running_statistics.CONVENTIONS[convention].formula, key="nm-convention")
        words = running_statistics.CONVENTIONS[convention].words
        left = running_statistics.left_of_start(convention, momentum, batches)
        st.markdown(
            f"{words[0].upper()}{words[1:]}. After {batches} batches, **{left:.2%}** of the average is still what it "
            "began with."
        )
    with stage:
        panels = [
            averages(name, met[:, layer - 1, channel], start, known[layer - 1, channel], convention, momentum)
            for name, met, start, known in zip(
                ("mean", "variance"), (story.mean, story.variance), (0.0, 1.0), story.population, strict=True
            )
        ]
        curves(range(running_statistics.STEPS + 1), panels, "nm-averages", "batches", batches)
        panel = accuracies(trained)
        curves(list(lab.looks(story)), [panel], "nm-right", "batches", batches)
    shares = [line.y for line in panel.lines]
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
        Line("running", running_statistics.running(met, start, convention, momentum), PALETTE[1]),
        Line("all training digits, last weights", [known] * count, PALETTE[2], "5 4"),
    ]
    return Panel(f"{name} of channel", lines)


@st.cache_data(max_entries=300, show_spinner=False)
def evaluated(course: running_statistics.Course, convention: str, momentum: float) -> list[float]:
    return lab.evaluated(history(course), convention, momentum)


@st.cache_data(max_entries=30, show_spinner=False)
def among_others(course: running_statistics.Course) -> list[float]:
    return lab.among_others(history(course))


def accuracies(trained: Trained) -> Panel:
    """Right in evaluation by these averages, and in batches by none."""
    by_averages = evaluated(trained.course, trained.convention, trained.momentum)
    return Panel(
        f"share of {lab.PROBE} held-out digits that is right",
        [
            Line("in eval(), by the averages", by_averages, PALETTE[1]),
            Line(f"in train(), in batches of {lab.AMONG}", among_others(trained.course), charts.BEFORE),
        ],
        low=0,
        high=1,
    )
