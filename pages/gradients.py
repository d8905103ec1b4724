"""Vanishing and exploding gradients: two real networks that differ in one thing, layer by layer and step by step."""

from dataclasses import replace

import streamlit as st

from playground import controls, lesson, race

with lesson.idea(
    "A gradient is multiplied once a layer: by less than one it vanishes, by more it explodes. Compare two networks."
):
    import numpy as np

    from core.knobs import Knob, knobs_of
    from core.labs import deep
    from core.labs.deep import PRESETS, Deep
    from playground.charts import gradients as charts
    from playground.components.curves import PALETTE, Line, Panel, curves
    from playground.components.drawing import drawing

COLOURS = {"A": PALETTE[0], "B": PALETTE[1]}
STEPS = 200
inspect = st.cache_data(deep.inspect, max_entries=200, show_spinner=False)

CODE = """\
from core.labs.deep import Deep, batches, build, loss_of

config = {config}
network = build(config, seed={seed})
x, labels = next(batches({seed}, config.kind))
loss = loss_of(config, network(x), labels)
loss.backward()
gradients = [layer.linear.weight.grad.double().norm().item() for layer in network.layers]"""


def tell(story: str) -> None:
    """Set all controls of both networks to a preset."""
    _, a, b = PRESETS[story]
    for prefix, config in (("ga_", a), ("gb_", b)):
        for name in knobs_of(Deep):
            st.session_state[prefix + name] = getattr(config, name)


def settings() -> dict[str, Deep]:
    """The controls of both networks, opening on the first story."""
    _, a, b = next(iter(PRESETS.values()))
    opening = {"A": a, "B": b}
    chosen = {}
    for (name, start), tab in zip(opening.items(), st.tabs(list(opening)), strict=True):
        with tab:
            knobs = {key: replace(knob, default=getattr(start, key)) for key, knob in knobs_of(Deep).items()}
            chosen[name] = controls.edit(Deep, f"g{name.lower()}_", **knobs)
    return chosen


def badge(chosen: dict[str, Deep]) -> str:
    """What differs, and a warning where it is more than one thing."""
    found = deep.differences(chosen["A"], chosen["B"])
    names = ", ".join(name.replace("_", " ") for name in found)
    if not found:
        return ":gray[A and B are the same network]"
    if len(found) == 1:
        values = " against ".join(str(getattr(config, found[0])) for config in chosen.values())
        return f":green[:material/compare_arrows: A and B differ in one thing: {names}, {values}]"
    return f":orange[:material/warning: A and B differ in {len(found)} things: {names}. Which one is it?]"


@st.fragment
def play() -> None:
    with st.container(horizontal=True):
        for story, (words, _, _) in PRESETS.items():
            st.button(story, key=f"story-{story}", help=words, on_click=tell, args=(story,))
    beside, stage = lesson.play()
    with beside:
        seed = controls.widget("seed", Knob(0, 0, 20, label="seed of both"), "g_seed")
        chosen = settings()
    found = {name: inspect(config, seed) for name, config in chosen.items()}
    with stage:
        st.markdown(badge(chosen))
        layers(chosen, found)
        for name, one in found.items():
            title = f"{name}: outputs of each layer, loss {one.loss:.4g}"
            drawing(charts.violins(one.density, one.spread, title, COLOURS[name]), key=f"g-violins-{name}")
        st.markdown(summary(found))
    explain(chosen["A"], found["A"])
    lesson.code(CODE.format(config=written(chosen["A"]), seed=seed))
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


