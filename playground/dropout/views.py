"""What the dropout lesson shows: its controls, and what is computed once for everybody as maps and curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from core.images.center_crop import PHOTOGRAPHS
from core.knobs import Knob
from core.layers.dropout import DROPOUTS
from core.lessons import dropout as lab
from core.lessons.dropout import DropoutSettings
from core.limits import limits
from playground import computation_gate, controls, live_training
from playground.charts import dropout as charts
from playground.charts import svg
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.inline_svg import inline_svg
from playground.dropout import text

sample = st.cache_data(lab.sample, max_entries=400, show_spinner="Running a trained network on the photographs …")
estimate = st.cache_data(lab.estimate, max_entries=200, show_spinner=False)
TRAINING = "Training a small network with this dropout, once …"
weights = computation_gate.cached(100, apart=True, shared=True)(lab.trained_weights)
COLOURS = {"A": PALETTE[0], "B": PALETTE[1]}
FRAMES, PHOTOGRAPH = 6, "china"
KINDS = tuple(DROPOUTS)
SEED = Knob(1, 1, 200, label="Random seed", help="The same seed gives the same mask.")
FIRST_SEED = Knob(6, 1, 200, label="Random seed", help="Of the first draw.")
PASSES_SEED = Knob(1, 1, 200, label="Random seed", help="Of the first pass.")
ANIMATE = Knob(True, label="Animate", help=f"This mask and the next {FRAMES - 1}.")
NUMBER = Knob(26, 0, lab.VALIDATION_SIZE - 1, label="Digit", help=f"One of {lab.VALIDATION_SIZE} validation digits.")
DEGREES = Knob(40, -90, 90, step=5, label="Rotation (degrees)", help="Counter-clockwise.")
LARGE = {
    "p": {"DropBlock": 0.15, "Disout": 0.15, "StochasticDepth": 0.4},
    "block_size": {"DropBlock": 5},
    "alpha": {"Disout": 50.0},
}
SMALL = {"p": dict.fromkeys(KINDS, 0.5), "block_size": {"DropBlock": 3, "Disout": 3}, "alpha": {"Disout": 50.0}}
MILD = SMALL | {"p": dict.fromkeys(KINDS, 0.3)}
TRAINING_KEYS = {"train_size": "pictures", "label_noise": "wrong", "epochs": "rounds"}  # in the address bar


@st.cache_data(max_entries=limits().entries(200), show_spinner=TRAINING)
def predict(kind: str, settings: DropoutSettings, number: int, degrees: float, seed: int) -> lab.StochasticPredictions:
    """The network is trained once for all digits, angles and seeds."""
    trained = weights(kind, settings)
    return computation_gate.compute(lab.predict, kind, settings, number, degrees, seed, trained)


@st.cache_data(max_entries=limits().entries(100), show_spinner=False)
def sweep(kind: str, settings: DropoutSettings, number: int, seed: int) -> lab.RotationSweep:
    trained = weights(kind, settings)
    return computation_gate.compute(lab.sweep, kind, settings, number, seed, trained)


def dropout(prefix: str, defaults: dict[str, dict[str, float]]) -> tuple[str, DropoutSettings]:
    """A kind of dropout and its settings; `defaults` replaces those of the registry."""
    kind = controls.pick("Kind of dropout", KINDS, f"{prefix}kind")
    return kind, controls.knob_values(_knobs(kind, defaults), f"{prefix}{kind.lower()}_")


def first_settings(kind: str, defaults: dict[str, dict[str, float]]) -> DropoutSettings:
    """The settings that a kind has before anything is moved."""
    return tuple((key, knob.default) for key, knob in _knobs(kind, defaults).items())


def _knobs(kind: str, defaults: dict[str, dict[str, float]]) -> dict[str, Knob]:
    return {
        key: replace(knob, default=defaults.get(key, {}).get(kind, knob.default))
        for key, knob in DROPOUTS[kind].knobs.items()
    }


def photograph(kind: str) -> str:
    """One of the photographs; a residual branch is shown on all of them."""
    if DROPOUTS[kind].on == "branch":
        return PHOTOGRAPH
    return controls.pick("Photograph", PHOTOGRAPHS, "do_picture", default=PHOTOGRAPH)


def seeds() -> range:
    """The seeds of the masks that are shown."""
    first = controls.widget("draw", SEED, "do_draw")
    controls.reseed("New random mask", SEED, "do_draw", "do_again")
    animate = controls.widget("moving", ANIMATE, "do_moving")
    return range(first, first + (FRAMES if animate else 1))


def training() -> lab.DropoutTraining:
    return controls.edit(lab.DropoutTraining, "dr_", keys=TRAINING_KEYS)


def masks(kind: str, settings: DropoutSettings, photograph: str, seeds: Sequence[int]) -> None:
    """Random masks on real maps, one after another."""
    samples = [sample(kind, settings, photograph, seed) for seed in seeds]
    on_weights = samples[0].dropped_weights is not None
    weight = lab.first_layer(photograph).weight.detach().flatten(1).numpy() if on_weights else None
    svg = charts.masks(samples, seeds[0], text.title(kind), text.dropped_unit(kind), weight)
    inline_svg(svg, key="do-draws")


def running_means(mean: lab.DropoutMean) -> None:
    """The mean over more and more draws, with the scaling and without."""
    lines = [Line("scaled", lab.running_mean(mean.draws), PALETTE[0])]
    if mean.unscaled is not None:
        lines.append(Line("not scaled", lab.running_mean(mean.unscaled), PALETTE[1]))
    lines.append(Line("without dropout", np.full(lab.DRAWS, mean.value), PALETTE[2], "5 4"))
    panel = Panel("Mean of one value over all draws so far", lines)
    curves(np.arange(1, lab.DRAWS + 1), [panel], key="dm-means", x_name="draws", start=lab.DRAWS)


def predictions(mc: lab.StochasticPredictions, number: int, degrees: float) -> None:
    inline_svg(charts.predictions(mc, text.digit(number, degrees)), key="da-answers")


def rotation_sweep(swept: lab.RotationSweep, label: int, degrees: float) -> None:
    """The probability of the true class by angle of rotation."""
    lines = [
        Line("evaluation mode", swept.evaluation, svg.MARK),
        Line("mean of passes", swept.mean, charts.DROPPED),
        Line("10th percentile of passes", swept.low, charts.DROPPED, "3 4"),
        Line("90th percentile of passes", swept.high, charts.DROPPED, "3 4"),
    ]
    panel = Panel(f"Predicted probability of the true class, {label}", lines, low=0, high=1.02)
    curves(swept.angles, [panel], key="da-sweep", x_name="rotation (degrees)", start=degrees)
    st.caption(f"At {degrees}°: the {lab.PASSES} passes above; at every other angle {lab.SWEEP_PASSES}.")


def comparison(run: live_training.LiveRun) -> None:
    """Accuracy, loss and generalization gap of both networks so far."""
    results = dict(zip("AB", zip(*run.history, strict=True), strict=True))
    st.markdown(text.gaps(results))
    if len(run.history) < 2:
        return
    panels = [
        Panel("Accuracy", _lines(results, "accuracy"), high=1.02),
        Panel("Mean loss", _lines(results, "loss"), low=0),
    ]
    curves(np.arange(1, len(run.history) + 1), panels, "dr-curves", "epoch", len(run.history))
    st.caption(text.dashes(run.settings[0]))


def _lines(results: dict[str, Sequence[lab.EpochResult]], metric: str) -> list[Line]:
    return [
        Line(f"{name}, {part}", [getattr(epoch, prefix + metric) for epoch in epochs], COLOURS[name], dash)
        for name, epochs in results.items()
        for part, prefix, dash in (("training", "", "4 4"), ("validation", "validation_", ""))
    ]
