"""Calculator: what a network costs, before it runs.

Its address carries everything, so other pages can link to a network: `ca_net` (the title of a preset, or "Your own
code"), `ca_text` (the text, for "Your own code"), `ca_in` ("3x224x224", without the batch; found by itself if left out)
and `ca_batch`. `playground.calculator.links` builds these. `ca_opt`, `ca_prec`, `ca_dev` and others hold the setting.
"""

import streamlit as st

from playground import controls, lesson

with lesson.idea("What a network costs before you run it: shapes, parameters, MACs and memory."):
    from core.model_spec import read_shape, require_image
    from core.profiler.setting import Setting
    from playground.calculator import diagram, inputs, parsed_network, results, settings, summary
    from playground.calculator.results import Request
    from playground.calculator.tabs import (
        comparison,
        layer_solver,
        memory,
        receptive_field,
        stack,
        table,
        time,
        torchinfo_summary,
    )

TABS = ("Memory", "Time", "Layers", "Compare", "Receptive field", "Layer solver", "Deep stacks", "torchinfo summary")


@lesson.fragment(key=settings.RESULTS)
def show_results(request: Request | None) -> None:
    """All that follows from the network, its input and the setting, and the tabs that need nothing of these."""
    analysis = batch_slot = None
    with lesson.friendly():
        if request is not None:
            analysis = results.analyze(settings.shared(request))
            batch_slot = summary.show(analysis)
            diagram.show(analysis)
            if not analysis.model.unparsed:
                parsed_network.show(analysis)

    usage, seconds, layers, other, fields, solver, stacks, torchinfo = st.tabs(TABS, key="ca_tab", bind=controls.LINK)
    if analysis is not None:
        for tab, view in (
            (usage, memory),
            (seconds, time),
            (layers, table),
            (other, comparison),
            (fields, receptive_field),
            (torchinfo, torchinfo_summary),
        ):
            if tab.open:
                with tab, lesson.friendly():
                    view.show(analysis)
    for tab, tool in ((solver, layer_solver), (stacks, stack)):
        if tab.open:
            with tab:
                tool.show()
    if batch_slot is not None:  # last, for it takes several profiles
        with lesson.friendly():
            summary.largest_batch(batch_slot, analysis)


request = None
inputs.begin()
inputs.offer()
with lesson.sheet():
    network, shape, batch = st.columns((2, 1, 1))
    with network:
        choice = inputs.choice()
    spec = inputs.spec(choice)
    with shape:
        typed_shape = inputs.input_shape(spec)
    with batch:
        batch_size = inputs.batch_size()
    optimizer, precision, typed_device, corner = settings.choose()

with lesson.friendly():
    summary.changes(spec)
    input_shape, device = read_shape(typed_shape), settings.find(typed_device)
    spec = inputs.with_shape(spec, input_shape)
    model = results.loadable(spec)
    with corner:
        rest = settings.more(model, input_shape)
    if model:
        require_image(model.module, input_shape)
    setting = Setting(batch_size, optimizer, precision, device=device.kernels, **rest)
    request = Request(spec, input_shape, setting, device)
show_results(request)
