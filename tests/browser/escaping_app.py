"""Every hostile word in Markdown: alone, within a sentence that allows HTML, and as a label."""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from playground.escaping import literal
from tests.hostile import WORDS

for number, words in enumerate(WORDS):
    with st.container(key=f"alone-{number}"):
        st.markdown(literal(words))
    with st.container(key=f"within-{number}"):
        st.markdown(f"before {literal(words)} after", unsafe_allow_html=True)
    with st.container(key=f"label-{number}"):
        st.checkbox(literal(words), key=f"box-{number}")
