"""The datasets to choose from: those with a name, and this visitor's own."""

from __future__ import annotations

import dataclasses

import streamlit as st

from core.datasets import BUILT_IN, REMOTE, LayoutChoice, is_downloaded
from core.jobs.job_spec import Source
from core.knobs import Knob
from playground import controls, refusal
from playground.escaping import literal
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training import preselection
from playground.training.data.own.upload import offer_upload

RESIZED = "Images are resized to this square (aspect ratio not kept)."
SIZE = Knob(64, choices=(32, 64, 80, 96, 128, 192), label="Image size (pixels)", help=RESIZED)
PICKER = "ts"
# In the session's state: own datasets by key, the key to be chosen next, whether the gallery is open.
OWN, NEXT, BROWSING = "training own sets", "training next set", "training browsing"


def choose() -> tuple[Source, int]:
    """The controls: a dataset, and the size of its images."""
    own = own_datasets()
    if NEXT in st.session_state:
        st.session_state[PICKER] = st.session_state.pop(NEXT)
    titles = {name: entry.title for name, entry in (BUILT_IN | REMOTE).items()}
    titles |= {key: source.title for key, source in own.items()}
    key = controls.pick("Dataset", titles, PICKER, on_change=_close)
    source = own.get(key) or named(key)
    if key in own:
        _remove_button(key, source)
    else:
        offer_upload("training", add)
    label, icon = ("Back to the dataset", "arrow_back") if is_browsing() else ("More datasets / my photos", "apps")
    st.button(label, icon=f":material/{icon}:", on_click=_toggle, width="stretch", key="training-browse")
    preselection.apply(source)
    return source, controls.widget("size", SIZE, preselection.SIZE, on_change=preselection.size_chosen)


def named(name: str) -> Source:
    """The built-in or downloadable dataset of that name."""
    return Source((BUILT_IN.get(name) or REMOTE[name]).title, name)


def choose_next(key: str) -> None:
    """Choose a dataset by its name or key, and leave the gallery. The picker follows at the next run of the page."""
    st.session_state[NEXT] = key
    _close()


def use_button(name: str) -> None:
    """A button that chooses a dataset by its name."""
    key = f"use-{name}"
    st.button("Use this dataset", key=key, on_click=choose_next, args=(name,), type="primary", width="stretch")


def follow() -> None:
    """Called first in a fragment whose buttons choose a dataset: the whole page has to follow."""
    if NEXT in st.session_state:
        st.rerun()


def add(source: Source) -> None:
    """Add a dataset to the visitor's own, and choose it."""
    own = own_datasets()
    number = 1 + max((int(key.removeprefix("own-")) for key in own), default=0)
    titles = {other.title for other in own.values()} | {entry.title for entry in (BUILT_IN | REMOTE).values()}
    if source.title in titles:  # the picker and the address bar identify a dataset by its title
        source = dataclasses.replace(source, title=f"{source.title} ({number})")
        if source.is_upload:
            job_manager().uploads.save_title(source)
    own[f"own-{number}"] = source
    choose_next(f"own-{number}")


@refusal.toasted()
def correct(source: Source, choice: LayoutChoice) -> None:
    """Read one of the visitor's own datasets in another way: for a control's callback."""
    datasets = own_datasets()
    for key in [key for key, own in datasets.items() if own == source]:
        datasets[key] = source.read_as(choice)
        if source.is_upload:
            job_manager().uploads.save_title(datasets[key])


def is_browsing() -> bool:
    """Whether the gallery is open."""
    return st.session_state.get(BROWSING, False)


def is_here(source: Source) -> bool:
    """Whether the images are on this server, decoded or not."""
    return source.name not in REMOTE or is_downloaded(source.name)


def own_datasets() -> dict[str, Source]:
    """This visitor's own datasets. A session starts with their uploads, also after a restart of the server."""
    if OWN not in st.session_state:
        uploads = job_manager().uploads.of(owner())
        st.session_state[OWN] = {f"own-{number}": source for number, source in enumerate(uploads, start=1)}
    datasets: dict[str, Source] = st.session_state[OWN]
    exists = job_manager().uploads.exists
    for key in [key for key, source in datasets.items() if source.is_upload and not exists(source)]:
        del datasets[key]  # removed in another tab
    return datasets


def _toggle() -> None:
    st.session_state[BROWSING] = not is_browsing()


def _close() -> None:
    st.session_state[BROWSING] = False


def _remove_button(key: str, source: Source) -> None:
    icon = "folder_zip" if source.is_upload else "folder"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/{icon}: **{literal(source.title)}**")
        st.button("Remove", on_click=_remove, args=(key, source), type="tertiary", icon=":material/close:")


@refusal.toasted()
def _remove(key: str, source: Source) -> None:
    job_manager().drop_upload(source)
    own_datasets().pop(key, None)
    choose_next(next(iter(BUILT_IN)))
