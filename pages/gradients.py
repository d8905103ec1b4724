"""Vanishing and exploding gradients: two real networks that differ in one setting, layer by layer and step by step."""

import streamlit as st

from playground import controls, lesson

with lesson.idea(
    "The gradient is multiplied once per layer: by factors below 1 it vanishes, above 1 it explodes. "
    "Compare two networks."
):
    from core.lessons.gradients import PRESETS, VIEWS
    from playground.components.formula import formula
    from playground.components.inline_svg import inline_svg
    from playground.gradients import code_samples, comparison, layers, settings, text


@lesson.fragment(key="g-presets")
def presets() -> None:
    """A button for each preset; the one that is on the screen is marked."""
    marked = settings.mark_preset()
    with controls.preset_row():
        controls.presets(PRESETS, "preset", settings.choose_preset, marked)


@lesson.fragment(key="g-summary")
def summary() -> None:
    """The effect that the preset on the screen shows, and what differs."""
    pair = settings.current()
    name = settings.preset_of(pair)
    effect = PRESETS[name].summary if name else text.OWN_NETWORKS
    st.markdown(f"{effect}\n\n{text.badge(pair.networks)}")


@lesson.fragment(key="g-layers-of-both")
def layers_of_both() -> None:
    """What reaches each layer, and what gradient comes back."""
    pair = settings.current()
    statistics = pair.statistics()
    layers.draw(pair.networks, statistics, controls.value(settings.VIEW, "g_what"))
    inline_svg(layers.violins(pair, statistics), key="g-violins")
    st.markdown(text.figures(statistics))


@lesson.fragment(key="g-lines")
def bound_code_challenge() -> None:
    """What the activations alone let through, the code, and the challenge."""
    pair = settings.current()
    statistics = pair.statistics()
    with st.container():  # there even if empty, so that nothing below shifts
        if blocks := text.factors(pair.networks):
            formula(*blocks, key="g-steepest")
    lesson.code(code_samples.network(pair.a, pair.seed), "Network A in PyTorch")
    lesson.challenge(text.CHALLENGE, solved=text.is_solved(pair.a, statistics["A"]), hint=text.HINT)


@lesson.fragment(key="g-play")
def play() -> None:
    """The controls, which stay as they are while what follows them is drawn anew."""
    settings.apply_chosen_preset()
    top = st.container()
    beside, stage = lesson.play()
    with beside:
        settings.draw()
    with top:
        presets()
        summary()
    with stage:
        controls.pick("Shown per layer", VIEWS, "g_what", on_change=settings.follow, room=60)
        layers_of_both()
    lesson.latex(text.CHAIN)
    lesson.legend(text.CHAIN_SYMBOLS)
    bound_code_challenge()


play()
lesson.subheader("Train both")
comparison.section()
lesson.source(
    "Hochreiter 1991; Bengio, Simard & Frasconi 1994; Glorot & Bengio 2010; Pascanu et al. 2013, arXiv:1211.5063"
)
