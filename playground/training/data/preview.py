"""The stage before a run: the dataset, how its images are decoded, and what Start will do."""

from __future__ import annotations

import time
from pathlib import Path

import streamlit as st
from torch import Tensor

from core.datasets import BUILT_IN, REMOTE, ImageDataset, needed_bytes
from core.datasets.memory import fits_memory
from core.errors import PlaygroundError
from core.jobs.job_spec import Source
from core.jobs.storage.decoded_images import mark_used
from core.training import TrainConfig, batches_per_epoch, count_parameters, count_trained
from core.training.recipe.architecture_options import ArchitectureOptions
from core.training.recipe.networks import network_of, options_of, silent_features
from playground import computation_gate, lesson, units
from playground.job_manager import job_manager
from playground.training import text
from playground.training.data import dataset_choice, downloads, layout, tabs
from playground.training.data.tabs.splits import parts_of
from playground.training.data.understanding import refusal_of, understanding_of
from playground.training.pictures import decoded, show_samples

CHOSEN = "training chosen"  # in the session's state
REFRESH_S = 0.4
KILLED = (
    "The process that decodes these images was killed several times, probably because memory ran out: use fewer or "
    "smaller images."
)
LOOKED_AT = 16  # training images whose features are looked at


def preview(source: Source, size: int, config: TrainConfig) -> None:
    """The stage before a run, whether the images are decoded, are being decoded, or have yet to be downloaded."""
    if not dataset_choice.is_here(source):
        _not_downloaded(source.name)
        return
    path = job_manager().decoded_file(source, size)
    is_ready = path.exists()
    with lesson.friendly():
        data, parts = (decoded(path), parts_of(path, config)) if is_ready else (None, ())
        layout.show(source, data, parts)
        if refusal_of(source):
            return
    lesson.fragment(_preview, run_every=None if is_ready else REFRESH_S)(source, size, config, is_ready)


def _not_downloaded(name: str) -> None:
    entry = REMOTE[name]
    st.markdown(f"**{entry.title}**: {entry.blurb} Not on this server yet; it is downloaded once for everybody.")
    st.caption(f"Licence: {entry.licence}. [Source]({entry.source})")
    downloads.offer(name)


def _preview(source: Source, size: int, config: TrainConfig, was_ready: bool) -> None:
    path = job_manager().decoded_file(source, size)
    if not path.exists():
        _decode_if_it_stays(source, size)
        show_samples(source, size)
        with lesson.friendly():
            _needed_memory(source, size)
            _progress(source, size)
        return
    if not was_ready:
        st.rerun()  # the whole page: nothing needs to be refreshed any more
    mark_used(path)
    data = decoded(path)
    with lesson.friendly():
        _plan(path, data, parts_of(path, config), config)
    tabs.show(path, config)


def _decode_if_it_stays(source: Source, size: int) -> None:
    """Have images decoded that stay chosen for a moment; a slider on its way passes many sizes."""
    now = time.monotonic()
    chosen, since = st.session_state.get(CHOSEN, (None, now))
    if chosen != (source, size):
        st.session_state[CHOSEN] = ((source, size), now)
    elif now - since > REFRESH_S and job_manager().decoding(source, size) is None:
        job_manager().decode_in_background(source, size)


def files_of(source: Source) -> int:
    """How many files of a set are to be decoded."""
    is_drawn = source.name in BUILT_IN
    return BUILT_IN[source.name].count if is_drawn else sum(understanding_of(source).class_counts.values())


def _needed_memory(source: Source, size: int) -> None:
    """The memory that the images will take. Raises: PlaygroundError if there are none."""
    count = files_of(source)
    needed = units.decimal(needed_bytes(count, size))
    where = "in memory" if fits_memory(count, size) else "on disk (this machine's memory is too small)"
    st.caption(f"{count:,} files; as {size}×{size} colour images they take at most {needed} {where}.")


def _progress(source: Source, size: int) -> None:
    preparing = job_manager().decoding(source, size)
    if preparing is not None and (why := preparing.failure(KILLED)):
        st.button("Try again", key="decode-again", on_click=job_manager().decode_in_background, args=(source, size))
        raise PlaygroundError(why)
    done, total = (preparing.progress["done"], preparing.progress["total"]) if preparing else (0, 0)
    text = f"Decoding images: {done:,} of {total:,}" if total else "Decoding images …"
    st.progress(done / total if total else 0.0, text)


def _plan(path: Path, data: ImageDataset, parts: tuple[Tensor, ...], config: TrainConfig) -> None:
    """What Start will do. Raises: PlaygroundError if the network does not fit the images."""
    counts = _parameters(config.network, len(data.classes), data.size, options_of(config))
    plan = text.Plan(config.epochs, batches_per_epoch(len(parts[0]), config.batch_size), *counts)
    st.markdown(text.plan_sentence(plan, config, network_of(config.network)))
    where = "in memory" if fits_memory(len(data), data.size) else "read from disk (too large for memory)"
    st.caption(f"The images take {units.decimal(data.memory_bytes)} at {data.size}×{data.size} pixels, {where}.")
    if network_of(config.network).features is not None:
        index = parts[0][:LOOKED_AT].tolist()
        if silence := text.silence(*_silent(path, config.network, tuple(index)), len(index), data.size):
            st.warning(silence, icon=":material/visibility_off:")


@st.cache_data(max_entries=256, show_spinner=False)
def _parameters(network: str, classes: int, size: int, options: ArchitectureOptions) -> tuple[int, int]:
    """How many a network has, and how many of them are trained. Raises: as `count_parameters`."""
    what = network, classes, size, options
    return count_parameters(*what), count_trained(*what)


@st.cache_data(max_entries=64, show_spinner=False)
def _silent(path: Path, network: str, index: tuple[int, ...]) -> tuple[int, int]:
    """How many features of a pre-trained network are 0 for all of these images, and of how many."""
    return computation_gate.compute(silent_features, network, decoded(path).images[list(index)])
