"""Initialization: how weights begin, and what then reaches the last layer."""

import math
from dataclasses import dataclass, replace

import streamlit as st

from playground import controls, lesson, units

with lesson.idea(
    "A layer multiplies what it is given. Twenty layers do so twenty times, so the first weights must be to scale."
):
    from core.knobs import knob
    from core.layers.activations import ACTIVATIONS, code_of
    from core.layers.activations import defaults as knobs_of_activation
    from core.layers.initialization import INITIALIZATIONS, defaults, fans
    from core.lessons import initialization as lab
    from playground.charts import initialization as charts
    from playground.charts.activations import histogram
    from playground.components.curves import PALETTE, Line, Panel, curves
    from playground.components.inline_svg import drawing

ALL = tuple(INITIALIZATIONS)
signal = st.cache_data(lab.signal, max_entries=500, show_spinner=False)
symmetry = st.cache_data(lab.symmetry, max_entries=200, show_spinner=False)
before_activation = st.cache_data(lab.before_activation, max_entries=200, show_spinner=False)


def choose(prefix: str, default: str) -> tuple[str, lab.Knobs]:
    """One initialization and its knobs."""
    name = controls.pick("initialization", ALL, f"{prefix}name", default=default)
    short = name.split()[0].lower()
    knobs = INITIALIZATIONS[name].knobs
    return name, tuple(
        (key, controls.widget(key, replace(one, label=key.replace("_", " ")), f"{prefix}{short}_{key}"))
        for key, one in knobs.items()
    )


@st.fragment
def through_layers() -> None:
    """Mean and variance of every layer, over many seeds, against theory."""
    beside, stage = lesson.play()
    with beside:
        name, knobs = choose("in_", "Xavier normal")
        stack = controls.edit(lab.Stack, "in_")
    found = signal(stack, name, knobs)
    with stage:
        panels = [
            charts.band("variance of outputs", found.band("variance"), found.variance_told, log=True),
            charts.band("mean of outputs", found.band("mean"), found.mean_told),
        ]
        curves(range(stack.depth + 1), panels, "in-signal", "layer", stack.depth)
        st.markdown(verdict(name, stack, found))
    told(stack, name, knobs)
    lesson.code(signal_lines(stack, name, knobs))
    lesson.challenge(
        "Keep the variance of **ReLU** layers within a tenth of itself from each layer to the next, with **Normal** "
        "weights, 20 layers or more, and no Kaiming.",
        solved=name == "Normal" and stack.activation == "ReLU" and stack.depth >= 20 and 0.9 < found.factor < 1.1,
        hint="Kaiming would take the root of 2 / fan_in. Find the std, or the std and gain, whose product is that.",
    )
    lesson.source(f"{name}: {INITIALIZATIONS[name].paper}")


def verdict(name: str, stack: lab.Stack, found: lab.Signal) -> str:
    """What a layer does to the variance, in a sentence, and why there may be no theory."""
    said = f"A batch of {lab.BATCH} normal inputs, {lab.SEEDS} seeds; layer 0 is the input. "
    if math.isnan(found.factor):
        said += "There is too little left, or too few layers, to say what one layer does."
    else:
        said += f"Behind the first layer, each multiplies the variance by **{found.factor:.6g}** on average"
        said += f": in all by {units.significant(found.factor ** (stack.depth - 1), 3)}."
    if found.variance_told is None:
        said += f" Theory speaks of random weights with mean 0; **{name}** is not that, so no curve of it is drawn."
    return said


def told(stack: lab.Stack, name: str, knobs: lab.Knobs) -> None:
    """The theory with this moment's numbers, for the second layer."""
    share = lab.weight_variance(stack, name, knobs)
    if share is None:
        st.latex(rf"\text{{{name}}}: \quad {INITIALIZATIONS[name].formula}")
        return
    mean, variance = lab.theory(stack, name, knobs)
    square = mean[1] ** 2 + variance[1]
    result = stack.width * share * square
    lesson.formula(
        lab.theory, rf"{stack.width} \cdot {share:.6g} \cdot {square:.6g} \;\approx\; {result:.4g} \quad (l = 2)"
    )


def signal_lines(stack: lab.Stack, name: str, knobs: lab.Knobs) -> str:
    """The seed-0 run; two schemes are more than one line of torch, so ours does them."""
    bend = code_of(stack.activation, knobs_of_activation(stack.activation))
    own = {"SiLU (Swish)": "Swish", "Maxout": "Maxout"}.get(stack.activation)
    imports = f"from core.layers.activations import {own}\n" if own else ""
    if name in ("Sparse", "LSUV"):
        imports += "from core.layers.initialization import initialize\n"
        fill = (
            "generator = torch.Generator().manual_seed(0)\n"
            f'initialize(layers, "{name}", generator, {stack.gain}, {dict(knobs)}, forward=lambda: network(x))\n'
        )
    else:
        line = INITIALIZATIONS[name].code.format(**(defaults(name) | {"identity": "eye_"} | dict(knobs)))
        fill = (
            "torch.manual_seed(0)\n"
            f"for layer in layers:\n    {line}\nfor layer in layers:\n    layer.weight.data *= {stack.gain}\n"
        )
    return (
        f"import torch\nfrom torch import nn\n{imports}\n"
        f"x = torch.randn({lab.BATCH}, {stack.width}, generator=torch.Generator().manual_seed(1000))\n"
        f"layers = [nn.Linear({stack.width}, {stack.width}, bias=False) for _ in range({stack.depth})]\n"
        f"bend = {bend}\nnetwork = nn.Sequential(*(part for layer in layers for part in (layer, bend)))\n{fill}"
        "variances = [x.var().item()]\n"
        "with torch.no_grad():\n"
        "    for layer in layers:\n"
        "        x = bend(layer(x))\n"
        "        variances.append(x.var().item())"
    )


