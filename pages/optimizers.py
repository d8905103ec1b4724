"""Optimizers: how gradients become steps, and how long steps should be."""

import streamlit as st

from playground import controls, lesson, live_training

with lesson.idea(
    "An optimizer turns gradients into steps. What it remembers of earlier ones decides how it gets through."
):
    import numpy as np

    from core.knobs import Knob
    from core.layers.optimizers import OPTIMIZERS, defaults
    from core.layers.schedules import SCHEDULES
    from core.lessons.optimizers import schedules as lab
    from core.lessons.optimizers import surfaces
    from core.lessons.optimizers import worked_steps as writing
    from core.training.lr_range_test import suggestion
    from playground.charts import optimizers as charts
    from playground.components.curves import PALETTE, Line, Panel, curves
    from playground.components.formula import maths
    from playground.components.loss_surface import Frame, landscape

RATE = Knob(0.1, 0.0001, 5.0, log=True, label="learning rate", help="For all optimizers at once: eta.")
SEED = Knob(0, 0, 20, label="seed", help="Of the weights and of the order of the batches.")
path = st.cache_data(surfaces.path, max_entries=2000, show_spinner=False)
find_rates = st.cache_data(lambda *asked: list(lab.range_test(*asked)), max_entries=100, show_spinner=False)


def choose(key: str) -> list[str]:
    """The optimizers to compare."""
    return st.pills(
        "optimizers",
        list(OPTIMIZERS),
        default=list(OPTIMIZERS),
        key=key,
        selection_mode="multi",
        bind=controls.LINK,
        wrap=True,
    )


def begin() -> None:
    """A new surface comes with its own start and rate."""
    surface = surfaces.SURFACES.get(st.session_state["op_surface"])
    if surface:
        move(*surface.start)
        st.session_state["op_lr"] = surface.rate


def move(x: float, y: float) -> None:
    st.session_state["op_x"], st.session_state["op_y"] = x, y


def settings(names: list[str]) -> surfaces.Knobs:
    """One slider for each knob that any of these has."""
    union = {key: knob for name in names for key, knob in OPTIMIZERS[name].knobs.items()}
    order = sorted(union, key=lambda key: key == "weight_decay")
    return tuple((key, controls.widget(key, union[key], f"op_{key}")) for key in order)


def start_of(surface: surfaces.Surface) -> tuple[float, float]:
    """Where all begin: two sliders, which clicks on the surface move too."""
    return tuple(
        controls.widget(axis, Knob(at, *span, step=0.01, label=f"start {axis}"), f"op_{axis}")
        for axis, at, span in zip("xy", surface.start, (surface.x, surface.y), strict=True)
    )


@st.fragment
def paths() -> None:
    beside, stage = lesson.play()
    with beside:
        name = controls.pick("surface", tuple(surfaces.SURFACES), "op_surface", default="Ravine", on_change=begin)
        surface = surfaces.SURFACES[name]
        lr = controls.widget("lr", RATE, "op_lr")
        chosen = choose("op_names")
        knobs = settings(chosen)
        start = start_of(surface)
    if not chosen:
        stage.info("Choose at least one optimizer on the left.")
        return
    found = {one: path(name, one, start, lr, own(one, knobs)) for one in chosen}
    with stage:
        maths(rf"f(x, y) = {surface.formula}", key="op-surface-formula")
        frame = Frame(surface.x, surface.y, surface.minima)
        landscape(surfaces.heights(name), frame, start, charts.tracks(found), "op-landscape", move)
        lost = [one for one, its in found.items() if its.diverged is not None]
        if lost:
            verb = "overshoot ever further and diverge" if len(lost) > 1 else "overshoots ever further and diverges"
            st.warning(f"At a rate of {lr:g}, {listed(lost)} {verb}. Their paths end where they are lost from sight.")
        st.caption(f"{surface.words} The cross is the lowest place. Click or drag to start elsewhere.")
    write_out(name, chosen, start, lr, knobs)
    arrived = found["Momentum"].arrived if name == "Ravine" and "Momentum" in found else None
    lesson.challenge(
        "Bring **Momentum** to the minimum of the **ravine** within 20 steps of the opening's start.",
        solved=arrived is not None and arrived <= 20 and start == surface.start,
        hint="It swings because it remembers for too long. Let it remember less, and go further at each step.",
    )


def own(name: str, knobs: surfaces.Knobs) -> surfaces.Knobs:
    """Those of the knobs that an optimizer has, so that moving another one's finds its path in the cache."""
    return tuple((key, value) for key, value in knobs if key in OPTIMIZERS[name].knobs)


def listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def write_out(surface: str, chosen: list[str], start: tuple[float, float], lr: float, knobs: surfaces.Knobs) -> None:
    """The first two steps of one optimizer with their numbers, in PyTorch's form and in the textbook's."""
    st.subheader("The first two steps, written out", anchor=False)
    left, right = st.columns(2)
    with left:
        name = controls.pick("optimizer", tuple(OPTIMIZERS), "op_one", default="Momentum")
    with right:
        axis = controls.pick("weight", ("x", "y"), "op_axis", default="y")
    entry, mine = OPTIMIZERS[name], own(name, knobs)
    both = (("lines", "As PyTorch computes it"), ("textbook", "As the textbook writes it"))
    asked = (surface, name, start, lr, mine, axis)
    maths(*((title, two_steps(*asked, form)) for form, title in both), key="op-steps")
    st.markdown(entry.difference)
    lesson.code(lines(surface, name, start, lr, mine))
    lesson.source(f"{name}: {entry.paper}")


@st.cache_data(max_entries=2000, show_spinner=False)
def two_steps(
    surface: str, name: str, start: tuple[float, float], lr: float, mine: surfaces.Knobs, axis: str, form: str
) -> str:
    """An optimizer's lines, and under them its first two steps with their numbers (LaTeX)."""
    general = charts.formulas(getattr(OPTIMIZERS[name], form), dict(mine))
    steps = writing.written(surface, name, start, lr, mine, form, axis="xy".index(axis))
    return charts.under_each_other([general, *charts.written(steps, axis)])


def lines(surface: str, name: str, start: tuple[float, float], lr: float, knobs: surfaces.Knobs) -> str:
    place = surfaces.SURFACES[surface]
    call = OPTIMIZERS[name].code.format(lr=lr, **(defaults(name) | dict(knobs)))
    noise = "noise = torch.from_numpy(np.random.default_rng(0).normal(0, 1, (150, 2)))\n" if place.noise else ""
    return (
        f"{'import numpy as np' + chr(10) if place.noise else ''}import torch\n\n"
        f"theta = torch.tensor([{start[0]}, {start[1]}], dtype=torch.float64, requires_grad=True)\n"
        f"optimizer = {call}\n{noise}"
        "places = [theta.tolist()]\n"
        "for step in range(150):\n"
        "    x, y = theta\n"
        f"    loss = {place.code}{' + (noise[step] * theta).sum()' if place.noise else ''}\n"
        "    optimizer.zero_grad()\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    places.append(theta.tolist())"
    )


@st.fragment
def on_digits() -> None:
    """The same optimizers train a real network."""
    st.subheader("On a real network", anchor=False)
    beside, stage = lesson.play()
    with beside:
        chosen = choose("op_r_names")
        factor = controls.widget(
            "factor",
            Knob(1.0, 0.01, 100.0, log=True, label="learning rates times", help="1 is a good rate for each."),
            "op_r_factor",
        )
        seed = controls.widget("seed", SEED, "op_r_seed")
        runs = [(name, lab.Run(name, OPTIMIZERS[name].good_rate * factor)) for name in chosen]
        live_training.controls("op-race", (runs, seed), lambda: lab.race([run for _, run in runs], seed), "Race")
    with stage:
        if not chosen:
            st.info("Choose at least one optimizer on the left.")
        elif "race:op-race" not in st.session_state:
            st.markdown(charts.standings(runs, []))
        live_training.watch("op-race", lambda one: compare("op-race", one.asked[0], one.moments), at_most=20)
        st.caption(
            "A network of 64, 32, 32 and 10 units learns 1,797 handwritten digits in batches of 128: the same weights "
            "and the same batches for each. Lines are moving averages; the share right is of the digits trained on."
        )


def compare(key: str, runs: list[tuple[str, lab.Run]], moments: list) -> None:
    """Loss curves of several runs, and where they stand."""
    names = [name for name, _ in runs]
    colours = [charts.COLOURS.get(name, PALETTE[place]) for place, name in enumerate(names)]
    found = charts.losses(moments, names, colours, lab.STEPS)
    title = f"loss, {len(moments)} of {lab.STEPS} steps"
    curves(
        range(lab.STEPS), [Panel(title, found, low=0.0, high=3.0)], f"{key}-curves", "step", max(len(moments) - 1, 0)
    )
    st.markdown(charts.standings(runs, moments))


