"""What the files of a dataset are taken to mean, worked out once for all who look at it."""

from __future__ import annotations

import streamlit as st

from core.datasets import BUILT_IN, Understanding, understood
from core.jobs.job_spec import Source


@st.cache_resource(max_entries=128, show_spinner="Reading the list of files …")
def understanding_of(source: Source) -> Understanding:
    """Classes, splits, what is left out and why, other readings; only ever read.

    Raises: DataError if the files are gone or are no dataset at all. Built-in datasets have no files.
    """
    return understood(source.where, source.choice)


def refusal_of(source: Source) -> str:
    """Why nothing can be trained on a dataset as it is read; empty if something can.

    Raises: as `understanding_of`.
    """
    return "" if source.name in BUILT_IN else understanding_of(source).refusal
