"""Activations: how each bends the line, and how much gradient it passes back."""

from playground import controls, lesson, live_training

with lesson.idea(
    "An activation function bends the straight line. Its slope decides how much gradient flows back through it."
):
    from core.layers.activations import ACTIVATIONS
    from core.lessons.activations import fit
    from playground.activations import code_samples, settings, text, views


@lesson.fragment
def compare() -> None:
    beside, stage = lesson.play()
    with beside:
        reach = controls.widget("range", settings.RANGE, "ac_reach")
        chosen = settings.choose_activations()
    if not chosen:
        stage.info("Choose at least one activation.")
        return
    shown = {name: views.curve(name, knobs, reach) for name, knobs in chosen.items()}
    with stage:
        views.compare(chosen, shown)
    lesson.latex(text.formulas(chosen))
    lesson.legend(text.symbols(chosen))
    name = next(iter(chosen))
    lesson.code(code_samples.curve(name, chosen[name], shown[name]), f"{name} in PyTorch")
    lesson.challenge(
        "Which activations never pass more than a quarter of the gradient? Select only those.",
        solved=set(shown) == views.gentle(),
        hint="Look at the table: the maximum slope must be at most 0.25 for every x.",
    )
    lesson.source("; ".join(f"{name}: {ACTIVATIONS[name].paper}" for name in chosen))


@lesson.fragment
def batch() -> None:
    beside, stage = lesson.play(title="Effect on a batch")
    with beside:
        chosen = settings.choose_batch()
    with stage:
        views.batch(*chosen)


@lesson.fragment
def learnable() -> None:
    beside, stage = lesson.play(title="Learnable activations")
    with beside:
        chosen = controls.edit(settings.FitSettings, "ac_l_")
        run = (chosen.name, chosen.goal, chosen.learning_rate, chosen.seed)
        live_training.controls("ac-fit", chosen, lambda: fit(*run))
    with stage:
        if not live_training.has_started("ac-fit"):
            views.fit(chosen, next(fit(*run)))
        live_training.watch("ac-fit", lambda one: views.fit(one.settings, one.history[-1]), at_most=8)


@lesson.fragment
def one_matrix() -> None:
    beside, stage = lesson.play(title="Without activations, depth is useless")
    with beside:
        chosen = settings.choose_depth()
    with stage:
        views.one_matrix(*chosen)


@lesson.fragment
def sixteen_bits() -> None:
    beside, stage = lesson.play(title="Activations in 16-bit precision")
    with beside:
        reach = controls.widget("inputs", settings.INPUT_RANGE, "ac_bits")
    with stage:
        views.sixteen_bits(reach)


compare()
batch()
learnable()
one_matrix()
sixteen_bits()
