"""The maps of each method after the weights were shuffled: one that stays does not look at the network."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.errors import PlaygroundError
from core.explain import METHODS, SanityCheck, rank_correlation, sanity_check
from core.lessons.inspect_network import Subject
from playground import lesson, markup
from playground.charts.pictures import bound_of
from playground.components.heatmap_overlay import MappedImage, overlay
from playground.inspect_network import subject_cache
from playground.inspect_network.why import text
from playground.inspect_network.why.settings import WhySettings, none_chosen

SIDE, DRAWS = 132, 3
LAST, ALL = "ρ, last layer shuffled", "ρ, all layers shuffled"
COLUMNS = dict.fromkeys((LAST, ALL), st.column_config.NumberColumn(format="%.2f"))


def show(subject: Subject, chosen: WhySettings) -> None:
    """Three maps of each method: of the network as it is, with its last layer shuffled, with all layers shuffled."""
    if none_chosen(chosen.methods):
        return
    st.markdown(
        "The values of the last layer's weights, then of all layers, are shuffled: what the network learned is lost. "
        "An explanation of the network has to change; one that stays explains the image alone."
    )
    results = {name: checked(subject, name, chosen.layer, chosen.label) for name in chosen.methods}
    checks = {name: one for name, one in results.items() if isinstance(one, SanityCheck)}
    if checks:
        st.markdown(text.sanity(checks))
        st.dataframe(
            table(checks),
            hide_index=True,
            height="auto",
            alt="Rank correlations, a row for each method.",
            column_config=COLUMNS,
        )
        image = markup.data_uri(subject.pixels_HWC)
        mapped = [one for name, check in checks.items() for one in _row(image, name, check)]
        overlay(mapped, key="why-shuffled", side=SIDE, columns=3)
    for name, reason in results.items():
        if isinstance(reason, str):
            st.caption(f"**{name}**: {reason}")
    lesson.latex(lesson.formula_of(rank_correlation))
    lesson.legend(r"$\rho$ = rank correlation of two maps, $R_1$, $R_2$ = the ranks of their cells")
    lesson.source(
        "Adebayo et al. 2018, arXiv:1810.03292; there the weights are drawn anew. The correlations are means of "
        f"{DRAWS} shuffles; those of gradient maps compare sizes without signs."
    )


@subject_cache.cached(256, own=16, show_spinner="Shuffling the weights …")
def checked(subject: Subject, method: str, layer: str, label: int) -> SanityCheck | str:
    """The check of one method, or the reason why there is none."""
    layer = layer if METHODS[method].takes_layer else ""
    try:
        return sanity_check(METHODS[method], subject.model, layer, subject.x_BCHW, label, DRAWS)
    except PlaygroundError as error:
        return str(error)


def table(checks: dict[str, SanityCheck]) -> pd.DataFrame:
    """A row a method, the one that changes least with the last layer first; rounded to what is shown."""
    rows = [(name, *(_rounded(value) for value in (one.last_layer, one.all_layers))) for name, one in checks.items()]
    rows.sort(key=lambda row: -2 if row[1] is None else row[1], reverse=True)
    return pd.DataFrame(rows, columns=["Method", LAST, ALL])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2) + 0


def _row(image: str, name: str, check: SanityCheck) -> list[MappedImage]:
    maps = {
        f"{name}": check.trained,
        f"{name}, last layer shuffled: {text.correlation(check.last_layer)}": check.last_layer_map,
        f"{name}, all layers shuffled: {text.correlation(check.all_layers)}": check.all_layers_map,
    }
    return [MappedImage(image, title, one.numpy(), bound=bound_of(one.numpy())) for title, one in maps.items()]
