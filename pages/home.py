"""Home: the cat under a gliding kernel, then the course, then the tools."""

import streamlit as st

from playground import catalog, lesson_cards, navigation
from playground.components.sliding_kernel import glide
from playground.components.sliding_kernel.cat import EYE, cat

navigation.enter()
lesson_cards.dress()

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
        lesson_cards.row(section, pages)
