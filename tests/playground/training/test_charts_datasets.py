"""Bars and groups say what they show, and a stranger's names stay text."""

import re

from playground.charts import datasets


def widths(html: str) -> list[float]:
    return [float(width) for width in re.findall(r'<i style="width:([\d.]+)%', html)]


def test_bars_are_as_long_as_their_classes():
    html = datasets.class_bars({"cat": 50, "<b>dog</b>": 200, "none": 0})
    assert widths(html) == [25, 100, 0]
    assert "&lt;b&gt;dog&lt;/b&gt;: 200 images" in html
    assert "<b>" not in html


def test_a_divided_bar_is_whole_and_says_its_parts():
    html = datasets.split_bars(
        {"cat": (6, 3, 1), "dog": (2, 2, 0), "empty": (0, 0, 0)}, ("training", "validation", "test")
    )
    assert widths(html) == [60, 30, 10, 50, 50, 0, 0, 0, 0]
    assert "cat: 6 training, 3 validation, 1 test" in html
    two = datasets.split_bars({"cat": (8, 2)}, ("training", "validation"))
    assert two.count("<i style") == 2 + 2
    assert "test" not in two


def test_groups_with_two_labels_are_framed():
    html = datasets.duplicate_groups(
        [
            datasets.DuplicateGroup((("data:a", 'Cat: "1".jpg'), ("data:b", "Dog: 2.jpg")), True),
            datasets.DuplicateGroup(()),
        ]
    )
    assert html.count('class="group wrong"') == 1
    assert 'alt="Cat: &#34;1&#34;.jpg"' in html


def test_the_bar_of_a_split_is_whole_and_has_its_numbers():
    html = datasets.part_bar({"training": 1_500, "validation": 300, "test": 200})
    assert widths(html) == [75, 15, 10]
    assert all(words in html for words in ("training 1,500", "validation 300", "test 200"))
    empty = datasets.part_bar({"not decoded yet": 0})
    assert widths(empty) == [0]
    assert "not decoded yet</span>" in empty


def test_figures_stand_over_what_they_count():
    assert "<b>1,200</b><span>images</span>" in datasets.figures({"images": "1,200"})
    assert "<b>&lt;i&gt;" in datasets.figures({"images": "<i>"})
