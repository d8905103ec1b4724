"""The confusion matrix, drawn: every count in its cell, each cell as dark as its share of its row."""

import pytest

from playground.charts.confusion_matrix import confusion_matrix

COUNTS, CLASSES = ((30, 1), (2, 40)), ("<cat>", "dog")


def test_every_count_stands_in_its_cell():
    cells, labels = confusion_matrix(COUNTS, CLASSES, (0, 1)).data
    assert list(cells.z[0]) == pytest.approx([100 * 30 / 31, 100 / 31])
    assert list(cells.z[1]) == pytest.approx([200 / 42, 4000 / 42])
    drawn = {(y, x): text for x, y, text in zip(labels.x, labels.y, labels.text, strict=True)}
    assert drawn == {(0, 0): "30", (0, 1): "1", (1, 0): "2", (1, 1): "40"}


def test_rows_are_true_classes_from_the_top():
    layout = confusion_matrix(COUNTS, CLASSES, (0, 1)).layout
    assert (layout.yaxis.title.text, layout.xaxis.title.text) == ("True class", "Predicted class")
    assert layout.yaxis.autorange == "reversed"


def test_the_chosen_cell_is_framed():
    (frame,) = confusion_matrix(COUNTS, CLASSES, (0, 1)).layout.shapes
    assert (frame.x0 + frame.x1) / 2 == 1
    assert (frame.y0 + frame.y1) / 2 == 0


def test_words_on_dark_cells_are_white():
    labels = confusion_matrix(COUNTS, CLASSES, (0, 0)).data[1]
    assert list(labels.textfont.color) == ["#ffffff", "#000000", "#000000", "#ffffff"]


def test_a_class_name_is_text_and_no_markup():
    figure = confusion_matrix(COUNTS, CLASSES, (0, 0))
    assert figure.layout.xaxis.ticktext[0] == "&lt;cat&gt;"
    assert figure.data[1].customdata[0][0] == "&lt;cat&gt;"
