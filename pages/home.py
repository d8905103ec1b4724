"""Home: a kernel sliding over a cat, then the course, then the tools."""

import streamlit as st

from playground import cards, catalog, door
from playground.components.glide import glide
from playground.components.glide.cat import EYE, cat

door.enter()
cards.dress()

with st.container(key="home-head"):
    st.title("CNN Playground", anchor=False)
    st.markdown(
        "Understand convolutional networks by experimenting. This 3×3 kernel looks at nine pixels at a time, "
        "multiplies and adds, and the outline of the cat appears. **Every number here is real.**"
    )
glide(cat(), key="glide", rest=EYE)

for section in catalog.SECTIONS:
    pages = [page for page in catalog.LESSONS if page.section == section]
    if pages:
        st.subheader(section, anchor=False)
        cards.row(section, pages)
