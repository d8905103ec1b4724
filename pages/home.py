"""Home: where to begin."""

import streamlit as st

from playground import door

door.enter()
st.title("CNN Playground", anchor=False)
