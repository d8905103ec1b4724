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
    return _by(lambda subject: subject.key, lambda subject: subject.is_private, entries, own, show_spinner)


def cached_of_network(entries: int, own: int = 4, show_spinner: bool | str = False) -> Callable[[Function], Function]:
    """The same for what depends on the network alone and on the images that come with it.

    Parameters whose names begin with an underscore are not part of the key.
    """
    return _by(lambda subject: subject.key[0], lambda subject: subject.has_private_network, entries, own, show_spinner)


def _by(
    key: Callable[[Subject], object],
    is_private: Callable[[Subject], bool],
    entries: int,
    own: int,
    show_spinner: bool | str,
) -> Callable[[Function], Function]:
    """What both have in common: how a subject is told apart, and of which the results are a visitor's own."""

    def decorate(function: Function) -> Function:
        waiting = computation_gate.in_turn(function)
        common: dict[str, Any] = {"show_spinner": show_spinner, "hash_funcs": {Subject: key}}
        shared = st.cache_resource(waiting, max_entries=limits().entries(entries), **common)
        private = st.cache_resource(waiting, max_entries=own, scope="session", **common) if own else waiting

        @functools.wraps(function)
        def computed(subject: Subject, *arguments: Any) -> Any:
            return (private if is_private(subject) else shared)(subject, *arguments)

        return cast(Function, computed)

    return decorate
