"""What was understood, as text: its figures are those of the listing, whatever the number of classes and splits."""

import re

from hypothesis import given
from hypothesis import strategies as st

from core.datasets import LayoutChoice, Understanding
from core.datasets.layout import LayoutReading
from core.datasets.layout.listing import SPLITS
from core.datasets.layout_report import class_rows, report

NAMES = st.text("abcdefgh", min_size=1, max_size=6)
COUNTS = st.dictionaries(NAMES, st.dictionaries(st.sampled_from([*SPLITS, None]), st.integers(1, 9_999), min_size=1))


def understanding(counts, **more):
    """Of images per class and split; None is no split."""
    class_counts = {name: sum(per_split.values()) for name, per_split in counts.items()}
    per_split = {split: {name: counts[name].get(split, 0) for name in counts} for split in SPLITS}
    split_counts = {split: numbers for split, numbers in per_split.items() if any(numbers.values())}
    values = {"unlabelled": (), "left_out": {}, "empty": (), "notes": (), "reading": "folders", "readings": ()}
    plain = {"name": "set", "choice": LayoutChoice(), "class_counts": class_counts, "split_counts": split_counts}
    return Understanding(**plain | values | {"refusal": ""} | more)


@given(COUNTS)
def test_the_rows_of_every_class_add_up_to_its_images(counts):
    one = understanding(counts)
    columns, rows = class_rows(one.class_counts, one.split_counts)
    assert [name for name, _ in rows] == list(counts)
    for name, numbers in rows:
        assert len(numbers) == len(columns)
        assert numbers[-1] == one.class_counts[name]
        if len(columns) > 1:
            assert sum(numbers[:-1]) == numbers[-1]


@given(COUNTS.filter(bool), st.integers(1, 5))
def test_a_report_cut_short_still_counts_every_image(counts, most):
    one = understanding(counts)
    lines = report(one, most)
    table = [line for line in lines if line.startswith("  ")][1:]
    last = re.search(r"with ([\d,]+) images?$", table[-1])
    rows = table[: len(table) - (last is not None)]
    shown = sum(int(row.split()[-1].replace(",", "")) for row in rows)
    hidden = int(last[1].replace(",", "")) if last else 0
    assert len(rows) == min(most, len(counts))
    assert shown + hidden == sum(one.class_counts.values())


def test_everything_that_was_not_used_has_a_line_with_its_reason():
    left_out = {"a_mask.png": "mask", "b_mask.png": "mask", "labels.csv": "table"}
    readings = (LayoutReading("folders", "Folders", {"a": 1}), LayoutReading("leaf", "Innermost folders", {"x": 3}))
    more = {"unlabelled": ("test1/1.jpg", "test1/2.jpg"), "empty": ("fox",), "notes": ("Cat and cat are one.",)}
    one = understanding({"cat": {"train": 2, "test": 1}}, left_out=left_out, readings=readings, **more)
    assert report(one)[3:] == [
        "Split as given: train 2, test 1 (--split redraw draws a new one)",
        "To predict, without a class: 2 images, such as test1/1.jpg",
        "Left out, mask: 2 files, such as a_mask.png",
        "Left out, table: 1 file, labels.csv",
        "Left out, a folder without images: fox",
        "Note: Cat and cat are one.",
        "It can also be read as:",
        "  --reading leaf: Innermost folders: 1 class (x 3)",
    ]


def test_a_refusal_comes_last_after_what_was_seen():
    one = understanding({"cat": {None: 6}}, refusal="Only one class.")
    assert report(one) == ["set: 1 class, 6 images", "  class  images", "  cat         6", "Only one class."]
