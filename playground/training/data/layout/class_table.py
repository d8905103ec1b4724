"""The classes of a dataset with their images, a tick for each: one click leaves a class out or takes it in again."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.datasets import Understanding
from core.datasets.layout.listing import TEST, TRAIN, VALIDATION
from core.datasets.layout_report import class_rows
from core.jobs.job_spec import Source
from playground.charts.datasets import class_bars, split_bars
from playground.training.data import dataset_choice
from playground.training.data.understanding import understanding_of
from playground.training.data.words import PARTS, kept_classes, with_classes

USE, CLASS, IMAGES = "Use", "Class", "Images"
TICKED = "training classes ticked"  # in the session's state: of which table, what it began with, what it shows now
ROW, HEAD, TALL = 35, 38, 290  # pixels
SHORT = {TRAIN: "Train", VALIDATION: "Val.", TEST: "Test"}
NO_SPLIT = "No split"
MANY = 12  # classes, from which on one wants to name the few to keep


def show(source: Source) -> None:
    """All classes of the reading, those left out among them."""
    every = understanding_of(source.read_as(dataclasses.replace(source.choice, dropped=(), only=())))
    if len(every.class_counts) <= 2:
        only_shown(*class_rows(every.class_counts, every.split_counts))
        return
    names, kept = list(every.class_counts), kept_classes(source.choice, every.class_counts)
    key, began_with = _table_state(source, kept)
    table = table_of(every, began_with)
    st.data_editor(
        table,
        key=key,
        hide_index=True,
        height=min(HEAD + ROW * len(names), TALL),
        disabled=[column for column in table.columns if column != USE],
        column_config=_columns(every),
        on_change=_take_ticks,
        args=(source, key, names),
        alt="Classes, whether each is used, and its images.",
    )
    if len(names) > MANY:
        _keep_only(source, names)


def table_of(every: Understanding, kept: frozenset[str]) -> pd.DataFrame:
    """A row per class: whether it is used, its name, its files in each given split, and all of them."""
    columns, rows = class_rows(every.class_counts, every.split_counts)
    titles = [SHORT.get(name, name.capitalize()) for name in columns[:-1]]
    cells = [(name in kept, name, numbers[-1], *numbers[:-1]) for name, numbers in rows]
    return pd.DataFrame(cells, columns=[USE, CLASS, IMAGES, *titles])


def _columns(every: Understanding) -> dict[str, Any]:
    ticks = st.column_config.CheckboxColumn(USE, width=64, help="Untick a class to leave it out.")
    if every.split_counts:
        numbers = [IMAGES, *SHORT.values(), NO_SPLIT]
        return {USE: ticks} | {name: st.column_config.NumberColumn(format="localized", width=58) for name in numbers}
    most = max(every.class_counts.values())
    return {USE: ticks, IMAGES: st.column_config.ProgressColumn(format="localized", min_value=0, max_value=most)}


def _table_state(source: Source, kept: set[str]) -> tuple[str, frozenset[str]]:
    """The key of the table, and the classes that it was first drawn with.

    Ticks are kept by the table itself, so that it does not jump; a choice made elsewhere begins another one.
    """
    plain = source.read_as(dataclasses.replace(source.choice, dropped=(), only=(), split="given"))
    number = zlib.crc32(f"{plain.path} {plain.stamp} {plain.layout}".encode(errors="surrogatepass"))
    state = st.session_state.get(TICKED)
    if state is None or state["number"] != number or state["now"] != kept:
        version = state["version"] + 1 if state else 0
        state = {"number": number, "version": version, "first": frozenset(kept), "now": set(kept)}
        st.session_state[TICKED] = state
    return f"training-classes-{number}-{state['version']}", state["first"]


def _take_ticks(source: Source, key: str, names: list[str]) -> None:
    state = st.session_state[TICKED]
    edits = st.session_state[key]["edited_rows"]
    state["now"] = ticked(names, state["first"], edits)
    dataset_choice.correct(source, with_classes(source.choice, names, state["now"]))


def ticked(names: list[str], first: frozenset[str], edits: dict[int, dict[str, Any]]) -> set[str]:
    """The classes that are ticked after some edits; a browser can send anything.

    >>> sorted(ticked(["a", "b", "c"], frozenset("ab"), {1: {"Use": False}, 2: {"Use": True}, 9: {"Use": True}}))
    ['a', 'c']
    """
    kept = set(first)
    for row, edit in edits.items():
        if 0 <= int(row) < len(names) and isinstance(edit.get(USE), bool):
            (kept.add if edit[USE] else kept.discard)(names[int(row)])
    return kept


def _keep_only(source: Source, names: list[str]) -> None:
    """For many classes: the few to keep, by name."""
    key = f"training-only-{zlib.crc32(source.layout.encode(errors='surrogatepass'))}"
    before = [name for name in source.choice.only if name in names]

    def take() -> None:
        only = tuple(st.session_state[key])
        dataset_choice.correct(source, dataclasses.replace(source.choice, dropped=(), only=only))

    st.multiselect("Keep only", names, before, key=key, placeholder="All classes", on_change=take)


def only_shown(columns: Sequence[str], rows: Sequence[tuple[str, tuple[int, ...]]]) -> None:
    """The classes without ticks, rows as `class_rows` gives them: bars for a few, a table to search for many."""
    if len(rows) > MANY:
        titles = [CLASS, *(PARTS.get(name, name).capitalize() for name in columns)]
        frame = pd.DataFrame([(name, *numbers) for name, numbers in rows], columns=titles)
        st.dataframe(frame, hide_index=True, height=TALL, alt="Images of each class.")
    elif len(columns) > 1:
        parts = [PARTS.get(name, name) for name in columns[:-1]]
        st.html(split_bars({name: numbers[:-1] for name, numbers in rows}, parts))
    else:
        st.html(class_bars({name: numbers[0] for name, numbers in rows}))
