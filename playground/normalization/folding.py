"""A batch norm merged into the convolution before it: the same answers from fewer layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from core.knobs import Knob
from core.lessons.normalization.effects import folding as lab
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import CLASSIC, ORDERS, PLAIN, Net
from playground import controls, lesson
from playground.charts import normalization as charts
from playground.components.formula import maths
from playground.components.inline_svg import drawing
from playground.normalization.placement import written

NORM_ORDERS = tuple(order for order in ORDERS if order != PLAIN)
CODE = """\
import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval
from core.lessons.normalization.effects.folding import folded
from core.lessons.normalization.effects.network import Net, split, trained

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
    with stage, lesson.friendly():
        found = folding(net, seed, steps)
        st.markdown(found.tables)
        with st.container(horizontal=True):
            for text, label in zip(
                found.texts, ("Open it with batch norms in the calculator", "Open it folded"), strict=True
            ):
                lesson.open_in_calculator(text, (1, nets.SIDE, nets.SIDE), label=label)
        look(net, seed, steps, found)
    lesson.challenge(
        "Find the other order whose batch norms fold as well.",
        solved=net.norm == "Batch" and net.order != CLASSIC and ORDERS[net.order].folds,
        hint="What comes right after the convolution?",
    )
    lesson.source(
        "Jacob et al. 2018, Quantization and Training of Neural Networks, arXiv:1712.05877, section 3.2; PyTorch: "
        "`torch.nn.utils.fusion.fuse_conv_bn_eval`."
    )


@dataclass(frozen=True)
class Folding:
    """A network beside its folded copy: both tables, both texts, and of each block what one looks at."""

    tables: str
    texts: tuple[str, str]
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Block:
    """Kernels of the first input channel (C, 3, 3) before and after; by channel what the formulas have in them."""

    before: np.ndarray
    after: np.ndarray
    values: tuple[dict[str, float], ...]


@st.cache_data(max_entries=100, show_spinner="Training a small network ...")
def folding(net: Net, seed: int, steps: int) -> Folding:
    """Train, fold, compare: numbers and text only, which are had from the cache without building a network.

    Raises: PlaygroundError for what does not fold.
    """
    lab.folded(nets.build(net, seed))  # what does not fold is refused before anybody waits for a training
    network = nets.trained(net, seed, steps)
    merged = lab.folded(network)
    tables = f"{answers(network)}\n\n{costs(lab.cost(network), lab.cost(merged))}"
    blocks = (noted(*pair) for pair in zip(network[: net.depth], merged[: net.depth], strict=True))
    return Folding(tables, (str(network), str(merged)), tuple(blocks))


def noted(before: torch.nn.Sequential, after: torch.nn.Sequential) -> Block:
    norm = before.norm
    columns = {
        "gamma": norm.weight, "beta": norm.bias, "mean": norm.running_mean, "variance": norm.running_var,
        "factor": lab.factor(norm), "bias": before.conv.bias, "folded": after.conv.bias,
    }  # fmt: skip
    values = tuple({"eps": norm.eps, **{k: v[c].item() for k, v in columns.items()}} for c in range(nets.WIDTH))
    kernels = (part.conv.weight.detach()[:, 0].numpy() for part in (before, after))
    return Block(*kernels, values)


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


@st.fragment
def look(net: Net, seed: int, steps: int, found: Folding) -> None:
    """One block's kernels, one channel's arithmetic, and the lines that give both."""
    left, right = st.columns(2, gap="medium")
    with left:
        block = controls.widget("block", Knob(1, 1, net.depth, label="block to look at"), "nf_block")
    with right:
        channel = controls.widget("channel", Knob(0, 0, nets.WIDTH - 1, label="channel"), "nf_channel")
    one = found.blocks[block - 1]
    drawing(charts.kernels(one.before, one.after), key="nf-kernels")
    maths(arithmetic(channel, **one.values[channel]), key="nf-arithmetic")
    lesson.code(CODE.format(net=written(net), seed=seed, steps=steps, block=block - 1))


def arithmetic(
    channel: int, gamma: float, beta: float, mean: float, variance: float, eps: float, factor: float, bias: float,
    folded: float,
) -> str:  # fmt: skip
    """The factor of one channel and its new bias, with their numbers (LaTeX)."""
    root = rf"\sqrt{{{fixed(variance, 8)} + {eps:.5f}}}"
    first = rf"a_{{{channel}}} &= \frac{{{fixed(gamma, 8)}}}{{{root}}} \approx {fixed(factor)}"
    sum_of = rf"{fixed(factor)} \cdot ({fixed(bias)} - {bracketed(mean)}) + {bracketed(beta)}"
    second = rf"b'_{{{channel}}} &= {sum_of} \approx {fixed(folded, 4)}"
    return rf"\begin{{aligned}} {first} \\[8pt] {second} \end{{aligned}}"


def bracketed(value: float) -> str:
    """In brackets where its sign would be misread."""
    text = fixed(value)
    return f"({text})" if text.startswith("-") else text


def fixed(value: float, places: int = 6) -> str:
    """That many decimals, and no negative zero."""
    return f"{round(value, places) + 0.0:.{places}f}"
