"""Which pictures: a built-in set or one's own zip, and a look at them before the run."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pandas as pd
import streamlit as st

from core.datasets import BUILT_IN, Pictures, load, needed_bytes
from core.knobs import Knob
from core.training import TrainConfig, batches_per_epoch, count_parameters
from playground import controls, lesson, units
from playground.charts.training import Card, cards, thumbnail
from playground.jobs.orders import Source
from playground.jobs.store import open_pictures
from playground.jobs.visitor import office, owner

SIZE = Knob(64, choices=(32, 64, 96, 128), label="Picture side (pixels)", help="Pictures are squashed to this square.")
SAMPLES = 12
UPLOADED, UPLOADS, CHOSEN = "training upload", "training uploads", "training chosen"  # in the session's state
LOOK_AGAIN = 0.4  # seconds


def choose() -> tuple[Source, int]:
    """The controls: a set, or an upload in its place, and the side to which pictures are brought."""
    source = st.session_state.get(UPLOADED)
    if source is None:
        titles = {name: built_in.title for name, built_in in BUILT_IN.items()}
        name = controls.pick("Pictures", titles, "ts")
        source = Source(titles[name], name)
        _offer_upload()
    else:
        _show_upload(source)
    return source, controls.widget("size", SIZE, "tz")


def _offer_upload() -> None:
    count = st.session_state.get(UPLOADS, 0)
    label, key = "Or your own: a zip with a folder for each class", f"training-upload-{count}"
    file = st.file_uploader(label, type="zip", key=key)
    if file is None:
        return
    with lesson.friendly():
        st.session_state[UPLOADED] = office().keep_upload(owner(), file.name, file, file.size)
        st.session_state[UPLOADS] = count + 1  # a new uploader: the server's memory need not hold the file any more
        st.rerun()


def _show_upload(source: Source) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/folder_zip: **{source.title}**")
        st.button("Remove", on_click=_remove_upload, args=(source,), type="tertiary", icon=":material/close:")


def _remove_upload(source: Source) -> None:
    office().drop_upload(source)
    st.session_state[UPLOADED] = None


@st.cache_resource(max_entries=24, show_spinner=False)
def decoded(path: Path) -> Pictures:
    """Decoded pictures, read from disk as they are looked at. Nobody writes to them."""
    return open_pictures(path)


@st.cache_data(max_entries=16, show_spinner=False)
def first_pictures(name: str, size: int) -> list[Card]:
    """The first pictures of a built-in set: there at once, before the whole set is."""
    return samples(load(name, size, limit=SAMPLES))


def samples(pictures: Pictures) -> list[Card]:
    """Some of the set, the classes taking turns."""
    labels = pictures.labels.numpy()
    turns = [list((labels == label).nonzero()[0][:SAMPLES]) for label in range(len(pictures.classes))]
    order = [turn[i] for i in range(SAMPLES) for turn in turns if i < len(turn)][:SAMPLES]
    return [Card(shown(pictures, i), pictures.classes[labels[i]]) for i in order]


def shown(pictures: Pictures, place: int) -> str:
    """One picture of the set, for a card."""
    return thumbnail(pictures.images[place].permute(1, 2, 0).numpy())


def preview(source: Source, size: int, config: TrainConfig) -> None:
    """The stage before a run: samples, how they will be divided, and what was left out."""
    ready = office().pictures_file(source, size).exists()
    st.fragment(_preview, run_every=None if ready else LOOK_AGAIN)(source, size, config)


def _decode_unless_passing_by(source: Source, size: int) -> None:
    """Have pictures decoded that somebody has looked at for a moment; a slider on its way passes many sizes."""
    now = time.monotonic()
    seen, since = st.session_state.get(CHOSEN, (None, now))
    if seen != (source, size):
        st.session_state[CHOSEN] = ((source, size), now)
    elif now - since > LOOK_AGAIN / 2:
        office().prepare_in_background(source, size)


def _preview(source: Source, size: int, config: TrainConfig) -> None:
    path = office().pictures_file(source, size)
    if path.exists():
        pictures = decoded(path)
        look(source, size)
        _division(pictures, config)
        with lesson.friendly():
            _plan(pictures, config)
        if not source.is_named:
            _report(pictures)
        return
    _decode_unless_passing_by(source, size)
    look(source, size)
    _progress(source, size)


def look(source: Source, size: int) -> None:
    """Samples of the set; a built-in one has them before it is decoded."""
    path = office().pictures_file(source, size)
    if path.exists():
        st.html(cards(samples(decoded(path)), side=88))
    elif source.is_named:
        st.html(cards(first_pictures(source.name, size), side=88))


def _progress(source: Source, size: int) -> None:
    preparing = office().preparation(source, size)
    if preparing is not None and preparing.future.status == "error":
        with lesson.friendly():
            raise preparing.future.exception()
    done, total = (preparing.done, preparing.total) if preparing else (0, 0)
    text = f"Reading pictures: {done:,} of {total:,}" if total else "Reading pictures …"
    st.progress(done / total if total else 0.0, text)


def _division(pictures: Pictures, config: TrainConfig) -> None:
    train, val = pictures.split(config.val_share, config.split_seed)
    counts = ", ".join(f"{count:,} {name}" for name, count in pictures.class_counts.items())
    st.markdown(
        f"**{len(pictures):,} pictures** ({counts}): **{len(train):,}** to learn from, **{len(val):,}** kept aside to "
        f"check what was learnt. In memory: {units.decimal(needed_bytes(len(pictures), pictures.size))}."
    )


def _plan(pictures: Pictures, config: TrainConfig) -> None:
    """What Start will do. Raises: PlaygroundError if the network does not fit the pictures."""
    parameters = count_parameters(config.network, len(pictures.classes), pictures.size)
    train, _ = pictures.split(config.val_share, config.split_seed)
    batches = batches_per_epoch(len(train), config.batch_size)
    st.markdown(
        f"**{config.epochs} epochs** of {batches:,} batches make **{config.epochs * batches:,} steps**, each moving "
        f"**{parameters:,} weights and biases** a little. A network that has learnt nothing yet only guesses."
    )


def _report(pictures: Pictures) -> None:
    """What was left out, and why."""
    files = len(pictures) + len(pictures.refused)
    if not pictures.refused:
        st.markdown(f":material/check_circle: All {files:,} files named as pictures could be read.")
    else:
        why = Counter(refusal.reason for refusal in pictures.refused)
        reasons = ", ".join(f"{count} {reason}" for reason, count in why.items())
        st.markdown(
            f":material/cleaning_services: {len(pictures.refused)} of {files:,} files were left out: {reasons}."
        )
        with st.expander("Which files, and why"):
            rows = [(refusal.path, refusal.reason, refusal.message) for refusal in pictures.refused]
            st.dataframe(pd.DataFrame(rows, columns=["file", "reason", "what is wrong"]), hide_index=True)
    if pictures.ignored:
        names = ", ".join(pictures.ignored[:4]) + (" …" if len(pictures.ignored) > 4 else "")
        st.caption(f"Never meant as pictures, and skipped: {names}")
