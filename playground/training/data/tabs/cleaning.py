"""What the files turned out to be: unreadable, duplicates, too small; and what the JFIF rule of tutorials would do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core.datasets import CleaningReport, ImageDataset, SkippedFile, inspect
from core.datasets.inspecting.cleaning import ODD_SHAPE, TINY, Group
from core.training import TrainConfig
from playground import computation_gate, units
from playground.charts import datasets
from playground.charts.training import CaptionedImage, cards, thumbnail
from playground.escaping import literal
from playground.markup import element, icon_uri
from playground.training.pictures import decoded, shown

MOST = 24  # images or groups of each kind
FEW = 8  # images shown of one group
SIDE = 84


@st.cache_resource(max_entries=24, show_spinner="Checking all images …")
@computation_gate.in_turn
def report_of(path: Path) -> CleaningReport:
    """The report on decoded images; only ever read."""
    return inspect(decoded(path))


def cleaning(path: Path, data: ImageDataset, config: TrainConfig) -> None:
    """The report, part by part; empty parts are left out."""
    report = report_of(path)
    _figures(report)
    _skipped(report)
    _duplicates(data, report)
    _shapes(data, report)
    _jfif_rule(data, report)
    if report.ignored:
        st.caption(f"Skipped, not named as images: {literal(listed(report.ignored))}")


def listed(names: Sequence[str], most: int = 4) -> str:
    """Some of many names.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    rest = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _figures(report: CleaningReport) -> None:
    figures = {
        "Kept": report.kept,
        "Left out": len(report.refused),
        "Duplicates": sum(len(group) - 1 for group in _groups(report)),
        "Two labels": len(report.across),
        "Tiny or odd": len({*report.tiny, *report.odd_shaped}),
    }
    with st.container(horizontal=True):
        for label, figure in figures.items():
            st.metric(label, f"{figure:,}", width=104)


def _groups(report: CleaningReport) -> list[Group]:
    """Groups of copies of either kind; one that holds exact copies among near ones counts once, as near."""
    inside = {index for group in report.near for index in group}
    return [*report.near, *(group for group in report.exact if group[0] not in inside)]


def _skipped(report: CleaningReport) -> None:
    if not report.refused:
        return
    st.markdown("**Left out: no decoder can read them**")
    st.html(cards([_skipped_card(file) for file in report.refused[:MOST]], side=SIDE))
    with st.expander(f"{units.counted(len(report.refused), 'file')} with details"):
        rows = [(file.path, file.reason, file.message) for file in report.refused]
        frame = pd.DataFrame(rows, columns=["File", "Reason", "Details"])
        st.dataframe(frame, hide_index=True, alt="Files that no decoder can read, and why.")


def _skipped_card(file: SkippedFile) -> CaptionedImage:
    image = NOTHING if file.thumbnail is None else thumbnail(file.thumbnail.permute(1, 2, 0).numpy())
    return CaptionedImage(image, f"{file.class_name}: {file.reason}")


# a crossed square: there is nothing to be seen
NOTHING = icon_uri(element("path", d="M2 2l4 4M6 2l-4 4", stroke="#8a93a6", stroke_width=0.5), "0 0 8 8")


def _duplicates(data: ImageDataset, report: CleaningReport) -> None:
    across, exact = set(report.across), set(report.exact)
    ordered = sorted(_groups(report), key=lambda group: (group not in across, group))
    if not ordered:
        return
    same = sum(group in exact for group in ordered)
    st.markdown(
        f"**Duplicates**: {units.counted(len(ordered), 'group')}, {same:,} of them identical to the pixel, "
        f"{len(ordered) - same:,} saved again or slightly changed. {_kept_together(data, report)}"
    )
    if across:
        st.markdown(
            f":orange[Framed: {units.counted(len(across), 'group')} whose images have different labels. "
            "A label may be wrong, or an image may show several classes.]"
        )
    st.html(datasets.duplicate_groups([_group(data, group, group in across) for group in ordered[:MOST]]))
    if len(ordered) > MOST:
        st.caption(f"The first {MOST} of {len(ordered):,} groups.")


def _kept_together(data: ImageDataset, report: CleaningReport) -> str:
    """Whether a split keeps duplicates in one part."""
    if data.given_split is not None:
        return "They are where the given split has them; a split drawn anew keeps duplicates in one part."
    if not report.scattered:
        return "Duplicates stay in one part of the split."
    scattered = units.counted(len(report.scattered), "group")
    return f"Duplicates stay in one part of the split, except {scattered} too large for their class."


def _group(data: ImageDataset, group: Group, is_wrong: bool) -> datasets.DuplicateGroup:
    named = ((index, f"{data.classes[int(data.labels[index])]}: {_file(data, index)}") for index in group)
    return datasets.DuplicateGroup(tuple((shown(data, index), title) for index, title in list(named)[:FEW]), is_wrong)


def _file(data: ImageDataset, index: int) -> str:
    return data.paths[index].rpartition("/")[2]


def _shapes(data: ImageDataset, report: CleaningReport) -> None:
    for indices, title in (
        (report.tiny, f"**Tiny** (shorter side below {TINY} pixels)"),
        (report.odd_shaped, f"**Odd-shaped** (one side over {ODD_SHAPE:g} times the other, so resizing distorts them)"),
    ):
        if indices:
            st.markdown(f"{title}: {len(indices):,}")
            st.html(cards(_sized(data, indices[:MOST]), side=SIDE))


def _sized(data: ImageDataset, indices: Sequence[int]) -> list[CaptionedImage]:
    sizes = {index: data.originals[index].tolist() for index in indices}
    return [
        CaptionedImage(shown(data, p), f"{_file(data, p)}, {width}×{height}") for p, (height, width) in sizes.items()
    ]


def _jfif_rule(data: ImageDataset, report: CleaningReport) -> None:
    """What the loop of many tutorials would have done instead."""
    rule = report.jfif
    if rule is None:
        return
    st.markdown(
        f"**The JFIF rule of many tutorials**, “delete every file whose first ten bytes lack the letters JFIF”, would "
        f"delete **{units.counted(rule.deletes, 'file')}**: **{len(rule.deletes_good):,} good** and "
        f"{len(rule.deletes_broken):,} broken. It would keep **{len(rule.keeps_broken):,} broken** ones. It checks the "
        "file header, not the image; here every file is actually decoded."
    )
    if rule.deletes_good:
        st.caption("Good images that it would delete:")
        good = [CaptionedImage(shown(data, index), _file(data, index)) for index in rule.deletes_good[:MOST]]
        st.html(cards(good, side=SIDE))
    if rule.keeps_broken:
        st.caption("Broken files that it would keep:")
        st.html(cards([_skipped_card(file) for file in rule.keeps_broken[:MOST]], side=SIDE))
