"""Batch normalization merged into the convolution before it: the same outputs from fewer layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from core.knobs import Knob
from core.lessons.normalization.effects import code_samples
from core.lessons.normalization.effects import folding as lab
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.network import CLASSIC, ORDERS, PLAIN, BlockNet
from playground import computation_gate, controls, lesson
from playground.charts import normalization as charts
from playground.components.formula import formula
from playground.components.inline_svg import inline_svg
from playground.markup import table

KNOBS = {
    "order": Knob(CLASSIC, choices=tuple(order for order in ORDERS if order != PLAIN), label="Order"),
    "norm": Knob("Batch", choices=("Batch", "Group"), label="Normalization"),
    "depth": Knob(4, 2, 8, label="Depth", help="Number of blocks."),
}
COSTS = {
    "layers that run": "calls",
    "parameters": "params",
    "MACs of convolutions and linear layers": "macs",
    "MACs of batch norms, one per value": "cells",
    "bytes written by all layers": "output_bytes",
    "peak memory in bytes": "peak_bytes",
}


@lesson.fragment
def section() -> None:
    st.markdown(
        "In `eval()`, batch norm multiplies each value by one constant of its channel and adds another, which can be "
        "merged into the weights and the bias of the preceding convolution."
    )
    beside, stage = lesson.play()
    with beside:
        net = BlockNet(**{name: controls.widget(name, knob, f"nf_{name}") for name, knob in KNOBS.items()})
        steps = controls.widget("steps", Knob(40, 0, 100, step=20, label="Training steps before"), "nf_steps")
        seed = controls.widget("seed", Knob(0, 0, 20, label="Seed"), "nf_seed")
    with stage, lesson.friendly():
        result = folding(net, seed, steps)
        st.markdown(result.tables)
        with st.container(horizontal=True):
            for text, how in zip(result.texts, ("with batch norm", "folded"), strict=True):
                label = f"Open it {how} in the calculator"
                lesson.open_in_calculator(text, (1, nets.SIDE, nets.SIDE), label=label)
        block_details(net, seed, steps, result)
    lesson.challenge(
        "Find the other order in which batch norm can be folded too.",
        solved=net.norm == "Batch" and net.order != CLASSIC and ORDERS[net.order].folds,
        hint="What comes directly after the convolution?",
    )
    lesson.source(
        "Jacob et al. 2018, Quantization and Training of Neural Networks, arXiv:1712.05877, section 3.2; PyTorch: "
        "`torch.nn.utils.fusion.fuse_conv_bn_eval`."
    )


@dataclass(frozen=True)
class FoldingResult:
    """A network and its folded copy: tables, both texts, and the details of each block."""

    tables: str
    texts: tuple[str, str]
    blocks: tuple[FoldedBlock, ...]


@dataclass(frozen=True)
class FoldedBlock:
    """Kernels of the first input channel (C, 3, 3) before and after; per channel the numbers of the formulas."""

    before: np.ndarray
    after: np.ndarray
    values: tuple[dict[str, float], ...]


@computation_gate.cached(100, "Training a small network …")
def folding(net: BlockNet, seed: int, steps: int) -> FoldingResult:
    """Train, fold and compare: numbers and text only, so that the cache holds no networks.

    Raises: PlaygroundError if it cannot be folded.
    """
    lab.folded(nets.build_network(net, seed))  # refuses before the training what cannot be folded
    network = nets.trained(net, seed, steps)
    folded_network = lab.folded(network)
    tables = f"{output_difference(network)}\n\n{costs(lab.cost(network), lab.cost(folded_network))}"
    blocks = (folded_block(*pair) for pair in zip(network[: net.depth], folded_network[: net.depth], strict=True))
    return FoldingResult(tables, (str(network), str(folded_network)), tuple(blocks))


def folded_block(before: torch.nn.Sequential, after: torch.nn.Sequential) -> FoldedBlock:
    norm = before.norm
    columns = {
        "gamma": norm.weight, "beta": norm.bias, "mean": norm.running_mean, "variance": norm.running_var,
        "factor": lab.factor(norm), "bias": before.conv.bias, "folded": after.conv.bias,
    }  # fmt: skip
    values = tuple({"eps": norm.eps, **{k: v[c].item() for k, v in columns.items()}} for c in range(nets.WIDTH))
    kernels = (part.conv.weight.detach()[:, 0].numpy() for part in (before, after))
    return FoldedBlock(*kernels, values)


def output_difference(network: torch.nn.Sequential) -> str:
    """The largest difference, in both precisions."""
    rows = []
    for name, dtype in (("float32", torch.float32), ("float64", torch.float64)):
        result = lab.compare(network, dtype)
        same = f"{result.same_predictions} of {result.images} digits"
        rows.append((name, f"{result.difference:.3g}", f"{result.largest:.4g}", same))
    return table(("", "largest output difference", "largest output", "same prediction"), rows, "->>>")


def costs(before: lab.InferenceCost, after: lab.InferenceCost) -> str:
    """The costs by the calculator, before and after."""
    pairs = {title: (getattr(before, name), getattr(after, name)) for title, name in COSTS.items()}
    rows = ((title, f"{old:,}", f"{new:,}", f"{old - new:,}") for title, (old, new) in pairs.items())
    return table(("One image, in `eval()`", "With batch norm", "Folded", "Saved"), rows, "->>>")


@lesson.fragment
def block_details(net: BlockNet, seed: int, steps: int, result: FoldingResult) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        block = controls.widget("block", Knob(1, 1, net.depth, label="Block"), "nf_block")
    with right:
        channel = controls.widget("channel", Knob(0, 0, nets.WIDTH - 1, label="Channel"), "nf_channel")
    selected = result.blocks[block - 1]
    inline_svg(charts.kernels(selected.before, selected.after), key="nf-kernels")
    formula(arithmetic(channel, **selected.values[channel]), key="nf-arithmetic")
    lesson.legend(
        r"$a$ = factor of the channel: its kernels become $w' = a\,w$, its bias $b$ becomes $b'$; $\gamma, \beta$ = "
        r"weight and bias of the batch norm, $\hat\mu, \hat\sigma^2$ = running mean and variance, $\epsilon$ = a small "
        r"constant"
    )
    lesson.code(code_samples.folding_code(net, seed, steps, block, channel))


def arithmetic(
    channel: int, gamma: float, beta: float, mean: float, variance: float, eps: float, factor: float, bias: float,
    folded: float,
) -> str:  # fmt: skip
    """The factor and the new bias of one channel, with their numbers (LaTeX)."""
    root = rf"\sqrt{{{fixed(variance, 8)} + {eps:.5f}}}"
    symbols = r"\frac{\gamma}{\sqrt{\hat\sigma^2 + \epsilon}}"
    first = rf"a_{{{channel}}} &= {symbols} = \frac{{{fixed(gamma, 8)}}}{{{root}}} \approx {fixed(factor)}"
    products = rf"{fixed(factor)} \cdot ({fixed(bias)} - {bracketed(mean)}) + {bracketed(beta)}"
    second = rf"b'_{{{channel}}} &= a\,(b - \hat\mu) + \beta \\ &= {products} \approx {fixed(folded, 4)}"
    return rf"\begin{{aligned}} {first} \\[8pt] {second} \end{{aligned}}"


def bracketed(value: float) -> str:
    """In brackets where its sign would be misread."""
    text = fixed(value)
    return f"({text})" if text.startswith("-") else text


def fixed(value: float, decimals: int = 6) -> str:
    """That many decimals, and no negative zero."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}"
