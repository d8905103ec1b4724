"""The card of a dataset before a run: what its files are taken to mean, how they are split, and what corrects it."""

from __future__ import annotations

import dataclasses
import zlib

import pandas as pd
import streamlit as st
from torch import Tensor

from core.datasets import BUILT_IN, ImageDataset, LayoutChoice, Understanding
from core.datasets.layout.choice import AS_GIVEN, AUTO, REDRAW
from core.datasets.layout_report import reading_summary
from core.jobs.job_spec import Source
from playground import lesson
from playground.charts.datasets import figures, part_bar
from playground.escaping import literal, sentence
from playground.training.data import dataset_choice, words
from playground.training.data.layout import class_table
from playground.training.data.understanding import understanding_of
from playground.units import counted

UNDECIDED = "not decoded yet"
SPLITS = {AS_GIVEN: "As given", REDRAW: "Redrawn"}


def show(source: Source, data: ImageDataset | None, parts: tuple[Tensor, ...]) -> None:
    """What is known of a dataset: before its images are decoded (no `data`) by its files, then by its images.

    `parts` are the indices of the training, validation and test images of the next run. Raises: DataError if the
    files are gone.
    """
    understanding = None if source.name in BUILT_IN else understanding_of(source)
    with st.container(border=True, key="training-card"):
        _headline(source, understanding, data)
        if understanding is not None and understanding.refusal:
            lesson.refuse(understanding.refusal)
        else:
            _split(source, understanding, parts)
        if understanding is None:
            _classes(source, understanding, data)
            return
        classes, others = (
            st.columns((1.5, 1), gap="medium") if _has_more(understanding, data) else (st.container(), None)
        )
        with classes:
            _classes(source, understanding, data)
        if others is not None:
            with others:
                _readings(source, understanding)
                _notes(understanding, data)
                _left_out(understanding, data)


def _has_more(understanding: Understanding, data: ImageDataset | None) -> bool:
    """Whether there is anything to say beside the classes."""
    said = _notes_of(understanding, data) or understanding.unlabelled or _has_choice(understanding)
    return bool(said or words.left_out_rows(understanding, _unreadable(understanding, data)))


def _headline(source: Source, understanding: Understanding | None, data: ImageDataset | None) -> None:
    st.markdown(f"**{literal(source.title)}**")
    if understanding is None:
        entry = BUILT_IN[source.name]
        counts = words.headline(len(entry.classes), entry.count, 0, 0)
    else:
        classes = len(understanding.class_counts if data is None else data.classes)
        images = sum(understanding.class_counts.values()) if data is None else len(data)
        left_out = words.left_out(understanding, _unreadable(understanding, data))
        counts = words.headline(classes, images, len(left_out), len(understanding.unlabelled))
    st.html(figures(counts))


def _unreadable(understanding: Understanding, data: ImageDataset | None) -> dict[str, str]:
    """Path -> reason of the files that could not be decoded."""
    refused = data.refused if data is not None else ()
    return {file.path: file.reason for file in refused if file.path not in understanding.empty}


def _split(source: Source, understanding: Understanding | None, parts: tuple[Tensor, ...]) -> None:
    """The sizes of the parts as one bar, where they come from, and a click to draw them anew."""
    sizes = dict(zip(words.PARTS.values(), map(len, parts), strict=False))
    st.html(part_bar(sizes or {UNDECIDED: 0}))  # a bar at once, so that nothing moves when the images are decoded
    given = {} if understanding is None else understanding_of(_with(source, split=AS_GIVEN)).split_counts
    used = given if source.choice.split == AS_GIVEN else {}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words.split_sentence(used, source.choice, len(parts) > 2))
        if given:
            key = _key("training-split", source)
            options = {"format_func": SPLITS.__getitem__, "required": True, "label_visibility": "collapsed"}
            more = {"default": source.choice.split, "on_change": _take_split, "args": (source, key)}
            st.segmented_control("Split", list(SPLITS), key=key, **options, **more)


def _take_split(source: Source, key: str) -> None:
    dataset_choice.correct(source, dataclasses.replace(source.choice, split=st.session_state[key]))


def _readings(source: Source, understanding: Understanding) -> None:
    """Other ways in which the folders can be read, each with its classes."""
    if not _has_choice(understanding):
        return
    by_itself = understanding_of(source.read_as(LayoutChoice(split=source.choice.split)))
    readings = {one.key: one for one in (*by_itself.readings, *understanding.readings)}  # an order that stays
    keys, key = list(readings), _key("training-reading", source)
    st.radio(
        "Read as",
        keys,
        index=keys.index(understanding.reading) if understanding.reading in readings else None,
        format_func=lambda one: literal(readings[one].title),
        captions=[literal(reading_summary("", readings[one].class_counts).removeprefix(": ")) for one in keys],
        key=key,
        on_change=_take_reading,
        args=(source, key),
    )


def _has_choice(understanding: Understanding) -> bool:
    return any(reading.key != understanding.reading for reading in understanding.readings)


def _take_reading(source: Source, key: str) -> None:
    """The chosen reading; the one that is taken by itself is not named, so that its images need not be decoded anew."""
    split, reading = source.choice.split, st.session_state[key]
    by_itself = understanding_of(source.read_as(LayoutChoice(split=split))).reading
    dataset_choice.correct(source, LayoutChoice(AUTO if reading == by_itself else reading, split=split))


def _notes_of(understanding: Understanding, data: ImageDataset | None) -> list[str]:
    """Sentences on the files, and on the images once they are decoded, each once; not the reading that is ticked."""
    notes = dict.fromkeys((*understanding.notes, *(data.notes if data is not None else ())))
    titles = {f"{one.title}." for one in understanding.readings if _has_choice(understanding)}
    return [note for note in notes if note not in titles]


def _notes(understanding: Understanding, data: ImageDataset | None) -> None:
    for note in _notes_of(understanding, data):
        st.caption(f":material/info: {sentence(note)}")
    if said := words.unlabelled_sentence(understanding.unlabelled):
        st.caption(said)


def _left_out(understanding: Understanding, data: ImageDataset | None) -> None:
    rows = words.left_out_rows(understanding, _unreadable(understanding, data))
    if not rows:
        return
    files = sum(count for _, count, _ in rows)
    with st.expander(f"Left out: {counted(files, 'file')}", icon=":material/filter_alt_off:"):
        frame = pd.DataFrame(rows, columns=["Reason", "Files", "Such as"])
        st.dataframe(frame, hide_index=True, height="content", alt="Files that are left out, and why.")


def _classes(source: Source, understanding: Understanding | None, data: ImageDataset | None) -> None:
    if understanding is not None and not source.is_named:
        class_table.show(source)
    elif data is not None:
        class_table.only_shown(("images",), [(name, (count,)) for name, count in data.class_counts.items()])


def _with(source: Source, split: str) -> Source:
    return source.read_as(dataclasses.replace(source.choice, split=split))


def _key(name: str, source: Source) -> str:
    """A key of its own for each state of a dataset, so that a control always shows what is so."""
    state = f"{source.path} {source.stamp} {source.layout}"
    return f"{name}-{zlib.crc32(state.encode(errors='surrogatepass'))}"
