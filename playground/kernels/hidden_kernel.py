"""A kernel that nobody shows: found by hand, by algebra, and by gradient descent."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from core.knobs import knobs_of
from core.lessons.kernels import hidden_kernel as lab
from core.lessons.kernels.editing import from_text, to_text
from core.lessons.kernels.filtering import NONE, Sweep, convolve
from core.lessons.kernels.hidden_kernel import Descent, Moment, Riddle
from playground import controls, lesson, live_training
from playground.charts import pictures as drawing
from playground.charts.theme import rgb
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.grid import grid
from playground.components.image_compare import View, compare

FOUND = 1e-9  # a misfit that only rounding leaves
STEPS_A_TICK = 8  # few enough to watch
OTHER = 101  # the kernel that is learnt is not the riddle's: it is shown


def section() -> None:
    """The riddle by hand and by algebra, then the same learnt."""
    st.markdown("Somebody laid a kernel over a picture and shows you only what came out. **Which kernel was it?**")
    by_hand()
    st.divider()
    st.markdown("##### Let gradient descent find it")
    learn()


@st.fragment
def by_hand() -> None:
    """The riddle: the answer one was given against one's own."""
    beside, stage = lesson.play((1, 2.1))
    with beside:
        riddle = controls.edit(Riddle, "r_")
        mine = guess(riddle.size)
        st.markdown("**Your kernel**: type, or drag a cell up and down.")
        grid(mine, "rg", "Your guess at the hidden kernel", write)
        solve = st.toggle("Solve it by least squares", key="r_solve")
    picture, x, y = lab.given(riddle)
    ours = convolve(x, mine[None], Sweep(padding=NONE))
    error, bound = lab.misfit(x, y, mine), drawing.bound_of(y)
    with stage:
        compare(
            rgb(y[0], bound),
            ours,
            View("signed", bound),
            alt="Left, what the hidden kernel answered; right, what yours answers: alike once you have found it.",
            names=("hidden", "yours"),
            key="r-stage",
        )
        st.html(
            drawing.tiles(
                [
                    drawing.Tile(picture, "the picture it was laid over", "the picture under the hidden kernel"),
                    drawing.Tile(drawing.signed(y[0] - ours[0], bound), "hidden less yours", "the difference"),
                ],
                width="9rem",
            )
        )
        st.markdown(f"Mean squared error: **{error:.6g}**")
        if solve:
            solved_by_algebra(riddle, x, y)
        lesson.challenge(
            "Find the kernel: make the curtain disappear.",
            solved=error < FOUND,
            hint="Lay it over **lone dots**: each weight in turn meets the dot, so a dot draws the kernel itself, "
            "turned by half a turn. All weights are whole numbers from −2 to 2.",
        )


def guess(size: int) -> np.ndarray:
    """The kernel in one's hands, zeros at first."""
    held = st.session_state.get("r_mine")
    return from_text(held) if held and from_text(held).shape == (size, size) else np.zeros((size, size))


def write(kernel: np.ndarray) -> None:
    st.session_state["r_mine"] = to_text(kernel)


def solved_by_algebra(riddle: Riddle, x: np.ndarray, y: np.ndarray) -> None:
    """Every place of the picture is an equation; the weights are the unknowns."""
    found, rank = lab.least_squares(x, y, riddle.size)
    unknowns = riddle.size**2
    st.latex(lesson.formula_of(lab.least_squares))
    left, right = st.columns(2)
    with left:
        st.html(drawing.weight_table(np.round(found, 4) + 0.0, "the kernel that least squares finds"))
    with right:
        st.markdown(f"{y.size:,} equations, {unknowns} unknowns, rank **{rank}**.")
        if rank < unknowns:
            st.markdown(
                "Too little happens in this picture: many kernels give this very answer, and this is the smallest."
            )
        else:
            st.markdown("One kernel only gives this answer. So a kernel can be **learnt** from examples.")
        st.button("Put it in my grid", key="r_take", on_click=write, args=(np.round(found, 6) + 0.0,))


@st.fragment
def learn() -> None:
    """The race: what it learns from, how it moves, and the kernel moving."""
    beside, stage = lesson.play((1, 2.1))
    with beside:
        descent = controls.edit(Descent, "d_")
        size = controls.widget("size", knobs_of(Riddle)["size"], "d_size")
        riddle = Riddle(OTHER, size)
        live_training.controls("d-race", (riddle, descent), lambda: lab.descend(riddle, descent), "Learn this kernel")
    with stage:
        live_training.watch("d-race", draw, at_most=STEPS_A_TICK)
        if "race:d-race" not in st.session_state:
            st.info(
                "It sees the picture and the answer, never the kernel. Press **Learn this kernel**.",
                icon=":material/school:",
            )
    with st.expander("The loop in PyTorch", icon=":material/code:"):
        st.code(loop(riddle, descent), language="python")
    lesson.source("Robbins & Monro 1951; Kingma & Ba 2015, arXiv:1412.6980. LeCun et al. 1989 learnt kernels so.")


def draw(run: live_training.Race) -> None:
    """The hidden kernel, the learnt one, and the loss so far."""
    riddle, _ = run.asked
    now: Moment = run.moments[-1] if run.moments else Moment(0, float("nan"), np.zeros((riddle.size, riddle.size)))
    truth = lab.hidden_kernel(riddle)
    left, right = st.columns(2)
    with left:
        st.markdown("hidden")
        grid(truth, "d-truth", "The hidden kernel")
    with right:
        st.markdown(f"after {now.step:,} steps")
        grid(np.round(now.kernel, 6), "d-now", "The kernel as learnt so far")
    off = float(np.abs(now.kernel - truth).max())
    st.markdown(f"Loss **{now.loss:.3e}** · farthest weight is off by **{off:.4f}**")
    losses = [math.log10(max(moment.loss, 1e-14)) if math.isfinite(moment.loss) else math.nan for moment in run.moments]
    if len(losses) > 1:
        panel = Panel("log₁₀ of the loss", [Line("loss", losses, PALETTE[0])])
        curves([moment.step for moment in run.moments], [panel], "d-loss", x_name="step")
    if not math.isfinite(now.loss):
        st.warning(
            "The steps were too long and the loss ran away: lower the learning rate.", icon=":material/trending_up:"
        )
    elif run.over and off < 0.01:
        st.success("Found: a picture and its answer were enough.", icon=":material/check_circle:")
    elif run.over:
        st.warning(
            "Small loss, wrong kernel: in this picture neighbouring pixels are so alike that quite another kernel "
            "answers nearly the same. More varied pictures, or another optimizer, tell them apart.",
            icon=":material/psychology:",
        )


def loop(riddle: Riddle, descent: Descent) -> str:
    """The race as a program; leaves the learnt kernel in `weight` (1, 1, k, k)."""
    optimizer = lab.CODE[descent.optimizer].format(lr=descent.lr)
    return LOOP.format(number=riddle.number, size=riddle.size, picture=descent.picture, optimizer=optimizer)


LOOP = """\
import torch
from torch.nn import functional as F

from core.lessons.kernels.hidden_kernel import Riddle, given

_, x, y = given(Riddle({number}, {size}, "{picture}"))  # the picture, and what the hidden kernel made of it
x, y = torch.from_numpy(x)[None], torch.from_numpy(y)[None]

weight = 0.1 * torch.randn(1, 1, {size}, {size}, generator=torch.Generator().manual_seed({number}))
weight.requires_grad_()
optimizer = {optimizer}
for step in range(3000):
    loss = F.mse_loss(F.conv2d(x, weight), y)
    if loss < 1e-10:
        break
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(step, loss.item(), weight.data)
"""
