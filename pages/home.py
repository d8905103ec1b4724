"""Home: a kernel sliding over a cat, then the course, then the tools."""

import streamlit as st

from playground import catalog, lesson_cards, navigation
from playground.components.sliding_kernel import sliding_kernel
from playground.components.sliding_kernel.cat import EYE, cat

navigation.ensure_navigation()
lesson_cards.add_style()

with st.container(key="home-head"):
    st.title("CNN Playground", anchor=False)
    st.markdown(
        "Understand convolutional networks by experimenting. This 3×3 kernel looks at nine pixels at a time, "
        "multiplies and adds, and the outline of the cat appears. **Every number here is real.**"
    )
sliding_kernel(cat(), key="sliding-kernel", rest=EYE)

for section in catalog.SECTIONS:
    pages = [page for page in catalog.LESSONS if page.section == section]
    if pages:
        st.header(section, anchor=False)
        lesson_cards.row(section, pages)
