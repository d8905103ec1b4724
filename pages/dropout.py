"""Dropout: what is dropped, what is scaled for it, and what it is good for."""

import streamlit as st

from playground import controls, lesson, live_training

with lesson.idea(
    "Drop random parts of a network during training, so that no unit can rely on another. At test time all are active."
):
    from core.layers.dropout import DROPOUTS
    from core.lessons import dropout as lab
    from core.lessons.dropout import code_samples
    from playground.dropout import text, views


@lesson.fragment
def masks() -> None:
    beside, stage = lesson.play()
    with beside:
        kind, settings = views.dropout("do_", views.LARGE)
        photograph = views.photograph(kind)
        seeds = views.seeds()
    with stage:
        views.masks(kind, settings, photograph, seeds)
        st.markdown(text.effect(kind, settings))
    lesson.latex(rf"\text{{{kind}}}: \quad {DROPOUTS[kind].formula}")
    lesson.legend(DROPOUTS[kind].symbols)
    text.constants(kind, settings)
    lesson.code(code_samples.sample_code(kind, settings, photograph, seeds[0]))
    is_dropblock = kind == "DropBlock" and dict(settings)["block_size"] == 3
    lesson.challenge(
        "With **DropBlock** and blocks of 3×3, drop 20\N{NO-BREAK SPACE}% of all cells on average, to within half a "
        "percentage point.",
        solved=is_dropblock and abs(text.expected_share(settings) - 0.2) < 0.005,
        hint="If blocks never overlapped, the dropped fraction would be p. They do overlap, so raise p slightly.",
    )
    lesson.source(f"{kind}: {DROPOUTS[kind].paper}. Maps: a block of EfficientNet-Lite0, trained on ImageNet.")


@lesson.fragment
def expectation() -> None:
    beside, stage = lesson.play(title="Why kept values are scaled up")
    with beside:
        kind, settings = views.dropout("dm_", views.LARGE)
        cell = controls.pick("Cell", lab.CELLS, "dm_cell", help="Of the first feature map of the camera photograph.")
        seed = controls.widget("seed", views.FIRST_SEED, "dm_seed")
    mean = views.estimate(kind, settings, "camera", cell, seed)
    with stage:
        views.running_means(mean)
        st.markdown(text.averages(kind, mean))
    text.expectation(kind, settings, mean)


@lesson.fragment
def mc_dropout() -> None:
    beside, stage = lesson.play(title="Train vs. eval mode: one digit, many predictions")
    with beside:
        kind, settings = views.dropout("da_", views.SMALL)
        number = controls.widget("number", views.NUMBER, "da_number")
        degrees = controls.widget("degrees", views.DEGREES, "da_degrees")
        seed = controls.widget("seed", views.PASSES_SEED, "da_seed")
    mc = views.predict(kind, settings, number, degrees, seed)
    with stage:
        views.predictions(mc, number, degrees)
        st.markdown(text.predictions(kind, settings, mc))
        swept = views.sweep(kind, settings, number, seed).with_angle(degrees, mc)
        views.rotation_sweep(swept, mc.label, degrees)
    lesson.code(code_samples.predictions_code(kind, settings, number, degrees, seed))
    is_wrong = mc.evaluation.argmax() != mc.label
    lesson.challenge(
        "Find a digit for which evaluation mode is more than 90\N{NO-BREAK SPACE}% confident and **wrong**, while the "
        "passes disagree: no class is predicted in three quarters of them.",
        solved=bool(is_wrong and mc.evaluation.max() > 0.9 and mc.votes.max() < 0.75 * lab.PASSES),
        hint="The network was never trained on rotated digits. More dropout, more uncertainty.",
    )
    lesson.source("Dropout at test time as a measure of uncertainty: Gal & Ghahramani 2016, arXiv:1506.02142")


@lesson.fragment
def comparison() -> None:
    beside, stage = lesson.play(title="With and without dropout on a small dataset")
    with beside:
        kind, settings = views.dropout("dr_", views.MILD)
        experiment = (views.training(), kind, settings)
    with stage:
        st.markdown(text.experiment(*experiment))
        live_training.controls("dr-run", experiment, lambda: lab.train_both(*experiment), "Train both")
        live_training.watch("dr-run", views.comparison)
    lesson.code(code_samples.comparison_code(*experiment))
    lesson.challenge(
        "With 20\N{NO-BREAK SPACE}% wrong labels, find a dropout whose final **generalization gap** is at most half of "
        "A's, with no worse validation accuracy.",
        solved=text.halves_the_gap(st.session_state.get("run:dr-run")),
        hint="A has memorized the wrong labels too.",
    )


masks()
expectation()
mc_dropout()
comparison()
with st.expander("All kinds of dropout", icon=":material/list:"):
    st.markdown(text.all_kinds())
    st.caption("None of them does anything in evaluation: `model.eval()` switches them off, `model.train()` on.")
