"""A run that its owner shows to others: the owner's side, and what a link opens.

Who has the link sees the curves and the results, examples and files as the owner allows, and can change nothing. The
link names neither the owner nor the run.
"""

from __future__ import annotations

import streamlit as st

from core.jobs.run_state import WAITING, RunView
from core.jobs.storage.shared_runs import SharedRun, SharedRuns
from core.training import NETWORKS
from playground import lesson, refusal
from playground.components.page_address import copy_link
from playground.escaping import literal
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training import evaluation, live
from playground.training.evaluation.run_artifacts import artifacts_of

KEY = "shared"  # in the address: the token
IMAGES, FILES = "share-images", "share-files"
NOTHING = (
    "This link opens no run. Its owner has stopped sharing it, the run was removed, or the link is not complete: ask "
    "for a new one."
)
READ_ONLY = "Somebody shares this run with you. You can look at it, and change nothing."


def is_requested() -> bool:
    """Whether a link to a shared run was opened."""
    return KEY in st.query_params


@lesson.fragment
def offer(view: RunView) -> None:
    """For the owner: make a link to the run, say what it shows, take it back."""
    shared = _runs().of(owner(), view.run_id)
    with st.popover("Share this run", icon=":material/share:"):
        st.caption("A link with which others watch this run and see its results, and can change nothing.")
        change = {"on_change": _share if shared else None, "args": (view,)}
        if not view.source.is_named:
            allowed = shared is not None and shared.shows_images
            st.toggle("Show my images to them", allowed, key=f"{IMAGES}-{view.run_id}", **change)
        offered = shared is not None and shared.offers_files
        st.toggle("Let them download weights and script", offered, key=f"{FILES}-{view.run_id}", **change)
        if shared is None:
            st.button("Make a link", key="share-make", type="primary", on_click=_share, args=(view,))
            return
        copy_link("share-link", "Copy the link to this run", f"{KEY}={shared.token}")
        arguments = {"on_click": _revoke, "args": (view,)}
        st.button("Stop sharing", key="share-stop", icon=":material/link_off:", **arguments)


@refusal.toasted()
def _share(view: RunView) -> None:
    """Share the run as the toggles say; images of a public dataset are everybody's."""
    images, files = (bool(st.session_state.get(f"{name}-{view.run_id}")) for name in (IMAGES, FILES))
    _runs().share(owner(), view.run_id, shows_images=images or view.source.is_named, offers_files=files)


@refusal.toasted()
def _revoke(view: RunView) -> None:
    _runs().revoke(owner(), view.run_id)


def _runs() -> SharedRuns:
    jobs = job_manager()
    return SharedRuns(jobs.store)


def show() -> None:
    """The run of the link, as its owner lets it be seen."""
    token = st.query_params[KEY]
    shared, view = _opened(token)
    if shared is None or view is None:
        lesson.refuse(NOTHING)
        return
    st.info(READ_ONLY, icon=":material/visibility:")
    network = "own network" if view.config.network not in NETWORKS else view.config.network
    lesson.subheader(literal(f"{network} on {view.source.title}"))
    with st.container(key="live"):
        lesson.fragment(_draw, run_every=None if view.is_over else live.REFRESH_S)(token, view.is_over)
    if view.is_over:
        _results(token)


def _opened(token: str) -> tuple[SharedRun | None, RunView | None]:
    shared = _runs().find(token)
    return shared, job_manager().look(shared.owner, shared.run_id) if shared else None


@lesson.fragment
def _results(token: str) -> None:
    """What is left of a run that is over. The link is looked up again at every change: it may have been taken back."""
    shared, view = _opened(token)
    if shared is None or view is None:
        lesson.refuse(NOTHING)
        return
    run = artifacts_of(view, shared.owner, shared.shows_images)
    if run is not None:
        lesson.subheader("Results")
        evaluation.shared_tabs(run, shared.offers_files)


def _draw(token: str, was_over: bool) -> None:
    shared, view = _opened(token)
    if shared is None or view is None or (view.is_over and not was_over):
        st.rerun()  # the whole page: it is over, or no longer shown
    if view.state == WAITING:
        st.progress(0.0, "Waiting in the queue …")
        return
    live.draw(view, steers=False, shows_images=shared.shows_images)
