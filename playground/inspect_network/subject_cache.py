"""What is computed of a subject: kept for everybody; of a visitor's own images and networks for their session alone."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import streamlit as st

from core.lessons.inspect_network import Subject
from core.limits import limits
from playground import computation_gate

Function = TypeVar("Function", bound=Callable[..., Any])


def cached(entries: int, own: int = 4, show_spinner: bool | str = False) -> Callable[[Function], Function]:
    """Keep so many results of a function of a subject and other plain values, computed when it is its turn.

    Of what is private `own` results are kept in each session; with 0 it is computed anew each time. Results are shared,
    so they are never changed.
    """

    def decorate(function: Function) -> Function:
        waiting = computation_gate.in_turn(function)
        common: dict[str, Any] = {"show_spinner": show_spinner, "hash_funcs": {Subject: lambda subject: subject.key}}
        shared = st.cache_resource(waiting, max_entries=limits().entries(entries), **common)
        private = st.cache_resource(waiting, max_entries=own, scope="session", **common) if own else waiting

        @functools.wraps(function)
        def computed(subject: Subject, *arguments: Any) -> Any:
            return (private if subject.is_private else shared)(subject, *arguments)

        return cast(Function, computed)

    return decorate
