"""A batch norm merged into the convolution before it: the same answers from fewer layers."""

from __future__ import annotations

import streamlit as st
import torch

from core.knobs import Knob
from core.labs.normalization.effects import folding as lab
from core.labs.normalization.effects import network as nets
from core.labs.normalization.effects.network import CLASSIC, ORDERS, PLAIN, Net
from playground import controls, lesson
from playground.charts import normalization as charts
from playground.components.drawing import drawing
from playground.normalization.placement import written

trained = st.cache_data(nets.trained, max_entries=40, show_spinner="Training a small network ...")
NORM_ORDERS = tuple(order for order in ORDERS if order != PLAIN)
CODE = """\
import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval
from core.labs.normalization.effects.folding import folded
from core.labs.normalization.effects.network import Net, split, trained

network = trained({net}, seed={seed}, steps={steps}).eval()
merged = folded(network)
x, _ = split()["held out"]
with torch.no_grad():
    difference = (network(x) - merged(x)).abs().max()
block = network[{block}]
fused = fuse_conv_bn_eval(block.conv, block.norm)  # PyTorch's own, for one block
w = merged[{block}].conv.weight"""


@st.fragment
def section() -> None:
    """A trained network, its folded copy, what differs and what is saved."""
    st.markdown(
        "In `eval()` a batch norm is one multiplication and one addition a channel. The convolution before it can do "
        "both, once and for all, in its own weights."
    )
    beside, stage = lesson.play()
    with beside:
        net = Net(
            order=controls.widget("order", Knob(CLASSIC, choices=NORM_ORDERS, label="order"), "nf_order"),
            norm=controls.widget("norm", Knob("Batch", choices=("Batch", "Group"), label="normalization"), "nf_norm"),
            depth=controls.widget("depth", Knob(4, 2, 8, label="depth", help="Blocks."), "nf_depth"),
        )
        steps = controls.widget("steps", Knob(40, 0, 100, step=20, label="steps of training before"), "nf_steps")
        seed = controls.widget("seed", Knob(0, 0, 20, label="seed"), "nf_seed")
        block = controls.widget("block", Knob(1, 1, net.depth, label="block to look at"), "nf_block")
        channel = controls.widget("channel", Knob(0, 0, nets.WIDTH - 1, label="channel"), "nf_channel")
    network = trained(net, seed, steps)
    with stage, lesson.friendly():
        merged = lab.folded(network)
        for table in compared(net, seed, steps):
            st.markdown(table)
        with st.container(horizontal=True):
            for one, label in ((network, "Open it with batch norms in the calculator"), (merged, "Open it folded")):
                lesson.open_in_calculator(str(one), (1, nets.SIDE, nets.SIDE), label=label)
        look(network[block - 1], merged[block - 1], channel)
        lesson.code(CODE.format(net=written(net), seed=seed, steps=steps, block=block - 1))
    lesson.challenge(
        "Find the other order whose batch norms fold as well.",
        solved=net.norm == "Batch" and net.order != CLASSIC and ORDERS[net.order].folds,
        hint="What comes right after the convolution?",
    )
    lesson.source(
        "Jacob et al. 2018, Quantization and Training of Neural Networks, arXiv:1712.05877, section 3.2; PyTorch: "
        "`torch.nn.utils.fusion.fuse_conv_bn_eval`."
    )


@st.cache_data(max_entries=100, show_spinner=False)
def compared(net: Net, seed: int, steps: int) -> tuple[str, str]:
    """Both tables: what differs, and what is saved."""
    network = trained(net, seed, steps)
    return answers(network), costs(lab.cost(network), lab.cost(lab.folded(network)))


def answers(network: torch.nn.Sequential) -> str:
    """The largest difference, in both precisions."""
    rows = ["| | largest difference of any answer | largest answer | digits named alike |", "|---|---:|---:|---:|"]
    for name, dtype in (("float32", torch.float32), ("float64", torch.float64)):
        found = lab.compare(network, dtype)
        rows.append(f"| {name} | {found.difference:.3g} | {found.largest:.4g} | {found.alike} of {found.of} |")
    return "\n".join(rows)


def costs(before: lab.Cost, after: lab.Cost) -> str:
    """What the calculator counts, before and after."""
    rows = ["| one digit, in `eval()` | with batch norms | folded | saved |", "|---|---:|---:|---:|"]
    for title, name in (
        ("layers that run", "calls"),
        ("parameters", "params"),
        ("multiply-adds of convolutions and linear layers", "macs"),
        ("multiply-adds of batch norms, one a value", "cells"),
        ("bytes that the layers write", "output_bytes"),
        ("bytes at the peak", "peak_bytes"),
    ):
        one, two = getattr(before, name), getattr(after, name)
        rows.append(f"| {title} | {one:,} | {two:,} | {one - two:,} |")
    return "\n".join(rows)


def look(before: torch.nn.Sequential, after: torch.nn.Sequential, channel: int) -> None:
    """One block's kernels, and one channel's arithmetic."""
    kernels = [part.conv.weight.detach()[:, 0].numpy() for part in (before, after)]
    drawing(charts.kernels(*kernels), key="nf-kernels")
    norm = before.norm
    gamma, beta, mean, variance = (
        one[channel].item() for one in (norm.weight, norm.bias, norm.running_mean, norm.running_var)
    )
    factor, bias = lab.factor(norm)[channel].item(), before.conv.bias[channel].item()
    root = rf"\sqrt{{{fixed(variance, 8)} + {norm.eps:.5f}}}"
    st.latex(rf"a_{{{channel}}} = \frac{{{fixed(gamma, 8)}}}{{{root}}} \approx {fixed(factor)}")
    sum_of = rf"{fixed(factor)} \cdot ({fixed(bias)} - ({fixed(mean)})) + ({fixed(beta)})"
    st.latex(rf"b'_{{{channel}}} = {sum_of} \approx {fixed(after.conv.bias[channel].item(), 4)}")


def fixed(value: float, places: int = 6) -> str:
    """That many decimals, and no negative zero."""
    return f"{round(value, places) + 0.0:.{places}f}"
