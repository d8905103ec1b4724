"""A hidden kernel: recovered by hand, by least squares, and by gradient descent."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace

import numpy as np
import streamlit as st

from core.errors import PlaygroundError
from core.knobs import knobs_of
from core.lessons.kernels import hidden_kernel as lab
from core.lessons.kernels.editing import from_text, to_text
from core.lessons.kernels.filtering import NONE, ConvSettings, convolve
from core.lessons.kernels.hidden_kernel import Descent, DescentStep, Puzzle
from playground import controls, lesson, live_training
from playground.charts import pictures as drawing
from playground.charts.theme import rgb
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.grid import grid
from playground.components.image_compare import ColourScale, image_compare
from playground.kernels import code_samples, text

MINE = "r_mine"  # the visitor's kernel as text, in the session's state and in the address
SYMBOLS = "$x$ = input, $w$ = kernel, $y$ = output, $i$ = output position, $u$ = position in the kernel"
SOLVED = 1e-9  # an error that is rounding only
STEPS_PER_TICK = 8  # few enough to watch
SHOWN_PUZZLE = 101  # gradient descent learns a kernel of its own: it is shown, and must not give the puzzle away


def section() -> None:
    st.markdown("A hidden kernel was applied to this image; you only see the output. **Which kernel was it?**")
    by_hand()
    st.divider()
    st.markdown("## Let gradient descent find it")
    learn()


@lesson.fragment
def by_hand() -> None:
    """The puzzle: the output of the hidden kernel beside that of one's own."""
    left, stage = lesson.play((1, 2.1))
    with left:
        puzzle = controls.edit(Puzzle, "r_")
        mine = guess(puzzle.size)
        st.markdown("**Your kernel**: type a number, or drag a cell up or down.")
        grid(mine, "rg", "Your guess at the hidden kernel", write)
        solve = st.toggle("Solve by least squares", key="r_solve", bind=controls.LINK)
    picture, x, y = lab.input_and_output(puzzle)
    ours = convolve(x, mine[None], ConvSettings(padding=NONE))
    error, bound = lab.output_error(x, y, mine), drawing.bound_of(y)
    with stage:
        image_compare(
            rgb(y[0], bound),
            ours,
            ColourScale("signed", bound),
            alt="Left: the output of the hidden kernel; right: the output of yours; identical once you have found it.",
            names=("Hidden", "Yours"),
            key="r-stage",
        )
        difference = drawing.signed(y[0] - ours[0], bound)
        tiles = [
            drawing.Tile(picture, "Input image", "the input of the hidden kernel"),
            drawing.Tile(difference, "Hidden − yours", "the difference of the two outputs"),
        ]
        st.html(drawing.tiles(tiles, width="9rem"))
        st.markdown(f"Mean squared error: **{error:.6g}**")
        if solve:
            least_squares(puzzle, x, y)
        lesson.challenge(
            "Find the kernel: make both halves identical.",
            solved=error < SOLVED,
            hint="Apply it to **single dots**: each weight in turn meets the dot, so each dot draws the kernel itself, "
            "rotated by 180°. All weights are whole numbers from −2 to 2.",
        )


def guess(size: int) -> np.ndarray:
    """The visitor's kernel, or that of a link; zeros at first."""
    text = st.session_state.get(MINE, st.query_params.get(MINE, ""))
    with contextlib.suppress(PlaygroundError):
        if text and (kernel := from_text(text)).shape == (size, size):
            return kernel
    return np.zeros((size, size))


def write(kernel: np.ndarray) -> None:
    st.session_state[MINE] = st.query_params[MINE] = to_text(kernel)


def least_squares(puzzle: Puzzle, x: np.ndarray, y: np.ndarray) -> None:
    """Every output is an equation; the weights are the unknowns."""
    solution, rank = lab.least_squares(x, y, puzzle.size)
    unknowns = puzzle.size**2
    lesson.latex(lesson.formula_of(lab.least_squares))
    lesson.legend(SYMBOLS)
    left, right = st.columns(2)
    with left:
        st.html(drawing.weight_table(np.round(solution, 4) + 0.0, "the kernel that least squares finds"))
    with right:
        st.markdown(f"{y.size:,} equations, {unknowns} unknowns, rank **{rank}**.")
        if rank < unknowns:
            st.markdown(
                "Too little variation in this image: many kernels give the same output; this is the one with the "
                "smallest weights."
            )
        else:
            st.markdown("Only one kernel gives this output. So a kernel can be **learned** from examples.")
        st.button("Copy to my kernel", key="r_take", on_click=write, args=(np.round(solution, 6) + 0.0,))


@lesson.fragment
def learn() -> None:
    """Gradient descent: what it learns from, its optimizer, and the kernel as it changes."""
    left, stage = lesson.play((1, 2.1))
    with left:
        descent = controls.edit(Descent, "d_")
        size = controls.widget("size", knobs_of(Puzzle)["size"], "d_size")
        puzzle = Puzzle(SHOWN_PUZZLE, size)
        live_training.controls("d-run", (puzzle, descent), lambda: lab.descend(puzzle, descent), "Learn this kernel")
    with stage:
        live_training.watch("d-run", draw, at_most=STEPS_PER_TICK)
        if not live_training.has_started("d-run"):
            st.info(
                "Gradient descent sees the input and the output, never the kernel. Press **Learn this kernel**.",
                icon=":material/school:",
            )
    lesson.code(code_samples.gradient_descent(puzzle, descent))
    lesson.source(
        "Robbins & Monro 1951; Kingma & Ba 2015, arXiv:1412.6980. LeCun et al. 1989 learned kernels this way."
    )


def draw(run: live_training.LiveRun) -> None:
    puzzle, _ = run.settings
    before = DescentStep(0, math.nan, np.zeros((puzzle.size, puzzle.size)))
    now: DescentStep = run.history[-1] if run.history else before
    truth = lab.hidden_kernel(puzzle)
    left, right = st.columns(2)
    with left:
        st.markdown("Hidden kernel")
        grid(truth, "d-truth", "The hidden kernel")
    with right:
        st.markdown(f"Learned after {now.step:,} steps")
        grid(np.round(now.kernel, 6), "d-now", "The kernel learned so far")
    largest_error = float(np.abs(now.kernel - truth).max())
    st.markdown(f"Loss **{now.loss:.3e}** · largest weight error **{largest_error:.4f}**")
    losses = [math.log10(max(point.loss, 1e-14)) if math.isfinite(point.loss) else math.nan for point in run.history]
    if len(losses) > 1:
        panel = Panel("Loss (log₁₀)", [Line("loss", losses, PALETTE[0])])
        curves([point.step for point in run.history], [panel], "d-loss", x_name="step")
    if run.is_over or not math.isfinite(now.loss):
        conclude(run, now, largest_error)


def conclude(run: live_training.LiveRun, last: DescentStep, largest_error: float) -> None:
    """How the run has ended, and why."""
    puzzle, descent = run.settings
    _, x, _ = lab.input_and_output(replace(puzzle, picture=descent.picture))
    condition = lab.condition_number(x, puzzle.size)
    can_go_faster = descent.lr < float(knobs_of(Descent)["lr"].high or 1)
    kind, words = text.descent_result(last, largest_error, condition, can_go_faster)
    icons = {"diverged": ":material/trending_up:", "recovered": ":material/check_circle:"}
    (st.success if kind == "recovered" else st.warning)(words, icon=icons.get(kind, ":material/psychology:"))
