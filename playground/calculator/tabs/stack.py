"""The deep stack: how a size shrinks through many equal layers, where it dies, and what padding or stride changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from core.errors import ShapeError
from core.knobs import knob, knobs_of
from core.shapes import conv_output_size, layers_until_gone
from playground import controls, lesson, units
from playground.charts.network import stack_of_sizes
from playground.components.inline_svg import inline_svg

PREFIX = "cd_"


@dataclass(frozen=True)
class ConvStack:
    """Equal layers, one after the other."""

    size: int = knob(32, 1, 1024, label="Input size")
    layers: int = knob(20, 1, 120, label="Layers")
    kernel: int = knob(3, 1, 11, label="Kernel size")
    stride: int = knob(1, 1, 4)
    padding: int = knob(0, 0, 5, help="On each of the two sides.")
    dilation: int = knob(1, 1, 4)

    def sizes(self) -> tuple[int, ...]:
        """The input's side, then each layer's, as far as they fit."""
        sizes = [self.size]
        for _ in range(self.layers):
            try:
                sizes.append(conv_output_size(sizes[-1], self.kernel, self.stride, self.padding, self.dilation))
            except ShapeError:
                break
        return tuple(sizes)

    def gone_after(self) -> int | None:
        """How many such layers fit; None if there is no end."""
        return layers_until_gone(self.size, self.kernel, self.stride, self.padding, self.dilation)


CASES = {"32, layers of 3×3": ConvStack(), "1024, 100 layers of 3×3": ConvStack(size=1024, layers=100)}


@lesson.fragment
def show() -> None:
    """Controls, a bar for each layer, and what one change would do."""
    beside, stage = lesson.play((1, 1.6))
    with beside:
        stack = _controls()
    with stage:
        sizes = stack.sizes()
        dead = len(sizes) <= stack.layers
        inline_svg(stack_of_sizes(sizes, stack.layers, _alt(stack, sizes, dead)), key="cd_bars")
        st.markdown(f"**{_alt(stack, sizes, dead)}**")
        st.markdown("\n".join(f"- {sentence}" for sentence in changes(stack)))


def _controls() -> ConvStack:
    """The two worked cases, and a slider for each number, in two columns."""
    with st.container(horizontal=True):
        for name, case in CASES.items():
            st.button(name, on_click=_take, args=(case,), key=f"{PREFIX}{case.size}")
    columns = st.columns(2)
    values = {}
    for index, (name, each) in enumerate(knobs_of(ConvStack).items()):
        with columns[index % 2]:
            values[name] = controls.widget(name, each, f"{PREFIX}{name}")
    return ConvStack(**values)


def changes(stack: ConvStack) -> list[str]:
    """What another padding, stride or dilation alone would do to the same stack."""
    others = {
        "With padding {padding}": replace(stack, padding=stack.dilation * (stack.kernel - 1) // 2),
        "Without padding": replace(stack, padding=0),
        "With stride {stride}": replace(stack, stride=2 if stack.stride == 1 else 1),
        "With dilation {dilation}": replace(stack, dilation=2 if stack.dilation == 1 else 1),
    }
    described = dict.fromkeys([stack])  # a change that changes nothing is not told, nor the same one twice
    return [
        f"{name.format(**vars(other))}: {fate(other)}"
        for name, other in others.items()
        if other not in described and described.setdefault(other) is None
    ]


def fate(stack: ConvStack) -> str:
    """How the stack ends, in words.

    >>> fate(ConvStack())
    '15 layers fit; the last output size is 2.'
    >>> fate(ConvStack(padding=1))
    'the size stays 32 with any number of layers.'
    """
    gone = stack.gone_after()
    if gone is None:
        last = replace(stack, layers=120).sizes()[-1]
        if last == stack.size:
            return f"the size stays {last} with any number of layers."
        return f"every layer fits; after 120 layers the size is {last}."
    if not gone:
        return "not even one layer fits."
    last = replace(stack, layers=gone).sizes()[-1]
    return f"{gone} layer{'s' if gone != 1 else ''} fit; the last output size is {last}."


def _alt(stack: ConvStack, sizes: tuple[int, ...], dead: bool) -> str:
    layers = f"{units.counted(len(sizes) - 1, 'layer')} of {stack.kernel}×{stack.kernel}"
    end = f"; layer {len(sizes)} does not fit." if dead else "."
    return f"{stack.size} → {sizes[-1]} after {layers}{end}"


def _take(case: ConvStack) -> None:
    for name in ConvStack.__dataclass_fields__:
        st.session_state[f"{PREFIX}{name}"] = getattr(case, name)
