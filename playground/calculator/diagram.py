"""The network as blocks, and the derivation of the row that was clicked."""

from __future__ import annotations

import zlib
from functools import partial

import streamlit as st

from core import network_drawing
from core.derivation import Derivation
from core.model_spec import write_shape
from core.profiler import Row
from core.profiler.size_text import shape_text
from core.profiler.timing import StepTime
from core.profiler.timing.report import spoken
from playground import controls, lesson, units
from playground.calculator import results, text
from playground.calculator.results import Analysis
from playground.components.network import MEASURES, WAITS, NetworkBlock, Waiting, Waits, network
from playground.escaping import literal

ROW = "ca_row"
MEASURE = "ca_colour"
CONVENTION = (
    "MACs: multiply-adds for one image, without bias, as in published tables; 1 MAC = 2 FLOPs. "
    "Bytes: for the whole batch."
)


@lesson.fragment
def show(analysis: Analysis) -> None:
    """The drawing, and under it one row unfolded: the clicked one, at first the one with most multiplications."""
    names = [row_name(index, row) for index, row in enumerate(analysis.rows)]
    if st.session_state.get(ROW) not in (None, *names):
        del st.session_state[ROW]
    heaviest = max(range(len(names)), key=lambda index: analysis.rows[index].macs, default=None)
    picked = st.session_state.get(ROW, st.query_params.get(ROW))
    chosen = names.index(picked) if picked in names else heaviest
    key = f"ca_blocks_{zlib.crc32(repr((analysis.spec, analysis.input_shape)).encode())}"

    def pick(index: int) -> None:
        if index < len(names):  # the layer that does not fit is drawn, but has no row
            st.session_state[ROW] = names[index]

    def choose(chosen: str) -> None:
        st.session_state[MEASURE] = st.query_params[MEASURE] = chosen

    drawn = blocks(analysis)
    skips = network_drawing.skips(analysis.rows, [block.row for block in drawn])
    measure = _measure(analysis)
    step = results.step(analysis) if measure == WAITS else None
    network(
        drawn,
        alt=_alt(analysis, len(skips)),
        measure=measure,
        waits=waits_of(analysis, step) if measure == WAITS else None,
        has_waits=analysis.profile is not None,
        picked=chosen,
        on_pick=pick,
        on_measure=choose,
        key=key,
        skips=skips,
    )
    _files(analysis, measure, step)
    if names:
        unfold(analysis, names, heaviest or 0, names[chosen or 0])


def _measure(analysis: Analysis) -> str:
    """What the colour shows, as it was last chosen; a network that fails has no times."""
    known = (*MEASURES, WAITS) if analysis.profile is not None else tuple(MEASURES)
    chosen = st.session_state.get(MEASURE, st.query_params.get(MEASURE))
    return chosen if chosen in known else known[0]


def waits_of(analysis: Analysis, step: StepTime | None) -> Waits:
    """What each layer waits for, and how long, forward and backward."""
    if step is None:
        return Waits(analysis.device.title, unknown=text.unknown_speed(analysis.device))
    about = "" if step.is_measured else "about "
    rows = {index: Waiting(row.seconds, about + spoken(row.seconds), row.bound) for index, row in enumerate(step.rows)}
    return Waits(step.title, rows)


def _files(analysis: Analysis, measure: str, step: StepTime | None) -> None:
    """The drawing to save, in the colours on the page; it is made when somebody asks for it."""
    bounds = [row.bound if row.seconds else None for row in step.rows] if step else ()
    coloured = measure if measure in MEASURES else "macs"

    def drawing() -> network_drawing.Drawing:
        return network_drawing.draw(analysis.rows, analysis.input_shape, coloured, _alt(analysis), bounds)

    writers = {"SVG": network_drawing.to_svg, "PNG": network_drawing.to_png}
    with st.container(horizontal=True, horizontal_alignment="right"):
        for name, write in writers.items():
            options = {
                "type": "tertiary",
                "icon": ":material/download:",
                "on_click": "ignore",
                "key": f"ca_draw_{name}",
            }
            make = partial(lambda write: write(drawing()), write)
            st.download_button(f"Drawing as {name}", make, f"network.{name.lower()}", **options)


