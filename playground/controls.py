"""Frozen config dataclasses and registry knobs <-> widgets whose state lives in the address bar."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.knobs import Knob, knobs_of

Config = TypeVar("Config")
LINK = "query-params"  # every state is a link
SHORT = 29  # letters, margins included, that fit side by side in a column of controls
DECADE = (1, 2, 5)


def widget(
    name: str, knob: Knob, key: str, *, disabled: bool = False, on_change: Callable[[], None] | None = None
) -> Any:
    """The widget that fits a knob: a slider, a box to type in, a toggle, buttons in a row or a select box; its value.

    `key` is also the name in the address bar, so it is short, unique to the page and never changes. A value that is not
    legal, because a link is wrong or because the bounds follow other widgets, is moved to the nearest legal one first.
    """
    label = knob.title(name)
    common: dict[str, Any] = {
        "key": key, "help": knob.help, "disabled": disabled, "bind": LINK, "on_change": on_change,
    }  # fmt: skip
    if isinstance(knob.default, bool) and not knob.choices:
        return st.toggle(label, value=knob.default, **common)
    if knob.choices:
        names = knob.choices if isinstance(knob.choices, Mapping) else None
        return _choice(label, tuple(knob.choices), knob.default, common, names)
    low, high, default, step = bounds(knob)
    if low == high:
        st.slider(label, low, low + (step or 1), low, key=f"{key}-fixed", disabled=True, help=knob.help)
        return low
    settled = partial(legal, knob)
    _settle(key, settled)
    if steps := uneven_steps(knob):
        written = "%g" if knob.log else _format(step) or "%d"
        return settled(st.select_slider(label, steps, value=default, format_func=lambda one: written % one, **common))
    draw = st.number_input if knob.typed else st.slider
    return settled(draw(label, low, high, default, step=step, format=_format(step), **common))


def knob_values(knobs: Mapping[str, Knob], prefix: str) -> tuple[tuple[str, Any], ...]:
    """Name and value of each knob of a registry's entry, from its widget; `prefix` begins their keys."""
    return tuple((name, widget(name, knob, f"{prefix}{name}")) for name, knob in knobs.items())


def pick(
    label: str,
    options: Sequence[str] | Mapping[str, str],
    key: str,
    default: str | None = None,
    help: str | None = None,
    on_change: Callable[[], None] | None = None,
    room: int = SHORT,
) -> str:
    """One of several names; a mapping gives what is shown for each. Few that fit in `room` stand side by side."""
    names = dict(options) if isinstance(options, Mapping) else {name: name for name in options}
    first = next(iter(names)) if default is None else default
    common = {"key": key, "help": help, "bind": LINK, "on_change": on_change}
    return _choice(label, tuple(names), first, common, names, room)


def side_by_side(label: str, options: Iterable[str], key: str, place: Any = st, **more: Any) -> str:
    """One of several names, as buttons; the first is the default, also where a link holds none."""
    names = list(options)
    common = {"default": names[0], "required": True, "key": key, "bind": LINK, **more}
    return place.segmented_control(label, names, **common) or names[0]


def pick_several(label: str, options: list[str], key: str, default: list[str]) -> tuple[str, ...]:
    """Any number of names, as pills that wrap."""
    return tuple(st.pills(label, options, default=default, key=key, selection_mode="multi", bind=LINK, wrap=True))


def reseed(label: str, seed: Knob, key: str, button_key: str | None = None) -> None:
    """A button for the next seed; after the highest comes the lowest."""
    low, count = int(seed.low or 0), int((seed.high or 0) - (seed.low or 0)) + 1

    def advance() -> None:
        st.session_state[key] = low + (st.session_state.get(key, seed.default) - low + 1) % count

    st.button(label, icon=":material/casino:", key=button_key, on_click=advance)


def preset_row() -> DeltaGenerator:
    """Where the buttons of `presets` stand: in lines or, on a phone, in one that scrolls (page.css, phone.css)."""
    return st.container(horizontal=True, gap="small", key="presets")


def presets(names: Iterable[str], key: str, load: Callable[[str], None], shown: str | None = None) -> None:
    """A button for each preset; the one `shown` is marked."""
    for name in names:
        kind = "primary" if name == shown else "secondary"
        st.button(name, key=f"{key}-{name}", type=kind, on_click=load, args=(name,))


def edit(
    config: type[Config],
    prefix: str = "",
    on_change: Callable[[], None] | None = None,
    keys: Mapping[str, str] | None = None,
    **limits: Knob,
) -> Config:
    """A config dataclass from its widgets, one a knob, in order.

    `limits` replaces the knobs of named fields; `keys` has the words for the address bar that are not the field's name.
    """
    knobs, keys = knobs_of(config) | limits, dict(keys or {})
    return config(
        **{
            name: widget(name, knobs[name], prefix + keys.get(name, name), on_change=on_change)
            for name in knobs_of(config)
        }
    )


def read(config: type[Config], prefix: str = "", **limits: Knob) -> Config:
    """What `edit` would return now, for a part of the page that is drawn anew without its controls."""
    knobs = knobs_of(config) | limits
    return config(**{name: value(knobs[name], prefix + name) for name in knobs_of(config)})


