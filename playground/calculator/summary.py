"""What a practitioner must see at once: whether it fits, its peak, the largest batch; and where a network stops."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.model_spec import Subject, is_guess, write_shape
from core.profiler.fitting import Device, budget_bytes, verdict
from playground import lesson, units
from playground.calculator import inputs, results, settings
from playground.calculator.results import Asked, Facts
from playground.escaping import literal, sentence

FULL = 9_999_999  # longer numbers do not fit a card; their digits stand under it
LOOKS = {
    "fits": (st.success, "check_circle"),
    "fits barely": (st.warning, "warning"),
    "does not fit": (st.error, "block"),
}


def show(asked: Asked, found: Facts, device: Device) -> DeltaGenerator | None:
    """The verdict, and the totals as cards; or, in red, the layer at which PyTorch stops.

    The place for the largest batch is returned where it is still to be found: that takes several profiles.
    """
    _judge(asked, found, device)
    params, macs = (sum(getattr(row, name) for row in found.rows) for name in ("params", "macs"))
    with st.container(horizontal=True):
        weight = units.decimal(found.profile.parameter_bytes) if found.profile else f"of {len(found.rows)} rows"
        card("Parameters", count(params), f"{units.exact(params)} numbers", weight)
        card("MACs a picture", count(macs), f"{units.exact(macs)} MACs", f"{units.exact(2 * macs)} FLOPs")
        if found.profile is None:
            return None
        peak = found.profile.training_peak_bytes
        card("Training peak", units.decimal(peak), f"{units.exact(peak)} B", units.binary(peak))
        place = st.container(border=True, width="stretch", gap="xsmall")
    if not results.is_known(asked, budget_bytes(device)):
        return place.empty()
    _largest_batch(place, asked, device)
    return None


def largest_batch(place: DeltaGenerator, asked: Asked, device: Device) -> None:
    """The card that says how many pictures at a time still fit."""
    place.metric("Largest batch", "…")
    _largest_batch(place, asked, device)


def _largest_batch(place: DeltaGenerator, asked: Asked, device: Device) -> None:
    best = results.largest_for(asked, budget_bytes(device))
    with place.container(gap="xsmall"):
        st.metric("Largest batch", units.exact(best.batch_size) if best.batch_size else "none")
        peak = f"peak {units.decimal(best.peak_bytes)}  \nand it still fits"
        st.caption(peak if best.batch_size else "not even one  \npicture fits")


def changes(subject: Subject) -> None:
    """What one click has changed of the network, and the way back."""
    if not subject.edits:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        told = "; ".join(edit.sentence for edit in subject.edits)
        st.markdown(f":material/edit: Changed: {literal(told)}.")
        st.button("Undo", on_click=inputs.change, args=((),), type="tertiary", icon=":material/undo:", key="ca_undo")


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


@st.fragment(key=settings.VERDICT)
def _judge(asked: Asked, found: Facts, device: Device) -> None:
    """What is wrong with the setting or the network, if anything, and whether it fits."""
    with st.container():
        if objection := settings.objection(asked.setting):
            lesson.refuse(objection)
        if found.profile is None:
            _stopped(asked, found)
        else:
            _verdict(asked, found, device)


def _verdict(asked: Asked, found: Facts, device: Device) -> None:
    """Exact bytes, and apart from them the band of what nobody can know."""
    told = verdict(found.profile.training_peak_bytes, device)
    box, icon = LOOKS[told.word]
    batch = f"a batch of {asked.batch_size:,}" if asked.batch_size > 1 else "one picture at a time"
    box(
        f"**Training with {batch} {told.word} on {literal(device.title)}.** Its tensors take "
        f"{units.binary(told.peak_bytes)}; with what a process takes besides, {units.binary(told.least_bytes)} to "
        f"{units.binary(told.most_bytes)} of {units.binary(device.memory_bytes)}.",
        icon=f":material/{icon}:",
    )


def _stopped(asked: Asked, found: Facts) -> None:
    """Why, and the one number to change: one click, where it can be found in the text."""
    failed = found.failed
    who = "Reading" if asked.unread and asked.unread.sentence == found.message else "PyTorch"
    st.error(f"**{who} stops here:** {sentence(found.message)}", icon=":material/block:")
    mended = None if asked.unread else results.mended(asked.subject, failed)
    with st.container(horizontal=True, vertical_alignment="center"):
        if mended:
            label = f"Set {failed.argument} to {failed.value}"
            look = {"type": "primary", "icon": ":material/build:"}
            if st.button(label, on_click=inputs.replace_text, args=(mended,), **look):
                st.rerun()  # the whole page, not what follows alone
        if is_guess(results.reading(asked.subject), asked.input_shape):
            st.caption(
                f"{write_shape(asked.input_shape)} is a guess, since no usual size fits: if your pictures have "
                "another, write it in **Input** first."
            )
        before = len(found.rows)
        st.caption(
            f"The {before} rows before it hold, and the figures are theirs." if before else "Nothing is before it."
        )