def unfold(analysis: Analysis, names: list[str], first: int, name: str) -> None:
    """The formulas of one row with its numbers: open for a single layer, and for a row that was picked."""
    is_open = len(names) == 1 or name != names[first]
    with st.expander(f"How the numbers of {literal(name)} are computed", expanded=is_open):
        name = st.selectbox("Layer", names, index=first, key=ROW, bind=controls.LINK, label_visibility="collapsed")
        row = analysis.rows[names.index(name)]
        steps = results.derivation(analysis.spec, row, analysis.model)
        sizes, costs = st.columns(2, gap="large")
        with sizes:
            _shapes(row)
            for formula in steps.size:
                lesson.latex(formula.aligned)
            if steps.output_bytes:
                lesson.latex(steps.output_bytes.aligned)
                st.caption(units.both(row.output_bytes))
        with costs:
            for formula in (steps.params, steps.macs):
                if formula:
                    lesson.latex(formula.aligned)
            st.caption(_remarks(row, steps))
        if steps.legend:
            lesson.legend(steps.legend)
        st.caption(CONVENTION)


def row_name(index: int, row: Row) -> str:
    """A row's number and name, as it stands in boxes and links.

    >>> row_name(2, Row("features.2", "MaxPool2d", (), (), 0, 0, 0, 0))
    '3 · features.2 · MaxPool2d'
    """
    return " · ".join(part for part in (str(index + 1), row.name, row.kind) if part)


def blocks(analysis: Analysis) -> list[NetworkBlock]:
    """The input, every row with an output, and where the network fails, the layer that does not fit."""
    network_blocks = [NetworkBlock(-1, "input", "", (), analysis.input_shape)]
    for index, row in enumerate(analysis.rows):
        if len(row.output_shape) > 1:
            network_blocks.append(_block(index, row, network_blocks[-1]))
    if failure := analysis.failure:
        got = failure.got[0][1:] if failure.got else ()
        shape = got or network_blocks[-1].shape
        network_blocks.append(NetworkBlock(len(analysis.rows), failure.name, failure.kind, got, shape, failed=True))
    return network_blocks


def _block(index: int, row: Row, before: NetworkBlock) -> NetworkBlock:
    shape = row.output_shape[1:]
    costs = (row.params, row.macs, row.output_bytes, row.saved_bytes)
    glued = not row.macs and shape == before.shape
    return NetworkBlock(index, row.name, row.kind, row.input_shape[1:], shape, *costs, glued=glued)


def _shapes(row: Row) -> None:
    inputs, output = (shape_text(shape[1:], "none") for shape in (row.input_shape, row.output_shape))
    st.markdown(f"**{literal(row.kind)}**: input {inputs} → output {output}.")


def _remarks(row: Row, steps: Derivation) -> str:
    """What the formulas do not say."""
    params = f"{units.exact(row.params)} parameters, counted tensor by tensor." if steps.params is None else ""
    macs = f"{units.exact(row.macs)} MACs = {units.exact(2 * row.macs)} FLOPs per image."
    saved = units.both(row.saved_bytes) if row.saved_bytes else "nothing that an earlier layer has not saved"
    remarks = (
        params if row.params else "No parameters, or shared ones that an earlier layer has counted.",
        macs if row.macs else "No MACs are counted here.",
        f"For the backward pass, training saves {saved}.",
    )
    return " ".join(filter(None, remarks))


def _alt(analysis: Analysis, skips: int = 0) -> str:
    fails = f", which fails at {analysis.failure.label}" if analysis.failure else ""
    arcs = f" with {units.counted(skips, 'skip connection')}" if skips else ""
    return f"A network of {len(analysis.rows)} layers{arcs} for an input of {write_shape(analysis.input_shape)}{fails}."
