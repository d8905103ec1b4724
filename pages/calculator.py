"""Calculator: what a network costs, before it runs.

Its address carries everything, so other pages can link to a network: `ca_net` (the title of a preset, or "Your own"),
`ca_text` (the text, for "Your own"), `ca_in` ("3x224x224", without the batch; found by itself if left out) and
`ca_batch`. `playground.calculator.links` builds these.
"""

import streamlit as st

from playground import controls, lesson
from playground.calculator import ask, facts, headline, picture, understood
from playground.calculator.tabs import classic, sight, solver, stack, table

TABS = ("Layers", "What it sees", "Find a layer", "Deep stacks", "Classic summary")

lesson.idea("Know what a network costs before you run it: shapes, parameters, multiplications, bytes.")
net, shape, batch = st.columns((2, 1, 1))
with net:
    chosen = ask.choice()
subject = ask.subject(chosen)
with shape:
    typed = ask.input_shape(subject)
with batch:
    batch_size = ask.batch_size()

found = None
with lesson.friendly():
    ask.check()
    asked = ask.asked(subject, typed, batch_size)
    found = facts.look(asked)
    headline.show(asked, found)
    picture.show(asked, found)

    st.caption(picture.CONVENTION)
    understood.show(asked)

rows, sees, backwards, deep, summary = st.tabs(TABS, key="ca_tab", bind=controls.LINK)
if found is not None and rows.open:
    with rows:
        table.show(asked, found)
if found is not None and sees.open:
    with sees, lesson.friendly():
        sight.show(asked)
if backwards.open:
    with backwards:
        solver.show()
if deep.open:
    with deep:
        stack.show()
if found is not None and summary.open:
    with summary:
        classic.show(asked, found)
