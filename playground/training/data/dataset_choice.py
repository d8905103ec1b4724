"""What can be chosen: sets that everybody knows by name, and what this visitor brought."""

from __future__ import annotations

import dataclasses

import streamlit as st

from core.datasets import BUILT_IN, REMOTE, is_downloaded
from core.jobs.job_spec import Source
from core.knobs import Knob
from playground import controls
from playground.escaping import literal
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.data.own.upload_zip import offer_zip

SIZE = Knob(64, choices=(32, 64, 96, 128), label="Picture side (pixels)", help="Pictures are squashed to this square.")
PICKER = "ts"
# In the session's state: sets of one's own by key, the key to be chosen next, whether the gallery is open.
OWN, NEXT, BROWSING = "training own sets", "training next set", "training browsing"


def choose() -> tuple[Source, int]:
    """The controls: a set, and the side to which its pictures are brought."""
    own = brought()
    if NEXT in st.session_state:
        st.session_state[PICKER] = st.session_state.pop(NEXT)
    titles = {name: entry.title for name, entry in (BUILT_IN | REMOTE).items()}
    titles |= {key: source.title for key, source in own.items()}
    key = controls.pick("Pictures", titles, PICKER, on_change=_close)
    source = own.get(key) or named(key)
    if key in own:
        _let_go_of(key, source)
    else:
        offer_zip("training", bring)
    looks = ("Back to the pictures", "arrow_back") if is_browsing() else ("More sets, or your own", "apps")
    st.button(looks[0], icon=f":material/{looks[1]}:", on_click=_toggle, width="stretch", key="training-browse")
    return source, controls.widget("size", SIZE, "tz")


def named(name: str) -> Source:
    """A set that everybody knows by the same name."""
    return Source((BUILT_IN.get(name) or REMOTE[name]).title, name)


def take(key: str) -> None:
    """Choose a set by its name or key, and leave the gallery. The picker follows at the next run of the page."""
    st.session_state[NEXT] = key
    _close()


def follow() -> None:
    """Called first in a fragment whose buttons choose a set: the whole page has to follow."""
    if NEXT in st.session_state:
        st.rerun()


def bring(source: Source) -> None:
    """Choose a set of one's own, from now on among those that can be picked."""
    own = brought()
    number = 1 + max((int(known.removeprefix("own-")) for known in own), default=0)
    titles = {known.title for known in own.values()} | {entry.title for entry in (BUILT_IN | REMOTE).values()}
    if source.title in titles:  # titles are what the picker and the address bar know a set by
        source = dataclasses.replace(source, title=f"{source.title} ({number})")
        if source.is_upload:
            job_manager().save_upload_title(source)
    own[f"own-{number}"] = source
    take(f"own-{number}")


def is_browsing() -> bool:
    """Whether the visitor looks for other pictures just now."""
    return st.session_state.get(BROWSING, False)


def is_here(source: Source) -> bool:
    """Whether the pictures are on this server, decoded or not."""
    return source.name not in REMOTE or is_downloaded(source.name)


def brought() -> dict[str, Source]:
    """Sets of this visitor's own. A session begins with their uploads, also after a restart of the server."""
    if OWN not in st.session_state:
        kept = job_manager().uploads(owner())
        st.session_state[OWN] = {f"own-{number}": source for number, source in enumerate(kept, start=1)}
    sets = st.session_state[OWN]
    for key in [key for key, source in sets.items() if source.is_upload and not job_manager().has_upload(source)]:
        del sets[key]  # removed in another tab
    return sets


def _toggle() -> None:
    st.session_state[BROWSING] = not is_browsing()


def _close() -> None:
    st.session_state[BROWSING] = False


def _let_go_of(key: str, source: Source) -> None:
    icon = "folder_zip" if source.is_upload else "folder"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/{icon}: **{literal(source.title)}**")
        st.button("Remove", on_click=_remove, args=(key, source), type="tertiary", icon=":material/close:")


def _remove(key: str, source: Source) -> None:
    job_manager().drop_upload(source)
    brought().pop(key, None)
    take(next(iter(BUILT_IN)))
