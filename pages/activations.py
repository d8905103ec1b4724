"""Activations: how each bends the line, and how much gradient it lets back."""

from dataclasses import dataclass, replace

import streamlit as st

from playground import controls, lesson, race

with lesson.idea("An activation bends the line. How steep it is decides how much gradient comes back through it."):
    import numpy as np

    from core.knobs import Knob, knob
    from core.labs import activations as lab
    from core.layers.activations import ACTIVATIONS, code_of, defaults
    from playground.charts import activations as charts
    from playground.components.curves import PALETTE, Line, Panel, curves, stretches
    from playground.components.drawing import drawing

DASHES = ("", "7 4", "2 3")  # one for each round through the colours
OPENING = ["Sigmoid", "Tanh", "ReLU", "SiLU (Swish)"]
curve = st.cache_data(lab.curve, max_entries=300, show_spinner=False)
collapse = st.cache_data(lab.collapse, max_entries=200, show_spinner=False)


@st.cache_data(show_spinner=False)
def gentle() -> set[str]:
    """The activations whose slope is nowhere above a quarter."""
    return {name for name in ACTIVATIONS if abs(lab.curve(name).steepest[0]) <= 0.25}


def choose() -> dict[str, lab.Knobs]:
    """The activations to compare, each with its knobs."""
    chosen = st.pills(
        "activations",
        list(ACTIVATIONS),
        default=OPENING,
        key="ac_names",
        selection_mode="multi",
        bind=controls.LINK,
        wrap=True,
    )
    found = {}
    for name in chosen:
        short = "".join(letter for letter in name.split()[0].lower() if letter.isalnum())
        found[name] = tuple(
            (key, controls.widget(key, replace(knob, label=f"{key.replace('_', ' ')} of {name}"), f"ac_{short}_{key}"))
            for key, knob in ACTIVATIONS[name].knobs.items()
            if key != "approximate"
        )
    return found


