"""Optimizers: how gradients become steps, and how long steps should be."""

import streamlit as st

from playground import controls, lesson

with lesson.idea("An optimizer turns gradients into steps; what it remembers of earlier gradients decides its path."):
    from core.lessons.optimizers.surfaces import SURFACES
    from core.lessons.optimizers.training import LessonRun
    from core.optim import OPTIMIZERS, SCHEDULES
    from core.training.lr_range_test import suggestion
    from playground.optimizers import code_samples, settings, views

NO_OPTIMIZER = "Choose at least one optimizer."


@lesson.fragment
def on_a_surface() -> None:
    beside, stage = lesson.play()
    with beside:
        descent = settings.choose_descent()
    if not descent.optimizers:
        stage.info(NO_OPTIMIZER)
        return
    paths = views.paths(descent)
    with stage:
        views.surface(descent, paths)
    lesson.subheader("The first two steps, step by step")
    name, axis, form = settings.choose_worked()
    views.worked_steps(descent, name, axis, form)
    knobs = descent.knobs_of(name)
    lesson.code(code_samples.descent(descent.surface, name, descent.start, descent.lr, knobs))
    momentum = paths.get("SGD with momentum")
    is_opening = descent.surface == "Ravine" and descent.start == SURFACES["Ravine"].start
    lesson.challenge(
        "Bring **SGD with momentum** to the minimum of the **ravine** within 20 steps, from where it starts at first.",
        solved=is_opening and momentum is not None and momentum.arrived is not None and momentum.arrived <= 20,
        hint="It oscillates because it remembers for too long. Let it remember less, and take longer steps.",
    )
    lesson.source(f"{name}: {OPTIMIZERS[name].paper}")


@lesson.fragment
def on_digits() -> None:
    beside, stage = lesson.play(title="On a real network")
    with beside:
        names = settings.choose_optimizers("op_r_names")
        factor = controls.widget("factor", settings.MULTIPLIER, "op_r_factor")
        seed = controls.widget("seed", settings.SEED, "op_r_seed")
        runs = [(name, LessonRun(name, OPTIMIZERS[name].good_rate * factor)) for name in names]
        views.start_button("op-run", runs, seed, "Train all")
    with stage:
        if not names:
            st.info(NO_OPTIMIZER)
        else:
            views.before_start("op-run", runs)
        views.watch("op-run")
        st.caption(
            "A network of 64, 32, 32 and 10 units learns 1,797 handwritten digits in batches of 128; all runs have the "
            "same initial weights and the same batches. Lines are moving averages. The accuracy is that on the "
            "training digits."
        )


@lesson.fragment
def learning_rate_range_test() -> None:
    beside, stage = lesson.play(title="Learning-rate range test")
    with beside:
        name = settings.choose_optimizer("op_f_one", "SGD")
        seed = controls.widget("seed", settings.SEED, "op_f_seed")
        steps = views.range_test(name, seed)
        suggested = suggestion(steps)
        rates = {"0.03 × suggested": 0.03, "Suggested": 1.0, "100 × suggested": 100.0}
        runs = [(label, LessonRun(name, suggested * factor)) for label, factor in rates.items()]
        st.metric("Suggested learning rate", f"{suggested:.2g}")
        views.start_button("op-three", runs, seed, "Train at three learning rates")
    with stage:
        views.range_curve(steps, suggested)
        views.watch("op-three")
    lesson.source("Smith 2015, Cyclical learning rates for training neural networks, arXiv:1506.01186")


@lesson.fragment
def schedules() -> None:
    beside, stage = lesson.play(title="Schedules")
    with beside:
        run = settings.choose_schedule()
        seed = controls.widget("seed", settings.SEED, "op_s_seed")
        runs = [("Constant rate", LessonRun("SGD", run.learning_rate)), (run.schedule, run)]
        views.start_button("op-sched", runs, seed, "Train both")
    with stage:
        views.schedule(run)
        views.watch("op-sched", shows_rates=True)
    lesson.code(code_samples.schedule(run))
    lesson.source(f"{run.schedule}: {SCHEDULES[run.schedule].description} {SCHEDULES[run.schedule].paper}")


on_a_surface()
on_digits()
learning_rate_range_test()
schedules()
