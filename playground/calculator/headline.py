"""What a practitioner must see at once: what it costs, what it weighs, and where a pasted network stops."""

from __future__ import annotations

import streamlit as st

from playground import units
from playground.calculator import ask, facts
from playground.calculator.facts import Asked, Facts

FULL = 9_999_999  # longer numbers do not fit a card; their digits stand under it


def show(asked: Asked, found: Facts) -> None:
    """The totals as cards; above them, in red, the layer at which PyTorch stops."""
    if found.failed is not None:
        _stopped(asked, found)
    params = sum(row.params for row in found.rows)
    macs = sum(row.macs for row in found.rows)
    outputs = sum(row.output_bytes for row in found.rows)
    kept = sum(row.saved_bytes for row in found.rows)
    many = f"batch of {asked.batch_size:,}" if asked.batch_size > 1 else "one picture"
    with st.container(horizontal=True):
        card("Parameters", count(params), units.exact(params), "learnt numbers")
        card("MACs a picture", count(macs), f"{units.exact(macs)} MACs", f"{units.exact(2 * macs)} FLOPs")
        card(f"Outputs, {many}", units.decimal(outputs), f"{units.exact(outputs)} B", units.binary(outputs))
        card("Kept for backward", units.decimal(kept), f"{units.exact(kept)} B", units.binary(kept))


def card(label: str, value: str, *details: str) -> None:
    """One figure: the rounded one to read, the exact ones under it."""
    with st.container(border=True, width="stretch", gap="xsmall"):
        st.metric(label, value)
        st.caption("  \n".join(details))


def count(value: int) -> str:
    """All digits while they fit, else four of them.

    >>> count(15_200), count(225_000_000)
    ('15,200', '225 M')
    """
    return units.exact(value) if value <= FULL else units.short(value)


def _stopped(asked: Asked, found: Facts) -> None:
    """Why, and the one number to change: one click, where it can be found in the text."""
    failed = found.failed
    st.error(f"**PyTorch stops here:** {found.message}", icon=":material/block:")
    mended = facts.mended(asked.subject, failed)
    with st.container(horizontal=True, vertical_alignment="center"):
        if mended:
            label = f"Set {failed.argument} to {failed.value}"
            st.button(label, on_click=ask.replace_text, args=(mended,), type="primary", icon=":material/build:")
        count = len(found.rows)
        st.caption(
            f"The {count} rows before it hold, and the figures are theirs." if count else "Nothing came before it."
        )
