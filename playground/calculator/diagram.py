"""The network as blocks, and the derivation of the row that was clicked."""

from __future__ import annotations

import zlib

import streamlit as st

from core.model_spec import write_shape
from core.profiler import Row
from playground import controls, units
from playground.calculator import results
from playground.calculator.results import Asked, Facts
from playground.components.network import Block, network
from playground.escaping import literal

ROW = "ca_row"
CONVENTION = (
    "MACs are multiply-adds of one picture, the bias left out, as published tables count; a FLOP is one multiplication "
    "or one addition, so there are two to a MAC. Bytes are of the whole batch."
)


@st.fragment
def show(asked: Asked, found: Facts) -> None:
    """The drawing, and under it one row unfolded: the clicked one, at first the one with most multiplications."""
    names = [row_name(place, row) for place, row in enumerate(found.rows)]
    if st.session_state.get(ROW) not in (None, *names):
        del st.session_state[ROW]
    heaviest = max(range(len(names)), key=lambda place: found.rows[place].macs, default=None)
    asked_for = st.session_state.get(ROW, st.query_params.get(ROW))
    chosen = names.index(asked_for) if asked_for in names else heaviest
    key = f"ca_blocks_{zlib.crc32(repr((asked.subject, asked.input_shape)).encode())}"

    def pick() -> None:
        place = st.session_state[key].get("row")
        if place is not None and place < len(names):
            st.session_state[ROW] = names[place]

    network(blocks(asked, found), alt=_alt(asked, found), picked=chosen, on_pick=pick, key=key)
    if names:
        unfold(asked, found, names, heaviest or 0, names[chosen or 0])


def unfold(asked: Asked, found: Facts, names: list[str], first: int, name: str) -> None:
    """The formulas of one row with its numbers: open for a single layer, and for a row that was asked for."""
    is_open = len(names) == 1 or name != names[first]
    with st.expander(f"How the numbers of {literal(name)} come about", expanded=is_open):
        name = st.selectbox("Row", names, index=first, key=ROW, bind=controls.LINK, label_visibility="collapsed")
        row = found.rows[names.index(name)]
        steps = results.derivation(asked.subject, row)
        sizes, costs = st.columns(2, gap="large")
        with sizes:
            _shapes(row)
            for formula in steps.size:
                st.latex(formula.aligned)
            if steps.output_bytes:
                st.latex(steps.output_bytes.aligned)
                st.caption(units.both(row.output_bytes))
        with costs:
            for formula in (steps.params, steps.macs):
                if formula:
                    st.latex(formula.aligned)
            st.caption(" ".join(_remarks(row, steps)))
        st.caption(CONVENTION)


def row_name(place: int, row: Row) -> str:
    """A row's place and name, as it stands in boxes and links.

    >>> row_name(2, Row("features.2", "MaxPool2d", (), (), 0, 0, 0, 0))
    '3 · features.2 · MaxPool2d'
    """
    return " · ".join(part for part in (str(place + 1), row.name, row.kind) if part)


def blocks(asked: Asked, found: Facts) -> list[Block]:
    """The input, every row with an output, and where the network stops, the layer that does not fit."""
    drawn = [Block(-1, "input", "", (), asked.input_shape)]
    for place, row in enumerate(found.rows):
        if len(row.output_shape) > 1:
            drawn.append(_block(place, row, drawn[-1]))
    if found.failed is not None:
        got = found.failed.got[0][1:] if found.failed.got else ()
        shape = got or drawn[-1].shape
        drawn.append(Block(len(found.rows), found.failed.name, found.failed.kind, got, shape, failed=True))
    return drawn


def _block(place: int, row: Row, before: Block) -> Block:
    shape = row.output_shape[1:]
    costs = (row.params, row.macs, row.output_bytes, row.saved_bytes)
    glued = not row.macs and shape == before.shape
    return Block(place, row.name, row.kind, row.input_shape[1:], shape, *costs, glued=glued)


def _shapes(row: Row) -> None:
    given, made = (write_shape(shape[1:]).replace("x", " × ") for shape in (row.input_shape, row.output_shape))
    st.markdown(f"**{literal(row.kind)}** takes {given or 'nothing'} and gives {made or 'nothing'}.")


def _remarks(row: Row, steps: results.Derivation) -> list[str]:
    """What the formulas do not say."""
    said = []
    if not row.params:
        said.append("Nothing is learnt here, or an earlier row has counted it.")
    elif steps.params is None:
        said.append(f"{units.exact(row.params)} parameters, counted tensor by tensor.")
    if row.macs:
        said.append(f"{units.exact(row.macs)} MACs = {units.exact(2 * row.macs)} FLOPs a picture.")
    else:
        said.append("No multiply-adds are counted here.")
    if row.saved_bytes:
        said.append(f"For the way back, training keeps {units.both(row.saved_bytes)} of it.")
    else:
        said.append("For the way back, training keeps nothing that an earlier row does not keep already.")
    return said


def _alt(asked: Asked, found: Facts) -> str:
    stops = f", which stops at {found.failed.label}" if found.failed else ""
    return f"A network of {len(found.rows)} rows for an input of {write_shape(asked.input_shape)}{stops}."
