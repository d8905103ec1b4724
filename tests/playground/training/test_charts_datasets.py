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
