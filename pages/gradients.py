"""Vanishing and exploding gradients: two real networks that differ in one thing, layer by layer and step by step."""

import streamlit as st

from playground import controls, lesson

with lesson.idea(
    "A gradient is multiplied once a layer: by less than one it vanishes, by more it explodes. Compare two networks."
):
    from core.lessons.gradients import LOOKS, PRESETS
    from playground.components.formula import maths
    from playground.components.inline_svg import drawing
    from playground.gradients import comparison, layers, settings, text


@st.fragment(key="g-stories")
def stories() -> None:
    """A button for each preset; the one that is on the screen is marked."""
    told = settings.mark()
    with st.container(horizontal=True, gap="small"):
        for name in PRESETS:
            kind = "primary" if name == told else "secondary"
            st.button(name, key=f"story-{name}", type=kind, on_click=settings.tell, args=(name,))


@st.fragment(key="g-told")
def told() -> None:
    """The story on the screen in words, and what differs."""
    asked = settings.now()
    name = settings.told(asked)
    said = PRESETS[name].words if name else "Two networks of your own. The buttons above tell known stories."
    st.markdown(f"{said}\n\n{text.badge(asked.networks)}")


@st.fragment(key="g-seen")
def seen() -> None:
    """What reaches each layer, and what comes back."""
    asked = settings.now()
    found = asked.found()
    layers.draw(asked.networks, found, controls.value(settings.LOOK, "g_what"))
    drawing(layers.outputs(found), key="g-violins")
    st.markdown(text.summary(found))


@st.fragment(key="g-worked")
def worked() -> None:
    """What the activations alone do, the lines, and the challenge."""
    asked = settings.now()
    found = asked.found()
    with st.container():  # there even if empty, so that nothing below changes its place
        if blocks := text.steepest(asked.networks, found):
            maths(*blocks, key="g-steepest")
    lesson.code(text.lines(asked.a, asked.seed), "A in PyTorch")
    lesson.challenge(
        "Make network A at least 20 sigmoid layers deep and still let the first layer have a tenth of the last one's "
        "gradient, without residuals.",
        solved=text.kept_alive(asked.a, found["A"]),
        hint="What puts the values back to where the sigmoid is steep, layer after layer?",
    )


@st.fragment(key="g-play")
def play() -> None:
    """The controls, which stay as they are while what follows them is drawn anew."""
    settings.take_up()
    top = st.container()
    beside, stage = lesson.play()
    with beside:
        settings.draw()
    with top:
        stories()
        told()
    with stage:
        controls.pick("per layer", LOOKS, "g_what", on_change=settings.follow, room=60)
        seen()
    st.latex(text.CHAIN)
    worked()


play()
st.subheader("Train both", anchor=False)
comparison.section()
lesson.source(
    "Hochreiter 1991; Bengio, Simard & Frasconi 1994; Glorot & Bengio 2010; Pascanu et al. 2013, arXiv:1211.5063"
)
