"""What the tab draws: the growing field on the image with the effective one beside it, a table, the cone of a stack."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.explain import EffectiveField
from core.lessons.inspect_network import receptive_field as fields
from core.lessons.inspect_network.receptive_field import GrowthStep, StackSettings
from core.lessons.inspect_network.subject import Subject
from playground.calculator.tabs.receptive_field import table as theory_table
from playground.charts import receptive_field as charts
from playground.charts.pictures import thumbnail
from playground.components.inline_svg import inline_svg
from playground.components.receptive_field import EffectiveMap, field
from playground.inspect_network import subject_cache
from playground.inspect_network.receptive_field.text import HALF, NEARLY_ALL
from playground.markup import data_uri

FINEST = 112  # cells a side of a drawn influence; finer ones are added up to it


@subject_cache.cached(8, show_spinner="Measuring receptive fields …")
def steps(subject: Subject) -> tuple[GrowthStep, ...]:
    """The layers at which the subject's field grows, each with the effective field on its image."""
    return fields.growth(subject.model, subject.x_BCHW)


@subject_cache.cached(8)
def effective_maps(subject: Subject) -> list[EffectiveMap | None]:
    """What is drawn of the effective field of each of these layers."""
    return [None if step.effective is None else _drawn(step.effective) for step in steps(subject)]


def _drawn(one: EffectiveField) -> EffectiveMap:
    influence = coarse(one.influence.numpy())
    image = data_uri(thumbnail(influence, float(influence.max())))
    return EffectiveMap(image, one.window, one.side_holding(HALF), one.side_holding(NEARLY_ALL))


def coarse(influence_HW: np.ndarray) -> np.ndarray:
    """Influence on at most `FINEST` cells a side, where equal blocks of pixels to add up cover the image exactly."""
    height, width = influence_HW.shape
    least = -(-max(height, width) // FINEST)
    block = next((size for size in range(least, 3 * least) if height % size == width % size == 0), 1)
    return influence_HW.reshape(height // block, block, width // block, block).sum((1, 3))


def sides(subject: Subject) -> tuple[int, int]:
    """Height and width of the network's input."""
    height, width = subject.x_BCHW.shape[2:]
    return height, width


def grow(subject: Subject, growing: Sequence[GrowthStep]) -> None:
    """The frame on the image that grows from layer to layer, and the influence of each pixel beside it."""
    alt = "The image with the receptive field of one cell framed."
    named = [(step.name, step.field) for step in growing]
    field(subject.pixels_HWC, sides(subject), named, alt, "rf_field", effective_maps(subject))


def table(growing: Sequence[GrowthStep]) -> None:
    """Size, jump and start of each layer in theory, and the squares that hold half and 95 % of the influence."""
    rows = theory_table([(step.name, step.field) for step in growing])
    for title, share in (("Half within", HALF), ("95 % within", NEARLY_ALL)):
        rows[title] = pd.Series([side_text(step.effective, share) for step in growing])
    alt = "Theoretical and effective receptive field of each layer."
    st.dataframe(rows, hide_index=True, height=min(38 + 35 * len(growing), 380), alt=alt)


def side_text(one: EffectiveField | None, share: float) -> str:
    """The side of the square that holds a share of the influence; a dash for an inactive cell."""
    return "–" if one is None else str(one.side_holding(share))


def stack(settings: StackSettings) -> None:
    """The cone of cells that one output cell reads."""
    sizes = [(1, 1), *((one.size, one.jump) for one in settings.fields)]
    rows = fields.cells_read(settings)
    inline_svg(charts.cone(rows, sizes, settings.kernel, settings.stride, settings.dilation), key="rf-cone")


def stack_numbers(settings: StackSettings) -> list[str]:
    """The size behind each layer with its numbers (LaTeX)."""
    below = [(1, 1), *((one.size, one.jump) for one in settings.fields[:-1])]
    k, d = settings.kernel, settings.dilation
    return [
        rf"r_{number} = {size} + {d} \cdot {k - 1} \cdot {jump} = {field.size}"
        for number, ((size, jump), field) in enumerate(zip(below, settings.fields, strict=True), 1)
    ]
