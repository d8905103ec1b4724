"""An app of one page for the tests of the controls: each kind of widget, the last two within bounds that move.

Below them is a part that reads them; with `?alone=1` it is all that they redraw.
"""

from dataclasses import asdict, dataclass
from functools import partial

import streamlit as st

from core.knobs import Knob, knob
from playground import controls


@dataclass(frozen=True)
class Everything:
    """A knob of each kind."""

    kernel: int = knob(3, 1, 9, step=2)
    alpha: float = knob(0.25, 0, 1)
    lr: float = knob(0.1, 0.001, 1, log=True)
    bias: bool = knob(True)
    mode: str = knob("zeros", choices=("zeros", "reflect", "replicate", "circular"))
    batch: int = knob(4, choices=(1, 2, 4, 8))


@st.fragment(key="reader")
def reader() -> None:
    st.code(str(asdict(controls.read(Everything, "k_"))))


follow = partial(controls.redraw, "reader") if "alone" in st.query_params else None
found = controls.edit(Everything, "k_", follow)
padding = controls.widget("padding", Knob(0, 0, found.kernel // 2), "k_padding")
side = controls.pick("picture", {"1": "grey", "3": "colour"}, "k_side")
st.json({**found.__dict__, "padding": padding, "side": side})
reader()