@st.fragment
def finder() -> None:
    """The learning-rate range test, then training at three rates."""
    st.subheader("How large a learning rate?", anchor=False)
    beside, stage = lesson.play()
    with beside:
        name = controls.pick("optimizer", tuple(OPTIMIZERS), "op_f_one", default="SGD")
        seed = controls.widget("seed", SEED, "op_f_seed")
        found = find_rates(name, seed)
        good = suggestion(found)
        runs = [
            (f"{word} rate", lab.Run(name, good * by))
            for word, by in (("small", 0.03), ("good", 1.0), ("large", 100.0))
        ]
        st.metric("suggested learning rate", f"{good:.2g}")
        live_training.controls(
            "op-three", (runs, seed), lambda: lab.race([run for _, run in runs], seed), "Train at three rates"
        )
    with stage:
        x = np.log10([step.rate for step in found])
        both = [
            Line("loss on the batch", [step.loss for step in found], "#8a93a6"),
            Line("moving average", [step.smooth for step in found], PALETTE[0]),
        ]
        title = "loss while the rate rises by the same factor each step"
        curves(x, [Panel(title, both, low=0.0, high=5.0)], "op-finder", "log10 of the rate", float(np.log10(good)))
        low = f"Up to a rate of {10 * good:.2g} the moving average is as low as it gets, but for the noise of batches"
        st.markdown(
            f"{low}; at a tenth of that, **{good:.2g}**, it still falls fast and is far from where the loss blows up "
            f"({found[-1].rate:.2g}, where the test ended)."
            if len(found) < 120
            else f"{low}; the suggestion is a tenth of that, **{good:.2g}**."
        )
        live_training.watch("op-three", lambda one: compare("op-three", one.asked[0], one.moments), at_most=20)
    lesson.source("Smith 2015, Cyclical learning rates, arXiv:1506.01186")


@st.fragment
def over_time() -> None:
    """Schedules drawn, then run."""
    st.subheader("Schedules", anchor=False)
    beside, stage = lesson.play()
    with beside:
        name = controls.pick("schedule", tuple(SCHEDULES), "op_s_one", default="One-cycle")
        entry = SCHEDULES[name]
        knob = Knob(0.5, 0.001, 5.0, log=True, label="learning rate", help="That SGD is made with.")
        lr = controls.widget("lr", knob, "op_s_lr")
        short = "".join(letter for letter in name.lower() if letter.isalpha())
        knobs = tuple((key, controls.widget(key, knob, f"op_s_{short}_{key}")) for key, knob in entry.knobs.items())
        seed = controls.widget("seed", SEED, "op_s_seed")
        runs = [("constant rate", lab.Run("SGD", lr)), (name, lab.Run("SGD", lr, (), name, knobs))]
        live_training.controls(
            "op-sched", (runs, seed), lambda: lab.race([run for _, run in runs], seed), "Train with and without"
        )
    with stage:
        drawn = Line(name, lab.rates(name, lr, knobs), PALETTE[0])
        title = "learning rate, if the loss falls until half way" if entry.watches else "learning rate"
        curves(range(lab.STEPS), [Panel(title, [drawn], low=0.0)], "op-schedule", "step")
        maths(entry.formula, key="op-schedule-formula")
        live_training.watch("op-sched", scheduled, at_most=20)
    lesson.code(schedule_lines(name, lr, knobs))
    lesson.source(f"{name}: {entry.words} {entry.paper}")


def scheduled(one: live_training.Race) -> None:
    """The loss of both runs and the rates that were really taken."""
    runs = one.asked[0]
    compare("op-sched", runs, one.moments)
    rates = charts.padded([moment[1] for moment in one.moments], "rate", lab.STEPS)
    curves(
        range(lab.STEPS), [Panel(f"rates taken, {runs[1][0]}", [Line("rate", rates, PALETTE[1])], low=0.0)],
        "op-taken", "step",
    )  # fmt: skip


def schedule_lines(name: str, lr: float, knobs: lab.Knobs) -> str:
    entry = SCHEDULES[name]
    call = entry.code.format(steps=lab.STEPS, lr=lr, **dict(knobs))
    told = f"max({lab.STEPS} // 2 - step, 0)  # a loss that falls until half way"
    loss = f"    loss = {told}\n" if entry.watches else ""
    return (
        "import torch\n\n"
        "weight = torch.zeros(1, requires_grad=True)\n"
        f"optimizer = torch.optim.SGD([weight], lr={lr})\n"
        f"scheduler = {call}\n"
        "rates = []\n"
        f"for step in range({lab.STEPS}):\n"
        '    rates.append(optimizer.param_groups[0]["lr"])\n'
        f"    optimizer.step()\n{loss}"
        f"    scheduler.step({'loss' if entry.watches else ''})"
    )


paths()
on_digits()
finder()
over_time()
