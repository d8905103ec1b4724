"""Initialization: the weights before training, and what then reaches the last layer."""

import math

from playground import controls, lesson

with lesson.idea(
    "Every layer multiplies the scale of its input. After twenty layers a wrong initial scale has vanished or exploded."
):
    from core.layers.activations import ACTIVATIONS
    from core.layers.initialization import INITIALIZATIONS
    from core.lessons.initialization.fan_arithmetic import LayerShape
    from core.lessons.initialization.signal_propagation import DEPTH_KNOB, LinearStack
    from core.lessons.initialization.symmetry import STEPS_KNOB
    from playground.initialization import code_samples, text, views


@lesson.fragment
def through_layers() -> None:
    beside, stage = lesson.play()
    with beside:
        name, knobs = views.choose_initialization("in_", "Xavier normal")
        stack = controls.edit(LinearStack, "in_")
    statistics = views.signal(stack, name, knobs)
    with stage:
        views.through_layers(stack, name, statistics)
    views.theory(stack, name, knobs)
    lesson.code(code_samples.variances(stack, name, knobs, has_factor=not math.isnan(statistics.factor)))
    is_deep_relu = name == "Normal" and stack.activation == "ReLU" and stack.depth >= 20
    lesson.challenge(text.CHALLENGE, solved=is_deep_relu and 0.9 < statistics.factor < 1.1, hint=text.HINT)
    lesson.source(f"{name}: {INITIALIZATIONS[name].paper}")


@lesson.fragment
def fans() -> None:
    beside, stage = lesson.play(title="Fan-in and fan-out")
    with beside:
        shape = controls.edit(LayerShape, "in_f_")
        name, knobs = views.choose_initialization("in_fs_", "Kaiming normal")
    with stage:
        views.fan_arithmetic(shape, name, knobs)


@lesson.fragment
def symmetry() -> None:
    beside, stage = lesson.play(title="Why weights must be random (symmetry breaking)")
    with beside:
        name, knobs = views.choose_initialization("in_s_", "Constant")
        steps = controls.widget("steps", STEPS_KNOB, "in_s_steps")
    with stage:
        views.hidden_units(name, knobs, steps)


@lesson.fragment
def every_activation() -> None:
    lesson.subheader("Which initialization for which activation")
    views.scales(controls.widget("depth", DEPTH_KNOB, "in_t_depth"))


@lesson.fragment
def lsuv() -> None:
    beside, stage = lesson.play(title="LSUV: let the data set the scale")
    with beside:
        activation = controls.pick("Activation", tuple(ACTIVATIONS), "in_l_act", default="GELU")
        depth = controls.widget("depth", DEPTH_KNOB, "in_l_depth")
    with stage:
        views.lsuv(LinearStack(activation, depth))
    lesson.source("Mishkin & Matas 2015, All you need is a good init, arXiv:1511.06422")


through_layers()
fans()
symmetry()
every_activation()
lsuv()
