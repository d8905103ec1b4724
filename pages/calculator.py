"""Calculator: what a network costs, before it runs.

Its address carries everything, so other pages can link to a network: `ca_net` (the title of a preset, or "Your own"),
`ca_text` (the text, for "Your own"), `ca_in` ("3x224x224", without the batch; found by itself if left out) and
`ca_batch`. `playground.calculator.links` builds these. `ca_opt`, `ca_prec`, `ca_dev` and others hold the setting.
"""

import streamlit as st

from playground import controls, lesson

with lesson.idea("Know what a network costs before you run it: shapes, parameters, multiplications, bytes."):
    from core.model_spec import read_shape
    from core.profiler.fitting import Device
    from core.profiler.setting import Setting
    from playground.calculator import diagram, inputs, parsed_network, results, settings
    from playground.calculator import summary as headline
    from playground.calculator.tabs import layer_solver, memory, receptive_field, stack, table, torchinfo_summary

TABS = ("Memory", "Layers", "What it sees", "Find a layer", "Deep stacks", "Classic summary")


@st.fragment(key=settings.ANSWER)
def answer(asked: results.Asked | None, device: Device | None) -> None:
    """All that follows from the network, its input and the setting, and the tabs that ask for nothing of these."""
    found = place = None
    with lesson.friendly():
        if asked is not None:
            asked = settings.shared(asked)
            found = results.look(asked)
            place = headline.show(asked, found, device)
            diagram.show(asked, found)
            if unread is None:
                parsed_network.show(asked)

    use, rows, sees, backwards, deep, summary = st.tabs(TABS, key="ca_tab", bind=controls.LINK)
    if found is not None and use.open:
        with use, lesson.friendly():
            memory.show(asked, found, device)
    if found is not None and rows.open:
        with rows:
            table.show(asked, found)
    if found is not None and sees.open:
        with sees, lesson.friendly():
            receptive_field.show(asked)
    if backwards.open:
        with backwards:
            layer_solver.show()
    if deep.open:
        with deep:
            stack.show()
    if found is not None and summary.open:
        with summary:
            torchinfo_summary.show(asked, found)
    if place is not None:  # last, for it takes several profiles
        with lesson.friendly():
            headline.largest_batch(place, asked, device)


asked = device = None
net, shape, batch = st.columns((2, 1, 1))
with net:
    chosen = inputs.choice()
subject, unread = results.readable(inputs.subject(chosen))
with shape:
    typed = inputs.input_shape(subject)
with batch:
    batch_size = inputs.batch_size()
optimizer, precision, where, corner = settings.choose()

with lesson.friendly():
    headline.changes(subject)
    input_shape, device = read_shape(typed), settings.find(where)
    with corner:
        rest = settings.more(subject, input_shape)
    setting = Setting(batch_size, optimizer, precision, device=device.kernels, **rest)
    asked = results.Asked(subject, input_shape, setting, unread)
answer(asked, device)
