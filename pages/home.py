"""Home: the cat under a gliding kernel, then the course, then the tools."""

import streamlit as st

from playground import cards, catalog, door
from playground.components.glide import glide
from playground.components.glide.cat import EYE, cat

door.enter()
cards.dress()

with st.container(key="home-head"):
    st.title("CNN Playground", anchor=False)
    st.markdown(
        "Understand convolutional networks by moving things. This kernel looks at nine pixels at a time, "
        "multiplies, adds up, and the outline of the cat appears: **every number here is the real one.**"
    )
glide(cat(), key="glide", rest=EYE)

for section in catalog.SECTIONS:
    pages = [page for page in catalog.LESSONS if page.section == section]
    if pages:
        st.subheader(section, anchor=False)
        cards.row(section, pages)