@st.fragment
def compare() -> None:
    beside, stage = lesson.play()
    with beside:
        reach = controls.widget("reach", Knob(6.0, 1.0, 20.0, step=1.0, label="from -x to x, x ="), "ac_reach")
        chosen = choose()
    if not chosen:
        stage.info("Choose at least one activation on the left.")
        return
    found = {name: curve(name, knobs, reach) for name, knobs in chosen.items()}
    looks = {name: (PALETTE[place % len(PALETTE)], DASHES[place // len(PALETTE)]) for place, name in enumerate(found)}
    shade = stretches(next(iter(found.values())).x, np.all([one.flat for one in found.values()], axis=0))
    with stage:
        curves(
            next(iter(found.values())).x,
            [
                Panel("y", [Line(name, one.y, *looks[name]) for name, one in found.items()], shade),
                Panel("dy/dx", [Line(name, one.slope, *looks[name]) for name, one in found.items()], shade),
            ],
            key="ac-curves",
            start=1.0,
        )
        words = f"Shaded: the slope of all chosen ones is under {lab.NEARLY_FLAT}. Gradient hardly passes there."
        st.caption(
            words if shade else "Nowhere are all the chosen ones flat at once: choose one alone to see where it is."
        )
        st.markdown(slopes(found))
    name = next(iter(chosen))
    st.latex(rf"\text{{{name}}}: \quad y = {ACTIVATIONS[name].formula}")
    lesson.code(lines(name, chosen[name], found[name]))
    lesson.challenge(
        "Which activations never let more than a quarter of the gradient through? Leave only those on the picture.",
        solved=set(found) == gentle(),
        hint="Look at the table: the steepest slope must be at most 0.25 whatever x is.",
    )
    lesson.source(f"{name}: {ACTIVATIONS[name].paper}")


def slopes(found: dict[str, lab.Curve]) -> str:
    """The values of each here, its steepest slope, and where it is nearly flat, as a table."""
    rows = ["| activation | y from | to | steepest slope | at x = | slope under 0.05 for x in |"]
    rows.append("|---|---:|---:|---:|---:|---|")
    for name, one in found.items():
        slope, place = one.steepest
        flat = ", ".join(f"{a:.2f} to {b:.2f}" for a, b in stretches(one.x, one.flat)) or "nowhere here"
        rows.append(f"| {name} | {one.y.min():.4g} | {one.y.max():.4g} | {slope:.4g} | {place:.4g} | {flat} |")
    return "\n".join(rows)


def lines(name: str, knobs: lab.Knobs, found: lab.Curve) -> str:
    own = {"SiLU (Swish)": "Swish", "Maxout": "Maxout"}.get(name)
    imports = f"from core.layers.activations import {own}\n" if own else ""
    return (
        f"import torch\nfrom torch import nn\n{imports}\n"
        f"x = torch.arange({-lab.HALF}, {lab.HALF + 1}, dtype=torch.float64) * ({found.x[-1]:g} / {lab.HALF})\n"
        "x.requires_grad_()\n"
        f"y = {code_of(name, defaults(name) | dict(knobs))}.double()(x)\n"
        "slope, = torch.autograd.grad(y.sum(), x)"
    )


@dataclass(frozen=True)
class Gaussian:
    """A batch of 4,096 normal values."""

    mean: float = knob(0.0, -3.0, 3.0, step=0.1, label="mean before")
    deviation: float = knob(1.0, 0.1, 5.0, step=0.1, label="deviation before")
    seed: int = knob(0, 0, 20, label="seed")


@st.fragment
def batch() -> None:
    """A normal batch through one activation."""
    st.subheader("What it does to a batch", anchor=False)
    beside, stage = lesson.play()
    with beside:
        name = controls.pick("activation", tuple(ACTIVATIONS), "ac_one", default="ReLU")
        asked = controls.edit(Gaussian, "ac_g_")
    found = lab.gaussian_batch(name, (), asked.mean, asked.deviation, asked.seed)
    reach = max(4.0, float(np.ceil(np.abs(found.before).max())))
    with stage:
        before = charts.histogram(found.before, "before", -reach, reach, "#8a93a6")
        after = charts.histogram(found.after, f"after {name}", -reach, reach, PALETTE[0])
        drawing(before + after, key="ac-batch")
        dead, count = found.dead
        st.markdown(
            f"**{dead:,}** of {count:,} units are **dead** (slope exactly 0) and **{found.flat[0]:,}** are nearly flat "
            f"(slope under {lab.NEARLY_FLAT}); the bar under each histogram is one deviation to each side of the mean."
        )


@st.fragment
def sixteen_bits() -> None:
    """Why ReLU6 stops at 6."""
    st.subheader("What 16 bits do", anchor=False)
    beside, stage = lesson.play()
    with beside:
        reach = controls.widget("inputs", Knob(100.0, 1.0, 10000.0, log=True, label="inputs up to"), "ac_bits")
    rows = [
        "| activation | largest output | gap to the next float16 | gap to the next bfloat16 |",
        "|---|---:|---:|---:|",
    ]
    for name in ("ReLU", "ReLU6", "Sigmoid", "Hardswish", "SiLU (Swish)"):
        half, brain = (lab.precision(name, (), reach, dtype) for dtype in lab.FORMATS)
        rows.append(f"| {name} | {half.largest:.10g} | {half.gap:.10g} | {brain.gap:.10g} |")
    with stage:
        st.markdown("\n".join(rows))
        st.caption(
            "A 16-bit number has the same few digits at every size, so large outputs are coarse. ReLU6 stops at 6, "
            "where float16 still counts in steps of 1/256. That is why small networks for phones were trained with it."
        )


@dataclass(frozen=True)
class Learn:
    """A fit of an activation's own parameters."""

    name: str = knob("PReLU", choices=lab.LEARNERS, label="activation that learns")
    goal: str = knob("leaky line, slope 0.4", choices=tuple(lab.TARGETS), label="curve to learn")
    learning_rate: float = knob(0.05, 0.001, 2.0, log=True, label="learning rate")
    seed: int = knob(0, 0, 20, label="seed")


@st.fragment
def learning() -> None:
    """PReLU, Swish and Maxout learn their own shape."""
    st.subheader("Activations that learn", anchor=False)
    beside, stage = lesson.play()
    with beside:
        asked = controls.edit(Learn, "ac_l_")
        race.controls("ac-fit", asked, lambda: lab.fit(asked.name, asked.goal, asked.learning_rate, asked.seed))
    with stage:
        if "race:ac-fit" not in st.session_state:
            show(asked, next(lab.fit(asked.name, asked.goal, asked.learning_rate, asked.seed)))
        race.watch("ac-fit", lambda run: show(run.asked, run.moments[-1]), at_most=8)


def show(asked: Learn, moment: lab.Fit) -> None:
    goal, x = lab.target(asked.goal), lab.FIT_X.numpy()
    panel = Panel(
        f"step {moment.step}, loss {moment.loss:.3g}",
        [Line("to learn", goal, "#8a93a6", "5 4"), Line(asked.name, moment.y, PALETTE[0])],
        low=-2.0,
        high=4.0,
    )
    curves(x, [panel], key="ac-fit-curves")
    learnt = "; ".join(f"{key} = {', '.join(f'{v:.4f}' for v in values)}" for key, values in moment.learnt)
    st.markdown(f"Learnt so far: **{learnt}**")


@st.fragment
def one_matrix() -> None:
    """Without a non-linearity a deep network is one matrix."""
    st.subheader("Without any, depth is nothing", anchor=False)
    beside, stage = lesson.play()
    with beside:
        depth = controls.widget("depth", Knob(10, 1, 50, label="layers"), "ac_depth")
        name = controls.pick("activation", ("none", *ACTIVATIONS), "ac_between", default="none")
    found = collapse(None if name == "none" else name, depth)
    with stage:
        between = "nothing" if name == "none" else f"**{name}**"
        st.markdown(
            f"{depth} linear layers of 16 units with {between} between them, against **one** 16 x 16 matrix: "
            f"on 500 fresh inputs the answers differ by at most **{found.error:.3g}**, where the largest answer is "
            f"{found.scale:.3g}."
        )
        if name == "none":
            st.caption("The matrix is the product of theirs; what is left is rounding in float64.")
        else:
            st.caption("The matrix is the best there is, by least squares on 2,000 inputs. Depth now does something.")


compare()
batch()
learning()
one_matrix()
sixteen_bits()
