"""What a practitioner must see at once: whether it fits, its peak, the largest batch; and where a network fails."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.model_spec import ModelSpec, write_shape
from core.profiler import Profile
from core.profiler.fitting import LargestBatch, verdict
from playground import lesson, units
from playground.background_work import TICK_S, stop_ticking
from playground.calculator import fitting, inputs, results, settings, text
from playground.calculator.results import Analysis
from playground.calculator.tabs import memory
from playground.escaping import literal, sentence

FULL = 9_999_999  # longer numbers do not fit a card; their digits stand under it
BOXES = {
    "fits": (st.success, "check_circle"),
    "barely fits": (st.warning, "warning"),
    "does not fit": (st.error, "block"),
}


def show(analysis: Analysis) -> DeltaGenerator | None:
    """The verdict, the totals as cards beside memory over time; or, in red, the layer at which PyTorch fails.

    The slot for the largest batch is returned where it is still to be found: that takes several profiles.
    """
    _judge(analysis)
    if analysis.profile is None:
        with st.container(horizontal=True):
            layers = len(analysis.rows)
            _size(analysis, f"in the first {units.counted(layers, 'layer')}" if layers > 1 else "before it")
        return None
    cards, chart = st.columns((1, 1.35))
    with chart:
        memory.chart(analysis)
    with cards:
        with st.container(horizontal=True):
            _size(analysis, _parts(analysis.profile))
        with st.container(horizontal=True):
            peak = analysis.profile.training_peak_bytes
            card("Peak training memory", units.memory(peak), f"{units.exact(peak)} B")
            slot = st.container(border=True, width="stretch", height="stretch", gap="xsmall")
    if not fitting.is_solved(analysis):
        return slot.empty()
    with slot:
        _largest_batch(fitting.largest_for(analysis))
    return None


def _parts(profile: Profile) -> str:
    """What the parameters take, and how many of them are not trained."""
    size = units.memory(profile.parameter_bytes)
    return f"{size}  \n{units.exact(profile.frozen_params)} frozen" if profile.frozen_params else size


def _size(analysis: Analysis, part: str) -> None:
    """Parameters and MACs; `part` is what the first are, in memory or of the network."""
    params, macs = (sum(getattr(row, name) for row in analysis.rows) for name in ("params", "macs"))
    card("Parameters", count(params), *exactly(params, "parameters"), part)
    card("MACs per image", count(macs), *exactly(macs, "MACs"), f"{units.exact(2 * macs)} FLOPs")


def largest_batch(slot: DeltaGenerator, analysis: Analysis) -> None:
    """The card that says which batch size still fits, as soon as that is known; nothing waits for it."""
    slot.metric("Largest batch size", "…")
    best = fitting.largest_so_far(analysis)
    with slot.container(gap="xsmall"):
        if best is None:
            lesson.fragment(_look_for_largest_batch, run_every=TICK_S)(analysis)
        else:
            _largest_batch(best)


def _look_for_largest_batch(analysis: Analysis) -> None:
    with lesson.friendly():
        best = fitting.largest_so_far(analysis)
        if best is None:
            st.metric("Largest batch size", "…")
            return
        _largest_batch(best)
    stop_ticking()


def _largest_batch(best: LargestBatch) -> None:
    st.metric("Largest batch size", units.exact(best.batch_size) if best.batch_size else "none")
    peak = f"that fits  \npeak {units.memory(best.peak_bytes)}"
    st.caption(peak if best.batch_size else "not even batch  \nsize 1 fits")


def changes(spec: ModelSpec) -> None:
    """What one click has changed of the network, and the way back."""
    if not spec.edits:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        sentences = "; ".join(edit.sentence for edit in spec.edits)
        st.markdown(f":material/edit: Changed: {literal(sentences)}.")
        st.button("Undo", on_click=inputs.change, args=((),), type="tertiary", icon=":material/undo:", key="ca_undo")


def card(label: str, value: str, *details: str) -> None:
    """One figure: the rounded one to read, the exact ones under it."""
    with st.container(border=True, width="stretch", height="stretch", gap="xsmall"):
        st.metric(label, value)
        st.caption("  \n".join(details))


def exactly(value: int, unit: str) -> tuple[str, ...]:
    """The exact figure, where the card shows a rounded one."""
    return (f"{units.exact(value)} {unit}",) if value > FULL else ()


def count(value: int) -> str:
    """All digits while they fit, else four of them.

    >>> count(15_200), count(225_000_000)
    ('15,200', '225 M')
    """
    return units.exact(value) if value <= FULL else units.short(value)


@lesson.fragment(key=settings.VERDICT)
def _judge(analysis: Analysis) -> None:
    """What is wrong with the setting or the network, if anything, and whether it fits."""
    with st.container():
        if objection := settings.objection(analysis.setting):
            lesson.refuse(objection)
        if analysis.profile is None:
            _failure(analysis)
        else:
            _verdict(analysis.profile, analysis)


def _verdict(profile: Profile, analysis: Analysis) -> None:
    """The predicted peak, the range of a whole process, and the memory that the device really offers."""
    judged = verdict(profile.training_peak_bytes, analysis.device)
    box, icon = BOXES[judged.word]
    box(text.verdict_sentence(judged, analysis.setting.batch_size), icon=f":material/{icon}:")
    for note in profile.notes:  # that it was run for real, and with how many inputs
        st.caption(note)


def _failure(analysis: Analysis) -> None:
    """Why, and the one number to change: one click, where it can be found in the text."""
    who = "Parsing" if analysis.fails_to_parse else "PyTorch"
    st.error(f"**{who} fails at this layer:** {sentence(analysis.message)}", icon=":material/block:")
    failure, mended = analysis.failure, results.mended(analysis)
    with st.container(horizontal=True, vertical_alignment="center"):
        if failure and mended:
            label = f"Set {failure.argument} to {failure.value}"
            options = {"type": "primary", "icon": ":material/build:"}
            if st.button(label, on_click=inputs.replace_text, args=(mended,), **options):
                st.rerun()  # the whole page, not what follows alone
        if results.is_guess(analysis):
            st.caption(
                f"{write_shape(analysis.input_shape)} is a guess: no common input size fits. If your images have "
                "another size, type it in **Input** first."
            )
        st.caption(_layers_before(len(analysis.rows)))


def _layers_before(count: int) -> str:
    """Which layers the figures of a network that fails are for."""
    if count > 1:
        return f"The {count} layers before it are valid; the figures are for them."
    return "The layer before it is valid; the figures are for it." if count else "There is no layer before it."
