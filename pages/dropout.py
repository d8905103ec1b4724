"""Dropout: what is left out, what is scaled for it, and what it is good for."""

from dataclasses import replace

import streamlit as st

from playground import controls, lesson, live_training

with lesson.idea(
    "Leave parts of a network out at random while it learns, and none can rely on another. In use, all are back."
):
    import numpy as np

    from core.images.squares import PHOTOGRAPHS
    from core.knobs import Knob
    from core.layers.dropout import DROPOUTS
    from core.lessons import dropout as lab
    from core.lessons.dropout import code_samples
    from core.lessons.dropout.masks import Knobs
    from playground.charts import dropout as charts
    from playground.components.curves import PALETTE, Line, Panel, curves
    from playground.components.inline_svg import drawing
    from playground.dropout import text

FRAMES, PICTURE = 6, "china"
KINDS = tuple(DROPOUTS)
DRAW = Knob(1, 1, 200, label="draw", help="The seed of the dice: the same number, the same draw.")
MOVING = Knob(True, label="one draw after another", help=f"This one and the next {FRAMES - 1}.")
NUMBER = Knob(26, 0, 499, label="digit", help="One of 500 that the network was not trained on.")
DEGREES = Knob(40, -90, 90, step=5, label="turned by", help="Degrees, counter-clockwise.")
LARGE = {
    "p": {"DropBlock": 0.15, "Disout": 0.15, "StochasticDepth": 0.4},
    "block_size": {"DropBlock": 5},
    "alpha": {"Disout": 50.0},
}
SMALL = {"p": dict.fromkeys(KINDS, 0.5), "block_size": {"DropBlock": 3, "Disout": 3}, "alpha": {"Disout": 50.0}}

draw = st.cache_data(lab.draw, max_entries=400, show_spinner="Looking at the photographs with a trained network")
means = st.cache_data(lab.means, max_entries=200, show_spinner=False)
ask = st.cache_data(lab.ask, max_entries=200, show_spinner="Training a small network on digits, once")
sweep = st.cache_data(lab.sweep, max_entries=100, show_spinner=False)


def choose(prefix: str, opening: dict[str, dict[str, float]]) -> tuple[str, Knobs]:
    """One kind and its knobs, which open on other values than the registry's where `opening` says so."""
    kind = controls.pick("dropout", KINDS, f"{prefix}kind")
    knobs = {}
    for key, knob in DROPOUTS[kind].knobs.items():
        default = opening.get(key, {}).get(kind, knob.default)
        knobs[key] = controls.widget(key, replace(knob, default=default), f"{prefix}{kind.lower()}_{key}")
    return kind, tuple(knobs.items())


def again() -> None:
    """The next number of the dice."""
    st.session_state["do_draw"] = st.session_state["do_draw"] % int(DRAW.high) + 1


@st.fragment
def masks() -> None:
    """Draws on real maps, one after another."""
    beside, stage = lesson.play()
    with beside:
        kind, knobs = choose("do_", LARGE)
        fixed = DROPOUTS[kind].on == "branch"
        picture = PICTURE if fixed else controls.pick("picture", PHOTOGRAPHS, "do_picture", default=PICTURE)
        first = controls.widget("draw", DRAW, "do_draw")
        st.button("Draw again", icon=":material/casino:", key="do_again", on_click=again)
        moving = controls.widget("moving", MOVING, "do_moving")
    shown = [draw(kind, knobs, picture, first + later) for later in range(FRAMES if moving else 1)]
    with stage:
        weight = lab.first_layer(picture).weight.detach().flatten(1).numpy() if shown[0].lost is not None else None
        drawing(charts.draws(shown, first, text.title(kind), text.what(kind), weight), key="do-draws")
        st.markdown(text.sentence(kind))
    st.latex(rf"\text{{{kind}}}: \quad {DROPOUTS[kind].formula}")
    text.numbers(kind, knobs)
    lesson.code(code_samples.of_draw(kind, knobs, picture, first))
    share = text.expected_share(knobs) if kind == "DropBlock" else 0.0
    lesson.challenge(
        "With **DropBlock** and blocks of 3 x 3, let 20 % of all cells go on average, to half a percent.",
        solved=kind == "DropBlock" and dict(knobs)["block_size"] == 3 and abs(share - 0.2) < 0.005,
        hint="p is what would go if blocks never overlapped. They do, so ask for a little more.",
    )
    lesson.source(f"{kind}: {DROPOUTS[kind].paper}. Maps: a block of EfficientNet-Lite0, trained on ImageNet.")


