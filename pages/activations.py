"""Activations: how each bends the line, and how much gradient it lets back."""

from dataclasses import dataclass, replace

import streamlit as st

from playground import controls, lesson, live_training, units

with lesson.idea("An activation bends the line. How steep it is decides how much gradient comes back through it."):
    import numpy as np

    from core.knobs import Knob, knob
    from core.layers.activations import ACTIVATIONS
    from core.lessons import activations as lab
    from playground.activations import text
    from playground.charts import activations as charts
    from playground.components.curves import PALETTE, Line, Panel, curves
    from playground.components.inline_svg import drawing

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
    return {name: knobs_of(name, "ac_") for name in chosen}


def knobs_of(name: str, prefix: str) -> lab.Knobs:
    """The widgets of one activation's knobs."""
    short = "".join(letter for letter in name.split()[0].lower() if letter.isalnum())
    return tuple(
        (key, controls.widget(key, replace(one, label=f"{key.replace('_', ' ')} of {name}"), f"{prefix}{short}_{key}"))
        for key, one in ACTIVATIONS[name].knobs.items()
        if key != "approximate"
    )


@st.fragment
def compare() -> None:
    beside, stage = lesson.play()
    with beside:
        reach = controls.widget("reach", Knob(6.0, 1.0, 20.0, step=1.0, label="from −x to x, x ="), "ac_reach")
        chosen = choose()
    if not chosen:
        stage.info("Choose at least one activation.")
        return
    found = {name: curve(name, knobs, reach) for name, knobs in chosen.items()}
    with stage:
        draw(found)
        st.markdown(text.slopes(found))
    st.latex(text.formulas(chosen))
    name = next(iter(chosen))
    lesson.code(text.lines(name, chosen[name], found[name]), f"{name} in PyTorch")
    lesson.challenge(
        "Which activations never let more than a quarter of the gradient through? Leave only those on the picture.",
        solved=set(found) == gentle(),
        hint="Look at the table: the steepest slope must be at most 0.25 whatever x is.",
    )
    lesson.source("; ".join(f"{name}: {ACTIVATIONS[name].paper}" for name in chosen))


def draw(found: dict[str, lab.Curve]) -> None:
    """Curves and slopes over one pointer; where each is nearly flat is marked, where all are is shaded."""
    looks = {name: (PALETTE[place % len(PALETTE)], DASHES[place // len(PALETTE)]) for place, name in enumerate(found)}
    x = next(iter(found.values())).x
    shade = lab.stretches(x, np.all([one.flat for one in found.values()], axis=0))
    values = [Line(name, one.y, *looks[name], one.flats) for name, one in found.items()]
    steepness = [Line(name, one.slope, *looks[name], one.flats) for name, one in found.items()]
    curves(x, [Panel("y", values, shade), Panel("dy/dx", steepness, shade)], key="ac-curves", start=1.0)
    both = " The ground is grey where that holds for all of them." if shade and len(found) > 1 else ""
    st.caption(
        f"Saturated: a strip at the foot, in the curve's own colour, is where its slope is under {lab.NEARLY_FLAT} and "
        f"hardly any gradient passes.{both}"
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
        knobs = knobs_of(name, "ac_g_")
        asked = controls.edit(Gaussian, "ac_g_")
    found = lab.gaussian_batch(name, knobs, asked.mean, asked.deviation, asked.seed)
    reach = max(4.0, float(np.ceil(np.abs(found.before).max())))
    with stage:
        before = charts.histogram(found.before, "before", -reach, reach, "#8a93a6")
        after = charts.histogram(found.after, f"after {name}", -reach, reach, PALETTE[0])
        drawing(before + after, key="ac-batch")
        dead, count = found.dead
        st.markdown(
            f"Of {count:,} values **{dead:,}** come to lie where the slope is exactly 0 (**dead**: no gradient comes "
            f"back), and **{found.flat[0]:,}**, those among them, where it is under {lab.NEARLY_FLAT} (**saturated**). "
            "The bar under each histogram reaches one deviation to each side of the mean."
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
        live_training.controls(
            "ac-fit", asked, lambda: lab.fit(asked.name, asked.goal, asked.learning_rate, asked.seed)
        )
    with stage:
        if "race:ac-fit" not in st.session_state:
            show(asked, next(lab.fit(asked.name, asked.goal, asked.learning_rate, asked.seed)))
        live_training.watch("ac-fit", lambda run: show(run.asked, run.moments[-1]), at_most=8)


def show(asked: Learn, moment: lab.Fit) -> None:
    goal, x = lab.target(asked.goal), lab.FIT_X.numpy()
    panel = Panel(
        "y",
        [Line("to learn", goal, "#8a93a6", "5 4"), Line(asked.name, moment.y, PALETTE[0])],
        low=-2.0,
        high=4.0,
    )
    curves(x, [panel], key="ac-fit-curves", start=-2.0)
    learnt = "; ".join(
        f"{key} = {', '.join(f'{value:.4f}' for value in values)}".replace("-", "−") for key, values in moment.learnt
    )
    st.markdown(
        f"Step {moment.step} of {lab.FIT_STEPS}, loss {units.significant(moment.loss, 3)}. Learnt so far: **{learnt}**"
    )


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
        drawing(charts.agreement(found.deep[:, 0], found.one[:, 0]), key="ac-agreement")
        st.markdown(
            f"{depth} linear layers of 16 units with {between} between them, against **one** 16 x 16 matrix: "
            f"on 500 fresh inputs the answers differ by at most **{units.significant(found.error, 3)}**, where the "
            f"largest answer is {units.significant(found.scale, 3)}."
        )
        if name == "none":
            st.caption("The matrix is the product of theirs; what is left is rounding in float64.")
        elif depth == 1:
            st.caption("One layer has nothing between layers: it is a matrix, and what is left is rounding in float64.")
        else:
            st.caption("The matrix is the best there is, by least squares on 2,000 inputs. Depth now does something.")
        st.caption("A dot is the first of the 16 answers to one input; on the dashed line both say the same.")


compare()
batch()
learning()
one_matrix()
sixteen_bits()
