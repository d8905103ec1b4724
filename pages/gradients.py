"""Vanishing and exploding gradients: two real networks that differ in one thing, layer by layer and step by step."""

from dataclasses import replace

import streamlit as st

from playground import controls, lesson

with lesson.idea(
    "A gradient is multiplied once a layer: by less than one it vanishes, by more it explodes. Compare two networks."
):
    import numpy as np

    from core.knobs import Knob, knobs_of
    from core.labs import deep
    from core.labs.deep import PRESETS, Deep
    from playground.charts import gradients as charts
    from playground.components.curves import Line, Panel, curves
    from playground.components.drawing import drawing
    from playground.gradients import words
    from playground.gradients.racing import COLOURS, train

inspect = st.cache_data(deep.inspect, max_entries=200, show_spinner=False)


def tell(name: str) -> None:
    """Set all controls of both networks to a preset, and show the figures by which its story is seen."""
    story = PRESETS[name]
    for prefix, config in (("ga_", story.a), ("gb_", story.b)):
        for field in knobs_of(Deep):
            st.session_state[prefix + field] = getattr(config, field)
    st.session_state["g_what"] = story.look


def stories(chosen: dict[str, Deep]) -> None:
    """A button for each preset, and in words the one that is on the screen."""
    told = next((name for name, one in PRESETS.items() if (one.a, one.b) == (chosen["A"], chosen["B"])), None)
    with st.container(horizontal=True, gap="small"):
        for name in PRESETS:
            kind = "primary" if name == told else "secondary"
            st.button(name, key=f"story-{name}", type=kind, on_click=tell, args=(name,))
    st.markdown(PRESETS[told].words if told else "Two networks of your own. The buttons above tell known stories.")


def settings() -> dict[str, Deep]:
    """The controls of both networks, opening on the first story."""
    first = next(iter(PRESETS.values()))
    opening = {"A": first.a, "B": first.b}
    chosen = {}
    for (name, start), tab in zip(opening.items(), st.tabs(list(opening)), strict=True):
        with tab:
            knobs = {key: replace(knob, default=getattr(start, key)) for key, knob in knobs_of(Deep).items()}
            chosen[name] = controls.edit(Deep, f"g{name.lower()}_", **knobs)
    return chosen


@st.fragment
def play() -> None:
    top = st.container()
    beside, stage = lesson.play()
    with beside:
        seed = controls.widget("seed", Knob(0, 0, 20, label="seed of both"), "g_seed")
        chosen = settings()
    with top:
        stories(chosen)
    found = {name: inspect(config, seed) for name, config in chosen.items()}
    with stage:
        st.markdown(words.badge(chosen))
        layers(chosen, found)
        drawing(
            "".join(
                charts.violins(one.density, one.spread, f"{name}: outputs of each layer", COLOURS[name])
                for name, one in found.items()
            ),
            key="g-violins",
        )
        st.caption(words.VIOLINS)
        st.markdown(words.summary(found))
    words.explain(chosen, found)
    lesson.code(words.lines(chosen["A"], seed), "A in PyTorch")
    first, last = found["A"].weight_gradient[[0, -1]]
    lesson.challenge(
        "Make network A at least 20 sigmoid layers deep and still let the first layer have a tenth of the last one's "
        "gradient, without residuals.",
        solved=chosen["A"].activation == "Sigmoid"
        and chosen["A"].depth >= 20
        and not chosen["A"].residual
        and bool(np.isfinite(first) and first >= 0.1 * last > 0),
        hint="What puts the values back to where the sigmoid is steep, layer after layer?",
    )
    st.subheader("Train both", anchor=False)
    train(chosen, seed)


def layers(chosen: dict[str, Deep], found: dict[str, deep.Layers]) -> None:
    """Per layer: gradients, what is dead or flat, how large a step is. On a pointer that reads all of them."""
    deepest = max(config.depth for config in chosen.values())

    def padded(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, np.full(deepest - len(values), np.nan)])

    def lines(field: str) -> list[Line]:
        return [Line(name, padded(getattr(one, field)), COLOURS[name]) for name, one in found.items()]

    bounds = []
    for name, config in chosen.items():
        allowed = deep.bound(config, found[name])
        if allowed is not None:
            bounds.append(Line(f"{name}, activations alone", padded(allowed), COLOURS[name], "3 4"))
    what = controls.pick("per layer", deep.LOOKS, "g_what", room=60)
    panels = {
        "gradients": [
            Panel("norm of dL/dW", lines("weight_gradient"), log=True),
            Panel("norm of dL/dh", lines("output_gradient") + bounds, log=True),
        ],
        "outputs": [
            Panel("mean of outputs", lines("mean")),
            Panel("deviation of outputs", lines("deviation"), log=True),
        ],
        "dead or flat": [
            Panel("share of dead units", lines("dead"), low=0, high=1),
            Panel("share of flat values", lines("flat"), low=0, high=1),
        ],
        "steps": [
            Panel("norm of dL/dW", lines("weight_gradient"), log=True),
            Panel("step / weight", lines("update"), log=True),
        ],
    }
    curves(np.arange(1, deepest + 1) if deepest > 1 else [1, 2], panels[what], key="g-layers", x_name="layer", start=1)
    st.caption(words.LOOKS[what])


play()
lesson.source(
    "Hochreiter 1991; Bengio, Simard & Frasconi 1994; Glorot & Bengio 2010; Pascanu et al. 2013, arXiv:1211.5063"
)