@dataclass(frozen=True)
class Shape:
    """One layer whose fans are counted."""

    kind: str = knob("conv", choices=("linear", "conv"), label="layer")
    inputs: int = knob(32, 1, 128, label="inputs or input channels")
    units: int = knob(64, 1, 128, label="outputs or output channels")
    kernel: int = knob(3, 1, 7, step=2, label="kernel size (conv)")


@st.fragment
def arithmetic() -> None:
    """The fan arithmetic with numbers, and the weights really drawn."""
    st.subheader("Fan in, fan out", anchor=False)
    beside, stage = lesson.play()
    with beside:
        shape = controls.edit(Shape, "in_f_")
        name, knobs = choose("in_fs_", "Kaiming normal")
    weight = lab.weight_of(shape.kind, shape.inputs, shape.units, shape.kernel, name, dict(knobs))
    into, out = fans(weight)
    window = rf" \cdot {shape.kernel} \cdot {shape.kernel}" if shape.kind == "conv" else ""
    with stage:
        st.latex(lesson.formula_of(fans))
        into_words = rf"\text{{fan}}_{{in}} = {shape.inputs}{window} = {into}"
        st.latex(rf"{into_words}, \qquad \text{{fan}}_{{out}} = {shape.units}{window} = {out}")
        entry = INITIALIZATIONS[name]
        st.latex(rf"\text{{{name}}}: \quad {entry.formula}")
        measured = (
            f"{weight.numel():,} weights drawn with seed 0 have a deviation of **{weight.std(correction=0):.5g}**"
        )
        lengths = shape.units if name == "Orthogonal" else out  # orthogonal as a matrix (out, in * kh * kw)
        deviation = entry.deviation and entry.deviation(into, lengths, **(defaults(name) | dict(knobs)))
        theory = "" if deviation is None else f"; the formula says **{deviation:.5g}**"
        reach = float(weight.abs().max()) or 1.0
        drawing(
            histogram(weight.flatten().numpy(), "the weights", -reach, reach, PALETTE[0], digits=4), key="in-weights"
        )
        st.markdown(f"{measured}{theory}. Made for: {entry.suits}.")


@st.fragment
def equal_units() -> None:
    """A constant keeps all units equal."""
    st.subheader("Chance is needed", anchor=False)
    beside, stage = lesson.play()
    with beside:
        name, knobs = choose("in_s_", "Constant")
        steps = controls.widget("steps", lab.STEPS_KNOB, "in_s_steps")
    found = symmetry(name, knobs, steps)
    with stage:
        before = charts.units(found.before, "8 hidden units at the start")
        after = charts.units(found.after, f"after {steps} steps of training")
        drawing(before + after, key="in-units")
        st.markdown(
            f"**{found.different[-1]}** different {'unit' if found.different[-1] == 1 else 'units'} among 8 after "
            f"{steps} steps ({found.different[0]} at the start); the loss went from "
            f"{found.losses[0]:.3f} to **{found.losses[-1]:.3f}**."
        )
        st.caption(
            "64 inputs, 8 Tanh units, 10 classes, on the handwritten digits. Units that begin equal get equal "
            "gradients, so they stay equal for ever: eight are worth no more than one."
        )


@st.cache_data(max_entries=40, show_spinner=False)
def scales(depth: int) -> str:
    """How each scheme scales the signal through each activation, drawn."""
    activations = tuple(ACTIVATIONS)
    suited = {(name, one) for name in ALL for one in activations if one in INITIALIZATIONS[name].suits.split(", ")}
    return charts.table(lab.scales(ALL, activations, depth), ALL, activations, suited)


@st.fragment
def who_suits_whom() -> None:
    """Every scheme with every activation."""
    st.subheader("Which one for which activation", anchor=False)
    depth = controls.widget("depth", lab.DEPTH_KNOB, "in_t_depth")
    drawing(scales(depth), key="in-table")
    st.markdown(
        f"From the first to the last of {depth} layers of 64 units the deviation of the outputs changes by 10 to this "
        "power: white keeps it, blue fades, orange grows. Framed in green: the activation that a scheme was made for. "
        "Schemes with a scale of their own stand at their defaults."
    )


@st.fragment
def looking_at_data() -> None:
    """LSUV beside the orthogonal weights it begins from."""
    st.subheader("LSUV: let the data say the scale", anchor=False)
    beside, stage = lesson.play()
    with beside:
        activation = controls.pick("activation", tuple(ACTIVATIONS), "in_l_act", default="GELU")
        depth = controls.widget("depth", lab.DEPTH_KNOB, "in_l_depth")
    stack = lab.Stack(activation, depth)
    found = {name: before_activation(stack, name) for name in ("Orthogonal", "LSUV", "Kaiming normal")}
    left = units.significant(found["Orthogonal"][-1], 3)
    with stage:
        lines = [Line(name, one, colour) for (name, one), colour in zip(found.items(), PALETTE, strict=False)]
        panel = Panel("variance of what each activation is given", lines, log=True)
        curves(range(1, depth + 1), [panel], "in-lsuv", "layer", depth)
        st.markdown(
            "LSUV starts orthogonal, runs a batch, and divides each layer's weights by the deviation of what comes "
            "out, one layer after the other. On that batch the last layer's variance is now "
            f"**{found['LSUV'][-1]:.3f}**; untouched orthogonal weights leave {left}."
        )
    lesson.source("Mishkin & Matas 2015, All you need is a good init, arXiv:1511.06422")


through_layers()
arithmetic()
equal_units()
who_suits_whom()
looking_at_data()
