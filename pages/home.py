"""Home: where to begin."""

import streamlit as st

st.title("CNN Playground", anchor=False)