@st.fragment
def averages() -> None:
    """The mean over many draws, with the scaling and without."""
    st.subheader("Why what stays is scaled", anchor=False)
    beside, stage = lesson.play()
    with beside:
        kind, knobs = choose("dm_", LARGE)
        cell = controls.pick("cell", lab.CELLS, "dm_cell", help="Of the first map of the photographer.")
        seed = controls.widget("seed", replace(DRAW, default=6, label="first draw"), "dm_seed")
    found = means(kind, knobs, "camera", cell, seed)
    with stage:
        lines = [Line("scaled", lab.running(found.values), PALETTE[0])]
        if found.unscaled is not None:
            lines.append(Line("not scaled", lab.running(found.unscaled), PALETTE[1]))
        lines.append(Line("without dropout", np.full(lab.DRAWS, found.value), PALETTE[2], "5 4"))
        panel = Panel("mean of the draws so far, of one value", lines)
        curves(np.arange(1, lab.DRAWS + 1), [panel], key="dm-means", x_name="draws", start=lab.DRAWS)
        st.markdown(text.averages(kind, found))
    text.expectation(kind, knobs, found)


@st.fragment
def passes() -> None:
    """The same digit again and again."""
    st.subheader("Train or eval: one digit, many answers", anchor=False)
    beside, stage = lesson.play()
    with beside:
        kind, knobs = choose("da_", SMALL)
        number = controls.widget("number", NUMBER, "da_number")
        degrees = controls.widget("degrees", DEGREES, "da_degrees")
        seed = controls.widget("seed", replace(DRAW, label="first draw"), "da_seed")
    found = ask(kind, knobs, number, degrees, seed)
    turns = sweep(kind, knobs, number, seed).through(degrees, found)
    with stage:
        drawing(charts.answers(found, text.digit(number, degrees)), key="da-answers")
        st.markdown(text.answers(kind, found))
        lines = [
            Line("evaluation", turns.evaluation, charts.svg.MARK),
            Line("mean of passes", turns.mean, charts.GONE),
            Line("a tenth of passes below", turns.low, charts.GONE, "3 4"),
            Line("a tenth of passes above", turns.high, charts.GONE, "3 4"),
        ]
        panel = Panel(f"chance of the right answer, {found.label}", lines, low=0, high=1.02)
        curves(turns.angles, [panel], key="da-sweep", x_name="turned by", start=degrees)
        st.caption(f"At {degrees}° these are the {lab.PASSES} passes above; at every other angle {lab.SWEPT}.")
    lesson.code(code_samples.of_passes(kind, knobs, number, degrees, seed))
    wrong = found.evaluation.argmax() != found.label
    lesson.challenge(
        "Find a digit of which evaluation is more than 90 % sure and **wrong**, while the passes cannot agree: none "
        "wins three quarters of them.",
        solved=bool(wrong and found.evaluation.max() > 0.9 and found.votes.max() < 0.75 * lab.PASSES),
        hint="The network has never seen a digit turned far. More dropout, more doubt.",
    )
    lesson.source("Passes with dropout left on as a measure of doubt: Gal & Ghahramani 2016, arXiv:1506.02142")


@st.fragment
def with_and_without() -> None:
    """Two networks that differ in nothing but their dropout."""
    st.subheader("With and without, on few pictures", anchor=False)
    beside, stage = lesson.play()
    with beside:
        kind, knobs = choose("dr_", SMALL | {"p": dict.fromkeys(KINDS, 0.3)})
        course = controls.edit(lab.Course, "dr_")
    asked = (course, kind, knobs)
    with stage:
        st.markdown(
            f"**A** has no dropout, **B** has {kind} {lab.WHERE[lab.place_of(kind)]}. Same weights at first, same "
            f"{course.pictures} digits in the same order; {round(course.wrong * course.pictures)} of them are given a "
            "false label. Validation is on 500 others, all labelled rightly."
        )
        live_training.controls("dr-race", asked, lambda: lab.race(*asked), "Train both")
        live_training.watch("dr-race", show)
    lesson.code(code_samples.of_race(*asked))
    lesson.challenge(
        "Let one in five labels be wrong, and find a dropout that ends with **half the gap** that A ends with, and is "
        "no worse in validation.",
        solved=text.halves_the_gap(st.session_state.get("race:dr-race")),
        hint="What A has learnt by heart are the false labels too.",
    )


def show(run: live_training.Race) -> None:
    """Losses and right answers so far, and the gap."""
    sides = dict(zip("AB", zip(*run.moments, strict=True), strict=True))
    st.markdown(text.gaps(sides))
    if len(run.moments) < 2:
        return
    colours = {"A": PALETTE[0], "B": PALETTE[1]}
    panels = [
        Panel(title, [
            Line(f"{name}, {part}", [getattr(one, field) for one in rounds], colours[name], dash)
            for name, rounds in sides.items()
            for part, field, dash in (("training", fields[0], "4 4"), ("validation", fields[1], ""))
        ], **bounds)
        for title, fields, bounds in (
            ("right answers", ("right", "validation_right"), {"high": 1.02}),
            ("mean loss", ("loss", "validation_loss"), {"low": 0}),
        )
    ]  # fmt: skip
    curves(np.arange(1, len(run.moments) + 1), panels, "dr-curves", "round", len(run.moments))
    st.caption("Dashed: on the training pictures, false labels included. Solid: on the validation pictures.")


masks()
averages()
passes()
with_and_without()
with st.expander("Every kind of dropout", icon=":material/list:"):
    st.markdown(text.table())
    st.caption("All of them do nothing in evaluation: `model.eval()` switches them off, `model.train()` on.")
