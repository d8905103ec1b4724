"""Training: a real network learns from real images, in a process of its own, while one watches."""

import streamlit as st

from playground import lesson

with lesson.idea("A network sees the same images again and again; watch it learn to tell them apart."):
    from playground import accounts
    from playground.identity import owner, remember
    from playground.job_manager import job_manager
    from playground.training import (
        data,
        device,
        evaluation,
        history,
        live,
        lr_range_test,
        outlook,
        program,
        recipe,
        session,
        sharing,
    )


def train() -> None:
    """What is to be trained, the run, and what it left."""
    job_manager().warm_up()

    controls, stage = lesson.play()
    with controls:
        source, size = data.choose()
        start = st.container()
        chosen, target = recipe.choose(source), device.choose()
        config = chosen.config
        plan = session.RunPlan(source, size, config, target)
        lr_range_test.offer(chosen, plan)
        run_id = session.current_run(source, size)
        session.start_button(start, run_id, plan)

    with stage:
        if data.is_browsing():
            data.gallery()
        elif run_id is None:
            data.preview(source, size, config)
            with lesson.friendly():
                session.show_memory(plan)
                outlook.show(plan)
        else:
            view = live.watch(run_id)
            with lesson.friendly():
                session.raise_error(view)
            evaluation.results(view)
            sharing.offer(view)

    accounts.offer()
    history.show()

    program.show(plan)
    lesson.challenge(
        "Reach a validation accuracy of at least 95 % in at most 5 epochs.",
        solved=session.is_solved(job_manager().runs(owner())),
        hint="A one-cycle schedule is made for short runs: raise the learning rate and use a smaller batch size.",
    )
    remember()


if sharing.is_requested():
    sharing.show()
else:
    train()
lesson.source("LeCun, Bottou, Bengio & Haffner 1998, *Gradient-based learning applied to document recognition*.")
