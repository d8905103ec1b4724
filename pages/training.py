"""Training: a real network learns from real pictures, in a process of its own, while one watches."""

import streamlit as st

from playground import lesson

with lesson.idea(
    "A network that knows nothing looks at pictures again and again, and you watch it learn to tell them apart."
):
    from playground.identity import owner, remember
    from playground.job_manager import job_manager
    from playground.training import data, evaluation, history, live, lr_range_test, recipe, session
    from playground.training import device as place

job_manager().warm_up()

controls, stage = lesson.play()
with controls:
    source, size = data.choose()
    start = st.container()
    chosen, device = recipe.choose(), place.choose()
    config = chosen.config
    plan = session.Plan(source, size, config, device)
    lr_range_test.offer(chosen, plan)
    run_id = session.current_run(source, size)
    session.start_button(start, run_id, plan)

with stage:
    if data.is_browsing():
        data.gallery()
    elif run_id is None:
        data.preview(source, size, config)
        with lesson.friendly():
            session.say_memory(plan)
    else:
        view = live.watch(run_id)
        with lesson.friendly():
            session.say_error(view)
        evaluation.results(view)

history.show()

lesson.code(session.lines(source, size, config), "The same run in Python")
lesson.challenge(
    "Get at least 95 % of the validation pictures right in at most 5 epochs.",
    solved=session.is_solved(job_manager().runs(owner())),
    hint="A one-cycle schedule is made for short runs: raise the learning rate, and make the batches smaller.",
)
lesson.source("LeCun, Bottou, Bengio & Haffner 1998, *Gradient-based learning applied to document recognition*.")
remember()