def written(config: Deep) -> str:
    """The Python that makes a config: what differs from the defaults."""
    plain = Deep()
    values = {name: getattr(config, name) for name in knobs_of(Deep) if getattr(config, name) != getattr(plain, name)}
    return f"Deep({', '.join(f'{name}={value!r}' for name, value in values.items())})"


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
    what = controls.pick("per layer", ("gradients", "dead or flat", "step size"), "g_what")
    panels = {
        "gradients": [
            Panel("norm of dL/dW", lines("weight_gradient"), log=True),
            Panel("norm of dL/dh", lines("output_gradient") + bounds, log=True),
        ],
        "dead or flat": [
            Panel("share of dead units", lines("dead"), low=0, high=1),
            Panel("share of flat values", lines("flat"), low=0, high=1),
        ],
        "step size": [
            Panel("update / weight", lines("update"), log=True),
            Panel("deviation of outputs", lines("deviation"), log=True),
        ],
    }[what]
    curves(np.arange(1, deepest + 1) if deepest > 1 else [1, 2], panels, key="g-layers", x_name="layer", start=1)


def summary(found: dict[str, deep.Layers]) -> str:
    rows = [
        "| | loss | gradient, first layer | gradient, last layer | dead units | flat values |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        first, last = one.weight_gradient[[0, -1]]
        shares = f"{one.dead.mean():.1%} | {one.flat.mean():.1%}"
        rows.append(f"| **{name}** | {one.loss:.4g} | {first:.3g} | {last:.3g} | {shares} |")
    return "\n".join(rows)


def explain(config: Deep, found: deep.Layers) -> None:
    """The chain rule, and what the activations alone do to it."""
    st.latex(
        r"\frac{\partial L}{\partial h_1} = \Big(\prod_{l=2}^{L} W_l^\top \operatorname{diag} f'(a_l)\Big)"
        r"\frac{\partial L}{\partial h_L}"
    )
    allowed = deep.bound(config, found)
    if allowed is not None and config.depth > 1:
        steepest, power = allowed[-2] / allowed[-1], config.depth - 1
        digits, exponent = f"{steepest**power:.2e}".split("e")
        st.latex(
            rf"\text{{A: }} \max f' = {steepest:.4g}, \quad {steepest:.4g}^{{{power}}} \approx {digits} \cdot "
            rf"10^{{{int(exponent)}}} \quad\text{{from the activations alone}}"
        )


def train(chosen: dict[str, Deep], seed: int) -> None:
    """Both on the same batches, live, with a way back through the run."""
    asked = (chosen["A"], chosen["B"], seed)
    race.controls("g-race", asked, lambda: deep.train_both(*asked, STEPS), f"Train both for {STEPS} steps")
    race.watch("g-race", show)


def show(run: race.Race) -> None:
    """Losses and gradients so far; once it is over, a slider goes back to any step."""
    passed = len(run.moments)
    place = passed - 1
    if run.over and passed > 1:
        place = st.slider("step", 0, passed - 1, passed - 1, key="g-step")
    sides = dict(zip("AB", zip(*run.moments, strict=True), strict=True))
    loss = [
        Line(name, [np.nan if step is None else step.loss for step in steps], COLOURS[name])
        for name, steps in sides.items()
    ]
    x = np.arange(max(passed, 2))
    if passed > 1:
        curves(x, [Panel("loss on each batch", loss)], key="g-loss", x_name="step", start=place)
    gradients = {name: np.array([s.weight_gradient for s in steps if s is not None]) for name, steps in sides.items()}
    positive = np.concatenate([g[np.isfinite(g) & (g > 0)] for g in gradients.values()])
    low, high = (np.floor(np.log10(positive.min())), np.ceil(np.log10(positive.max()))) if len(positive) else (-1, 1)
    low = max(low, high - 12)
    for name, values in gradients.items():
        steps = [step for step in sides[name] if step is not None]
        here = steps[min(place, len(steps) - 1)]
        ended = "" if len(steps) == passed else f", ended at step {len(steps) - 1}: the loss is no longer a number"
        title = f"{name}: step {here.number}, loss {here.loss:.4g}, dead units {here.dead.mean():.1%}{ended}"
        drawing(charts.heat(values, low, high, title, here.number, STEPS), key=f"g-heat-{name}")
    drawing(charts.scale(low, high), key="g-scale")


play()
lesson.source(
    "Hochreiter 1991; Bengio, Simard & Frasconi 1994; Glorot & Bengio 2010; Pascanu et al. 2013, arXiv:1211.5063"
)