def value(knob: Knob, key: str) -> Any:
    """What `widget` would return now: the widget's state; the knob's default before it is drawn for the first time."""
    return legal(knob, st.session_state.get(key, knob.default))


def redraw(*parts: str) -> NoReturn:
    """For a control's `on_change`: draw the fragments of these keys anew, and nothing else.

    Without it a control redraws all of its fragment, itself and its neighbours included, and each of them costs the
    browser milliseconds. The parts take what they show from `read` and `value`.
    """
    st.rerun(parts)


def legal(knob: Knob, value: Any) -> Any:
    """The value nearest to anything at all that the widget of this knob can have.

    >>> legal(Knob(3, 1, 9), 12), legal(Knob(0.1, 0.001, 1.0, log=True), 0.04), legal(Knob("a", choices=("a",)), "b")
    (9, 0.05, 'a')
    """
    if knob.choices or isinstance(knob.default, bool):
        return knob.clamp(value)
    low, high, default, step = bounds(knob)
    if low == high:
        return low
    steps = uneven_steps(knob)
    if not steps:
        return _nearest(value, low, high, step, default)
    near = _nearest(value, low, high, None if knob.log else step, default)
    return min(steps, key=lambda one: abs(math.log(one / near)) if knob.log else abs(one - near))


def bounds(knob: Knob) -> tuple[Any, Any, Any, Any]:
    """Low, high, default and step of a numeric knob, all of the default's type, the default inside.

    >>> bounds(Knob(0.5, 0, 1))
    (0.0, 1.0, 0.5, 0.01)
    >>> bounds(Knob(3, 1, 2))
    (1, 2, 2, 1)
    """
    if knob.low is None or knob.high is None:
        raise ValueError(f"a number needs both bounds: {knob}")
    kind = type(knob.default)
    low, high = kind(knob.low), kind(max(knob.low, knob.high))
    step = kind(knob.step) if knob.step else (1 if kind is int else _round_step(high - low))
    return low, high, min(max(knob.default, low), high), step


def uneven_steps(knob: Knob) -> tuple[float, ...]:
    """Every value of a knob whose steps are not all of one length; none of other knobs.

    >>> uneven_steps(Knob(0.0, -2, 2, step=0.1, fine=0.2))
    (-2.0, -1.0, -0.2, -0.1, 0.0, 0.1, 0.2, 1.0, 2.0)
    """
    if knob.log:
        return log_steps(*bounds(knob)[:3])
    if not knob.fine:
        return ()
    low, high, _, step = bounds(knob)
    near = round(knob.fine / step)
    counts = range(round(low / step), round(high / step) + 1)
    return tuple(round(k * step, 9) for k in counts if abs(k) <= near or k % (5 if abs(k) <= 2 * near else 10) == 0)


def log_steps(low: float, high: float, default: float) -> tuple[float, ...]:
    """1, 2, 5, 10, 20, ... between two bounds, both bounds and the default among them.

    >>> log_steps(0.001, 0.03, 0.01)
    (0.001, 0.002, 0.005, 0.01, 0.02, 0.03)
    """
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = {float(f"{digit}e{decade}") for decade in decades for digit in DECADE}
    return tuple(sorted({step for step in steps if low <= step <= high} | {float(low), float(high), float(default)}))


def _round_step(span: float) -> float:
    """About a hundred steps over the span, each a power of ten."""
    return 10.0 ** (math.floor(math.log10(span)) - 2) if span else 1.0


def _format(step: float) -> str | None:
    """As many decimals as the step has; Streamlit's own choice, two, hides small ones."""
    if isinstance(step, int):
        return None
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    while round(step, decimals) != step and decimals < 8:
        decimals += 1
    return f"%.{decimals}f"


def _nearest(value: Any, low: Any, high: Any, step: Any, default: Any) -> Any:
    """The legal value nearest to anything at all; whole steps from `low` where the setting is an integer."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    if not math.isfinite(number):
        return default
    if isinstance(default, int):
        return int(min(low + round((min(max(number, low), high) - low) / step) * step, high))
    return min(max(number, low), high)


def _settle(key: str, settled: Callable[[Any], Any]) -> None:
    """Before a widget is drawn again: replace a value that it would refuse by now."""
    if key in st.session_state and (mended := settled(st.session_state[key])) != st.session_state[key]:
        st.session_state[key] = mended


def _choice(
    label: str,
    choices: Sequence[Any],
    default: Any,
    common: dict[str, Any],
    names: Mapping[Any, str] | None = None,
    room: int = SHORT,
) -> Any:
    """Buttons side by side where they fit, a select box where they do not."""
    names = names or {choice: str(choice) for choice in choices}
    settled = partial(legal, Knob(default, choices=choices))
    _settle(common["key"], settled)
    common |= {"format_func": names.__getitem__}
    if len(choices) <= 4 and sum(len(names[choice]) + 3 for choice in choices) <= room:
        return settled(st.segmented_control(label, choices, default=default, required=True, **common))
    return settled(st.selectbox(label, choices, index=list(choices).index(default), **common))
