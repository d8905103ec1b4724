"""Initialization: the weights before training, and what then reaches the last layer."""

import streamlit as st

from playground import lesson

with lesson.idea(
    "Every layer multiplies the scale of its input. After twenty layers a wrong initial scale has vanished or exploded."
):
    from core.layers.initialization import INITIALIZATIONS
    from core.lessons.initialization.fan_arithmetic import draw_weight
    from core.lessons.initialization.signal_propagation import LinearStack
    from playground.initialization import code_samples, settings, text, views


@lesson.fragment
def through_layers() -> None:
    """Mean and variance of every layer, over many seeds, beside theory."""
    beside, stage = lesson.play()
    with beside:
        name, knobs = settings.choose_initialization("in_", "Xavier normal")
        stack = settings.choose_stack()
    statistics = views.signal(stack, name, knobs)
    with stage:
        views.through_layers(stack, statistics)
        st.markdown(text.verdict(name, stack, statistics))
    views.theory(stack, name, knobs)
    lesson.code(code_samples.variances(stack, name, knobs))
    is_deep_relu = name == "Normal" and stack.activation == "ReLU" and stack.depth >= 20
    lesson.challenge(
        "Keep the variance of **ReLU** layers within 10 % from each layer to the next, with **Normal** weights, 20 "
        "layers or more, and no Kaiming.",
        solved=is_deep_relu and 0.9 < statistics.factor < 1.1,
        hint="Kaiming would use a standard deviation of √(2 / fan_in). Find the standard deviation, or the standard "
        "deviation and the gain, whose product is that.",
    )
    lesson.source(f"{name}: {INITIALIZATIONS[name].paper}")


@lesson.fragment
def fans() -> None:
    """The fan arithmetic with numbers, and the weights really drawn."""
    lesson.subheader("Fan-in and fan-out")
    beside, stage = lesson.play()
    with beside:
        shape = settings.choose_layer()
        name, knobs = settings.choose_initialization("in_fs_", "Kaiming normal")
    with stage:
        views.fan_arithmetic(shape, name, draw_weight(shape, name, knobs), knobs)


@lesson.fragment
def symmetry() -> None:
    """A constant keeps all units equal."""
    lesson.subheader("Why weights must be random (symmetry breaking)")
    beside, stage = lesson.play()
    with beside:
        name, knobs = settings.choose_initialization("in_s_", "Constant")
        steps = settings.choose_steps()
    with stage:
        views.hidden_units(name, knobs, steps)


@lesson.fragment
def every_activation() -> None:
    """Every scheme with every activation."""
    lesson.subheader("Which initialization for which activation")
    views.scales(settings.choose_depth("in_t_depth"))


@lesson.fragment
def lsuv() -> None:
    """The layers scaled by what really comes out of them."""
    lesson.subheader("LSUV: let the data set the scale")
    beside, stage = lesson.play()
    with beside:
        activation = settings.choose_activation()
        depth = settings.choose_depth("in_l_depth")
    with stage:
        views.lsuv(LinearStack(activation, depth))
    lesson.source("Mishkin & Matas 2015, All you need is a good init, arXiv:1511.06422")


through_layers()
fans()
symmetry()
every_activation()
lsuv()
