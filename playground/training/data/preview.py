"""The stage before a run: what the pictures are, how they will be divided, and what was left out."""

from __future__ import annotations

import time

import streamlit as st
from torch import Tensor

from core.datasets import BUILT_IN, REMOTE, Pictures, needed_bytes, survey
from core.datasets.memory import fits_memory
from core.jobs.job_spec import Source
from core.jobs.storage.decoded_images import mark_used
from core.training import TrainConfig, batches_per_epoch, count_parameters
from core.training.recipe.networks import style_of
from playground import lesson, units
from playground.job_manager import job_manager
from playground.training.data import dataset_choice, downloads, tabs
from playground.training.data.tabs.splits import parts_of
from playground.training.pictures import decoded, look

CHOSEN = "training chosen"  # in the session's state
LOOK_AGAIN = 0.4  # seconds


def preview(source: Source, size: int, config: TrainConfig) -> None:
    """The stage before a run, whether the pictures are decoded, are being decoded, or have yet to be downloaded."""
    if not dataset_choice.is_here(source):
        _absent(source.name)
        return
    is_ready = job_manager().decoded_file(source, size).exists()
    st.fragment(_preview, run_every=None if is_ready else LOOK_AGAIN)(source, size, config, is_ready)


def _absent(name: str) -> None:
    entry = REMOTE[name]
    st.markdown(f"**{entry.title}**: {entry.blurb} It is not on this server yet; it is downloaded once for everybody.")
    st.caption(f"Licence: {entry.licence}. [Source]({entry.source})")
    downloads.offer(name)


def _preview(source: Source, size: int, config: TrainConfig, was_ready: bool) -> None:
    path = job_manager().decoded_file(source, size)
    if not path.exists():
        _decode_unless_passing_by(source, size)
        look(source, size)
        with lesson.friendly():
            _beforehand(source, size)
            _progress(source, size)
        return
    if not was_ready:
        st.rerun()  # the whole page: nothing needs to be looked at again and again any more
    mark_used(path)
    pictures = decoded(path)
    parts = parts_of(path, config)
    _headline(pictures, parts)
    with lesson.friendly():
        _plan(pictures, parts, config)
    _left_out(pictures)
    tabs.show(path, config)


def _decode_unless_passing_by(source: Source, size: int) -> None:
    """Have pictures decoded that somebody has looked at for a moment; a slider on its way passes many sizes."""
    now = time.monotonic()
    seen, since = st.session_state.get(CHOSEN, (None, now))
    if seen != (source, size):
        st.session_state[CHOSEN] = ((source, size), now)
    elif now - since > LOOK_AGAIN and job_manager().decoding(source, size) is None:
        job_manager().decode_in_background(source, size)


@st.cache_data(max_entries=64, show_spinner=False)
def files_of(source: Source) -> int:
    """How many files of a set are to be decoded."""
    return BUILT_IN[source.name].count if source.name in BUILT_IN else sum(survey(source.where).values())


def _beforehand(source: Source, size: int) -> None:
    """What the pictures will take. Raises: PlaygroundError if they are none."""
    count = files_of(source)
    needed = units.decimal(needed_bytes(count, size))
    where = "in memory" if fits_memory(count, size) else "on disk, for this machine's memory is too small"
    st.caption(f"{count:,} files, as colour pictures of {size}x{size} at most {needed} {where}.")


def _progress(source: Source, size: int) -> None:
    preparing = job_manager().decoding(source, size)
    if preparing is not None and preparing.error is not None:
        raise preparing.error
    done, total = (preparing.done, preparing.total) if preparing else (0, 0)
    text = f"Reading pictures: {done:,} of {total:,}" if total else "Reading pictures …"
    st.progress(done / total if total else 0.0, text)


def _headline(pictures: Pictures, parts: tuple[Tensor, ...]) -> None:
    train, *aside = map(len, parts)
    purposes = " and ".join(f"**{count:,}** {what}" for count, what in zip(aside, ASIDE, strict=False))
    taken = units.decimal(pictures.memory_bytes)
    place = (
        "In memory" if fits_memory(len(pictures), pictures.size) else "More than fits into memory, so read from disk"
    )
    st.markdown(
        f"**{len(pictures):,} pictures** of {len(pictures.classes)} classes: **{train:,}** to learn from, "
        f"{purposes}. {place}: {taken}."
    )


ASIDE = ("kept aside to check what was learnt", "that nobody looks at before the end")


def _plan(pictures: Pictures, parts: tuple[Tensor, ...], config: TrainConfig) -> None:
    """What Start will do. Raises: PlaygroundError if the network does not fit the pictures."""
    parameters = count_parameters(config.network, len(pictures.classes), pictures.size, style_of(config))
    batches = batches_per_epoch(len(parts[0]), config.batch_size)
    called = "batch" if batches == 1 else "batches"
    st.markdown(
        f"**{config.epochs} epochs** of {batches:,} {called} make **{config.epochs * batches:,} steps**, each moving "
        f"**{parameters:,} weights and biases** a little. A network that has learnt nothing yet only guesses."
    )


def _left_out(pictures: Pictures) -> None:
    """One line on what was left out; the tab on cleaning tells the rest."""
    if pictures.originals is None:  # drawn, or shipped: never files
        return
    files = len(pictures) + len(pictures.refused)
    if not pictures.refused:
        st.markdown(f":material/check_circle: All {files:,} files named as pictures could be read.")
        return
    reasons = [refusal.reason for refusal in pictures.refused]
    why = ", ".join(f"{reasons.count(reason)} {reason}" for reason in dict.fromkeys(reasons))
    st.markdown(f":material/cleaning_services: {len(reasons)} of {files:,} files were left out: {why}.")
