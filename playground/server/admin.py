"""The admin view: how the server does, for whoever knows the secret. It is in no menu, and the secret is in no link."""

from __future__ import annotations

import time

import streamlit as st

from playground.server import access, metrics
from playground.server.status import ServerStatus, current
from playground.units import memory

SIGNED_IN = "server-admin"
WRONG_S = 1.0  # that a wrong secret costs
REFRESH_S = 5


def page() -> None:
    """The whole page."""
    st.title("Server status", anchor=False)
    if st.session_state.get(SIGNED_IN):
        _overview()
    else:
        _sign_in()


def _sign_in() -> None:
    """Ask for the secret. Only that it was right is kept."""
    with st.form("server-sign-in", clear_on_submit=True, border=False, width=420):
        given = st.text_input("Admin secret", type="password", autocomplete="off")
        sent = st.form_submit_button("Sign in")
    if sent and access.is_admin(given):
        st.session_state[SIGNED_IN] = True
        st.rerun()
    elif sent:
        time.sleep(WRONG_S)
        st.error("That is not the admin secret of this server.")


@st.fragment(run_every=REFRESH_S)
def _overview() -> None:
    status = current()
    _figures(status)
    st.header("Runs", anchor=False)
    _runs(status)
    st.header("Reruns since the server started", anchor=False)
    rows = rerun_rows()
    if rows:
        st.dataframe(rows, hide_index=True, alt="Reruns of each page and how long they took.")
    else:
        st.caption("None yet.")
    if st.button("Sign out"):
        del st.session_state[SIGNED_IN]
        st.rerun()


def _figures(status: ServerStatus) -> None:
    with st.container(horizontal=True):
        st.metric("Sessions", status.sessions, border=True)
        st.metric("Server memory", memory(status.server_bytes), border=True)
        st.metric("Worker memory", memory(status.worker_bytes), border=True)
        used = f"{memory(status.used_bytes)} of {memory(status.limit_bytes)}"
        st.metric("Machine memory in use", used, border=True)
        st.metric("Running for", duration(time.time() - status.started_at), border=True)


def _runs(status: ServerStatus) -> None:
    if status.runs is None or status.queue is None:
        st.error("The cache folder cannot be read: see `CNN_PLAYGROUND_CACHE` and its permissions.")
        return
    with st.container(horizontal=True):
        for state, count in status.runs.items():
            st.metric(state.capitalize(), count, border=True)
    queues = ", ".join(f"{count} on {device}" for device, count in sorted(status.queue.items()))
    st.caption(
        f"Unfinished runs in the queue, those being computed included: {queues}." if queues else "The queue is empty."
    )


def rerun_rows() -> list[dict[str, object]]:
    """One row a page and kind: how many reruns, and the bounds in ms under which half and 95 % of them lie."""
    return [
        {
            "Page": page,
            "Rerun of": kind,
            "Count": histogram.count,
            "Mean (ms)": round(1000 * histogram.total_s / histogram.count, 1),
            "Half below (ms)": _milliseconds(histogram.quantile(0.5)),
            "95 % below (ms)": _milliseconds(histogram.quantile(0.95)),
        }
        for (page, kind), histogram in metrics.RERUNS.snapshot().items()
    ]


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(1000 * seconds)


def duration(seconds: float) -> str:
    """In the two largest units.

    >>> duration(59), duration(3700), duration(200_000)
    ('0 min', '1 h 1 min', '2 d 7 h')
    """
    minutes = int(seconds // 60)
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
