"""What a practitioner must see at once: what it costs, what it weighs, and where a pasted network stops."""

from __future__ import annotations

import streamlit as st

from playground import units
from playground.calculator.ask import Asked
from playground.calculator.facts import Facts

FULL = 9_999_999  # longer numbers do not fit a card; their digits stand under it


def show(asked: Asked, found: Facts) -> None:
    """The totals as cards; above them, in red, the layer at which PyTorch stops."""
    if found.failed is not None:
        _stopped(found)
    params = sum(row.params for row in found.rows)
    macs = sum(row.macs for row in found.rows)
    outputs = sum(row.output_bytes for row in found.rows)
    kept = sum(row.saved_bytes for row in found.rows)
    many = f"a batch of {asked.batch_size:,}" if asked.batch_size > 1 else "one picture"
    with st.container(horizontal=True):
        card("Parameters", count(params), _digits(params, "learnt numbers"))
        card("MACs a picture", count(macs), f"{units.exact(macs)} multiply-adds = {units.exact(2 * macs)} FLOPs")
        card(f"Outputs of {many}", units.decimal(outputs), f"{units.exact(outputs)} B = {units.binary(outputs)}")
        card("Kept for backward", units.decimal(kept), f"{units.exact(kept)} B = {units.binary(kept)}")


def card(label: str, value: str, detail: str) -> None:
    """One figure: the rounded one to read, the exact one under it."""
    with st.container(border=True, width="stretch"):
        st.metric(label, value)
        st.caption(detail)


def count(value: int) -> str:
    """All digits while they fit, else four of them.

    >>> count(15_200), count(225_000_000)
    ('15,200', '225 M')
    """
    return units.exact(value) if value <= FULL else units.short(value)


def _digits(value: int, words: str) -> str:
    return f"{units.exact(value)} {words}" if value > FULL else words


def _stopped(found: Facts) -> None:
    failed = found.failed
    st.error(f"**PyTorch stops at {failed.label}.** {found.message}", icon=":material/block:")
    if failed.argument and failed.value is not None:
        st.markdown(
            f"Change **{failed.argument}** to **{failed.value:,}**. The {len(found.rows)} rows before it stand."
        )
