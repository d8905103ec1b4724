"""What was found while the files were opened: left out, twice in it, too small; and what the famous rule would do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core.datasets import CleaningReport, Pictures, Refusal, inspect
from core.datasets.inspecting.cleaning import ODD_SHAPE, TINY, Group
from core.training import TrainConfig
from playground.charts import datasets
from playground.charts.training import Card, cards, thumbnail
from playground.escaping import literal
from playground.training.data.text import listed
from playground.training.pictures import decoded, shown

MOST = 24  # pictures or groups shown of each kind
FEW = 8  # pictures shown of one group
SIDE = 84


@st.cache_resource(max_entries=24, show_spinner="Looking through all pictures …")
def report_of(path: Path) -> CleaningReport:
    """The report on decoded pictures; only ever read."""
    return inspect(decoded(path))


def cleaning(path: Path, pictures: Pictures, config: TrainConfig) -> None:
    """The report, part by part; what was not found is not spoken of."""
    report = report_of(path)
    _figures(report)
    _refused(report)
    _copies(pictures, report)
    _shapes(pictures, report)
    _famous_rule(pictures, report)
    if report.ignored:
        st.caption(f"Never meant as pictures, and skipped: {literal(listed(report.ignored))}")


def _figures(report: CleaningReport) -> None:
    figures = {
        "Kept": report.kept,
        "Left out": len(report.refused),
        "Copies": sum(len(group) - 1 for group in _groups(report)),
        "With two labels": len(report.across),
        "Tiny or odd": len({*report.tiny, *report.odd_shaped}),
    }
    with st.container(horizontal=True):
        for label, figure in figures.items():
            st.metric(label, f"{figure:,}", width=104)


def _groups(report: CleaningReport) -> list[Group]:
    """Groups of copies of either kind; one that holds exact copies among near ones counts once, as near."""
    inside = {place for group in report.near for place in group}
    return [*report.near, *(group for group in report.exact if group[0] not in inside)]


def _refused(report: CleaningReport) -> None:
    if not report.refused:
        return
    st.markdown("**Left out, since no decoder can read them**")
    st.html(cards([_refusal(refusal) for refusal in report.refused[:MOST]], side=SIDE))
    with st.expander(f"All {len(report.refused):,} files, and what is wrong"):
        rows = [(refusal.path, refusal.reason, refusal.message) for refusal in report.refused]
        st.dataframe(pd.DataFrame(rows, columns=["file", "reason", "what is wrong"]), hide_index=True)


def _refusal(refusal: Refusal) -> Card:
    picture = NOTHING if refusal.thumbnail is None else thumbnail(refusal.thumbnail.permute(1, 2, 0).numpy())
    return Card(picture, f"{refusal.class_name}: {refusal.reason}")


NOTHING = (  # a crossed square: there is nothing to be seen
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Cpath d='M2 2l4 4M6 2l-4 4' stroke='%238a93a6' stroke-width='.5'/%3E%3C/svg%3E"
)


def _copies(pictures: Pictures, report: CleaningReport) -> None:
    across, exact = set(report.across), set(report.exact)
    ordered = sorted(_groups(report), key=lambda group: (group not in across, group))
    if not ordered:
        return
    same = sum(group in exact for group in ordered)
    st.markdown(
        f"**Copies**: {len(ordered):,} groups, {same:,} of them the same to the pixel, {len(ordered) - same:,} saved "
        f"again or slightly changed. Copies stay on one side of the division."
    )
    if across:
        st.markdown(f":orange[Framed: {len(across):,} with two labels, one of which must be wrong.]")
    st.html(datasets.copies([_group(pictures, group, group in across) for group in ordered[:MOST]]))
    if len(ordered) > MOST:
        st.caption(f"The first {MOST} of {len(ordered):,} groups.")


def _group(pictures: Pictures, group: Group, is_wrong: bool) -> datasets.Copies:
    named = ((place, f"{pictures.classes[int(pictures.labels[place])]}: {_file(pictures, place)}") for place in group)
    return datasets.Copies(tuple((shown(pictures, place), title) for place, title in list(named)[:FEW]), is_wrong)


def _file(pictures: Pictures, place: int) -> str:
    return pictures.paths[place].rpartition("/")[2]


def _shapes(pictures: Pictures, report: CleaningReport) -> None:
    for places, title in (
        (report.tiny, f"**Tiny**: shorter side under {TINY} pixels"),
        (report.odd_shaped, f"**Odd-shaped**: one side over {ODD_SHAPE:g} times the other, squashed to the square"),
    ):
        if places:
            st.markdown(f"{title}, {len(places):,} of them")
            st.html(cards(_sized(pictures, places[:MOST]), side=SIDE))


def _sized(pictures: Pictures, places: Sequence[int]) -> list[Card]:
    sizes = {place: pictures.originals[place].tolist() for place in places}
    return [Card(shown(pictures, p), f"{_file(pictures, p)}, {width}x{height}") for p, (height, width) in sizes.items()]


def _famous_rule(pictures: Pictures, report: CleaningReport) -> None:
    """What the loop of many tutorials would have done instead."""
    rule = report.jfif
    if rule is None:
        return
    st.markdown(
        f"**The famous rule**, “delete every file whose first ten bytes lack the letters JFIF”, would delete "
        f"**{rule.deletes:,}** files: **{len(rule.deletes_good):,} good** and {len(rule.deletes_broken):,} broken. "
        f"It would keep **{len(rule.keeps_broken):,} broken** ones. It reads a label, not the picture; here every file "
        "is really decoded."
    )
    if rule.deletes_good:
        st.caption("Good pictures that it would throw away:")
        good = [Card(shown(pictures, place), _file(pictures, place)) for place in rule.deletes_good[:MOST]]
        st.html(cards(good, side=SIDE))
    if rule.keeps_broken:
        st.caption("Broken ones that it would keep:")
        st.html(cards([_refusal(refusal) for refusal in rule.keeps_broken[:MOST]], side=SIDE))
