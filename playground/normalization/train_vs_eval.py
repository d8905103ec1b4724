"""Train vs. eval: one image in different batches, running averages during training, and accuracy in both modes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from core.knobs import Knob, knob, knobs_of
from core.lessons.normalization.effects import code_samples, running_statistics
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects import train_vs_eval as lab
from core.percent import percent
from playground import computation_gate, controls, lesson
from playground.charts import normalization as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.formula import formula
from playground.components.inline_svg import inline_svg
from playground.markup import table
from playground.normalization import text

TRAINING = "Training a small network, once …"
record_training = computation_gate.cached(30, TRAINING, apart=True)(running_statistics.record_training)


@dataclass(frozen=True)
class ImageInBatch:
    """An image, the size of its batches, and the seed of their other images."""

    size: int = knob(2, choices=lab.SIZES, label="Batch size", help="In train(): the image and others.")
    image: int = knob(9, 0, nets.VALIDATION_SIZE - 1, label="Image", help="Of the validation set.")
    seed: int = knob(0, 0, 20, label="Seed of the batch")


@dataclass(frozen=True)
class BatchNormRun:
    """A network: its training, the number of batches, and the momentum of its running averages."""

    training: running_statistics.BatchNormTraining
    batches: int
    convention: str
    momentum: float

    def network(self) -> torch.nn.Sequential:
        """In training mode."""
        return running_statistics.network_after(
            record_training(self.training), self.batches, self.convention, self.momentum
        )


BATCHES = Knob(60, 0, running_statistics.STEPS, label="Batches trained before")
LAYER = Knob(2, 1, running_statistics.NET.depth, label="Batch norm of block")
CHANNEL = Knob(0, 0, nets.WIDTH - 1, label="Channel")

_KEYS = {"image": "picture"}  # in the address bar


@lesson.fragment
def section() -> None:
    st.markdown(
        "In `train()` batch norm uses the statistics of the **batch**, so a prediction depends on the other images in "
        "it. In `eval()` it uses its **running averages**, which must be accurate by then."
    )
    beside, stage = lesson.play()
    with beside:
        batches = controls.widget("batches", BATCHES, "nm_e_batches")
        convention, momentum = choose_momentum()
        training = controls.edit(running_statistics.BatchNormTraining, "nm_c_")
    trained = BatchNormRun(training, batches, convention, momentum)
    with stage:
        one_image(trained)
    lesson.subheader("Running averages during training")
    averages_during_training(trained)
    lesson.source(
        "Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.1; the running variance is unbiased, as in PyTorch. Keras: "
        "`BatchNormalization(momentum=0.99, epsilon=0.001)` by default."
    )


def choose_momentum() -> tuple[str, float]:
    names = {"PyTorch": "PyTorch", "Keras": "Keras", "None": "None"}
    convention = controls.pick("Momentum as in", names, "nm_conv", help="None: PyTorch's `momentum=None`.")
    entry = running_statistics.CONVENTIONS[convention]
    if entry.knob.low == entry.knob.high:
        return convention, entry.knob.default
    return convention, controls.widget("momentum", entry.knob, f"nm_m_{convention.lower()}")


@lesson.fragment
def one_image(trained: BatchNormRun) -> None:
    """The probabilities by batch size, the two most extreme batches, and the accuracy in each mode."""
    chosen = choose_image()
    images, labels = nets.split()["validation"]
    truth = int(labels[chosen.image])
    evaluation, contexts = probabilities(trained, chosen.image, chosen.seed)
    by_size = {size: context.probabilities[:, truth] for size, context in contexts.items()}
    inline_svg(charts.strip(by_size, float(evaluation[truth]), str(truth), chosen.size), key="nm-strip")
    extreme_batches(contexts[chosen.size], chosen, by_size[chosen.size], images)
    st.markdown(accuracy_table(trained))
    st.caption(text.evaluated_digits())
    spread = float(np.ptp(by_size[chosen.size]))
    lesson.challenge(
        "Find an image, a batch size of at least 2 and a network trained for at least 50 batches, for which the other "
        "images alone change the probability of the true class by more than 80 percentage points. "
        f"Now: **{100 * spread:.1f}**.",
        solved=chosen.size >= 2 and trained.batches >= 50 and spread > 0.8,
        hint="The smaller the batch, the more each of its images counts.",
    )
    lesson.code(code_samples.train_vs_eval_code(**vars(trained), image=chosen.image, seed=chosen.seed))


def choose_image() -> ImageInBatch:
    """Three controls in a row, in the fragment that they change."""
    columns = st.columns(3, gap="medium")
    values = {}
    for column, (name, knob_) in zip(columns, knobs_of(ImageInBatch).items(), strict=True):
        with column:
            values[name] = controls.widget(name, knob_, f"nm_e_{_KEYS.get(name, name)}")
    return ImageInBatch(**values)


@st.cache_data(max_entries=300, show_spinner=False)
def probabilities(trained: BatchNormRun, image: int, seed: int) -> tuple[np.ndarray, dict[int, lab.BatchContexts]]:
    """The probabilities of one image in evaluation (classes,), and in batches of each size."""
    network = trained.network()
    evaluation = lab.probabilities_in_eval(network, nets.split()["validation"][0][image : image + 1])[0].numpy()
    return evaluation, {size: lab.in_random_batches(network, image, size, seed) for size in lab.SIZES}


@st.cache_data(max_entries=300, show_spinner=False)
def accuracy_table(trained: BatchNormRun) -> str:
    network = trained.network()
    accuracies = [lab.accuracy_in_eval(network), *(lab.accuracy_in_batches(network, size) for size in lab.SIZES)]
    heads = ("", "in `eval()`", *(f"in batches of {size}" for size in lab.SIZES))
    row = ("Validation accuracy", *(percent(value, 1) for value in accuracies))
    return table(heads, [row], "-" + ">" * len(accuracies))


def extreme_batches(
    contexts: lab.BatchContexts, chosen: ImageInBatch, true_class: np.ndarray, images: torch.Tensor
) -> None:
    """The two batches with the lowest and the highest probability of the true class."""
    if chosen.size == 1:
        st.caption("Alone, it is normalized by its own mean and variance: not the same function as in `eval()`.")
        return
    rows = ""
    for draw in (int(true_class.argmin()), int(true_class.argmax())):
        batch = images[[chosen.image, *contexts.others[draw]], 0].numpy()
        rows += charts.batch(batch, f"In this batch: {percent(true_class[draw], 1)} for the framed image")
    inline_svg(rows, key="nm-extremes")


@lesson.fragment
def averages_during_training(trained: BatchNormRun) -> None:
    """The running averages of one channel, and the accuracy in both modes."""
    history, entry = record_training(trained.training), running_statistics.CONVENTIONS[trained.convention]
    beside, stage = lesson.play()
    with beside:
        layer = controls.widget("layer", LAYER, "nm_layer")
        channel = controls.widget("channel", CHANNEL, "nm_channel")
        formula(entry.formula, key="nm-convention")
        lesson.legend(entry.symbols)
        initial = running_statistics.initial_share(trained.convention, trained.momentum, trained.batches)
        st.markdown(f"{entry.description} {text.initial_share(initial, trained.batches)}")
    with stage:
        statistics = {"Mean": (history.mean, 0.0), "Variance": (history.variance, 1.0)}
        panels = [
            average_panel(name, values[:, layer - 1, channel], start, final[layer - 1, channel], trained)
            for (name, (values, start)), final in zip(statistics.items(), history.population, strict=True)
        ]
        curves(range(running_statistics.STEPS + 1), panels, "nm-averages", "batches", trained.batches)
        panel = accuracies(trained)
        curves(list(lab.checkpoints(history)), [panel], "nm-right", "batches", trained.batches)
    in_eval, in_train = (np.asarray(line.y) for line in panel.lines)
    behind = (in_train - in_eval)[1:]  # before any batch there are no averages
    lesson.challenge(
        "Choose a momentum with which the accuracy in `eval()` is never more than 8 percentage points below that in "
        f"`train()`. {text.lag(behind, list(lab.checkpoints(history))[1:])}; the network must learn.",
        solved=behind.max() <= 0.08 and in_train[-1] > 0.8,
        hint="While the weights change quickly, a long-memory average describes a network that no longer exists.",
    )


def average_panel(name: str, values: np.ndarray, start: float, final: float, trained: BatchNormRun) -> Panel:
    """The statistic of each batch, its running average, and its final value over all training digits."""
    count = len(values) + 1
    average = running_statistics.running_average(values, start, trained.convention, trained.momentum)
    lines = [
        Line("of the batch", [np.nan, *values], charts.BEFORE),
        Line("running average", average, PALETTE[1]),
        Line("all training digits, final weights", [final] * count, PALETTE[2], "5 4"),
    ]
    return Panel(f"{name} of the channel", lines)


@st.cache_data(max_entries=300, show_spinner=False)
def eval_accuracies(training: running_statistics.BatchNormTraining, convention: str, momentum: float) -> list[float]:
    return lab.eval_accuracies(record_training(training), convention, momentum)


@st.cache_data(max_entries=30, show_spinner=False)
def train_accuracies(training: running_statistics.BatchNormTraining) -> list[float]:
    return lab.train_accuracies(record_training(training))


def accuracies(trained: BatchNormRun) -> Panel:
    """Accuracy in evaluation with these running averages, and in training mode without any."""
    in_eval = eval_accuracies(trained.training, trained.convention, trained.momentum)
    return Panel(
        f"Accuracy on {lab.SUBSET} validation digits",
        [
            Line("in eval(), running averages", in_eval, PALETTE[1]),
            Line(f"in train(), batches of {lab.BATCH}", train_accuracies(trained.training), charts.BEFORE),
        ],
        low=0,
        high=1,
    )
