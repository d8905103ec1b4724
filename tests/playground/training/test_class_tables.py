"""Tables and maps of two classes and of a thousand: their figures are those of the confusion matrix."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.training.metrics import class_metrics, confusions
from core.training.results import Prediction
from playground.charts.confusion_matrix import confusion_map
from playground.training.class_tables import class_table, confusion_table, mapped_classes

SIZES = st.integers(2, 7)
MATRICES = SIZES.flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 9), min_size=k, max_size=k), min_size=k, max_size=k)
)


@given(MATRICES)
def test_figures_of_classes_add_up_to_the_matrix(counts):
    table, metrics = np.array(counts), class_metrics(counts)
    assert [one.images for one in metrics] == table.sum(1).tolist()
    assert [one.predicted for one in metrics] == table.sum(0).tolist()
    assert sum(one.correct for one in metrics) == np.trace(table)
    for label, one in enumerate(metrics):
        wrong = np.delete(table[label], label)
        assert (one.confused_with is None) == (not wrong.any())
        if one.confused_with is not None:
            assert table[label, one.confused_with] == wrong.max()
        if one.images:
            assert one.recall == table[label, label] / table[label].sum()
        else:
            assert one.recall is None


@given(MATRICES)
def test_confusions_are_all_errors_the_most_frequent_first(counts):
    cells = confusions(counts)
    assert sum(count for *_, count in cells) == np.sum(counts) - np.trace(counts)
    assert [count for *_, count in cells] == sorted((count for *_, count in cells), reverse=True)
    assert all(counts[i][j] == count and i != j for i, j, count in cells)


@given(MATRICES)
def test_tables_say_the_same_as_the_matrix(counts):
    names = [f"class {label}" for label in range(len(counts))]
    by_class = class_table(counts, names).set_index("Class")
    assert by_class["Images"].sum() == np.sum(counts)
    assert by_class["Correct"].sum() == np.trace(counts)
    recalls = by_class["Recall"].dropna().tolist()
    assert recalls == sorted(recalls)
    for row in confusion_table(counts, names).itertuples(index=False):
        i, j = names.index(row[0]), names.index(row[1])
        assert row[2] == counts[i][j]
        assert row[3] == counts[i][j] / sum(counts[i])


@given(MATRICES, st.integers(1, 9))
def test_a_map_keeps_the_classes_with_the_most_errors(counts, most):
    kept = mapped_classes(counts, most)
    assert kept == sorted(set(kept))
    assert len(kept) == min(most, len(counts))
    table = np.array(counts)
    errors = table.sum(0) + table.sum(1) - 2 * table.diagonal()
    dropped = set(range(len(counts))) - set(kept)
    assert not dropped or min(errors[kept]) >= max(errors[list(dropped)])


def test_a_map_has_every_count_and_names_that_tell_classes_apart():
    names = [f"a long name of a species number {label}" for label in range(30)]
    counts = np.arange(900).reshape(30, 30)
    (cells,) = confusion_map(counts, [*names[:-1], "<b>"], (3, 4)).data
    assert np.array_equal(cells.customdata, counts)
    assert np.allclose(cells.z, np.round(100 * counts / counts.sum(1, keepdims=True), 1))
    assert len(set(cells.x)) == 30
    assert cells.y[-1] == "&lt;b&gt;"


def script(run):
    from playground.training.evaluation.tabs import confusion_matrix

    confusion_matrix.show(run)


@pytest.mark.parametrize("classes", [2, 120, 1000])
def test_the_tab_opens_with_any_number_of_classes_and_shows_the_images_of_a_cell(classes):
    generator = torch.Generator().manual_seed(classes)
    labels = torch.arange(classes).repeat(2).tolist()
    predicted = [label if label % 3 else (label + 1) % classes for label in labels]
    answers = tuple(
        Prediction(index, label, one, 0.5, 0.5)
        for index, (label, one) in enumerate(zip(labels, predicted, strict=True))
    )
    images = torch.randint(256, (len(labels), 3, 8, 8), generator=generator, dtype=torch.uint8)
    names = tuple(f"class {label}" for label in range(classes))
    trained, data = SimpleNamespace(classes=names), SimpleNamespace(images=images, classes=names)
    run = SimpleNamespace(trained=trained, predictions=answers, data=data, shows_images=True, owner="a stranger")
    app = AppTest.from_function(script, args=(run,), default_timeout=120).run()
    assert not app.exception
    assert "**2** × true “class 0”, predicted “class 1”" in [element.value for element in app.markdown]
    app.selectbox(key="confusion-predicted").set_value(0).run()
    assert "**0** × true “class 0”, predicted “class 0”" in [element.value for element in app.markdown]
    tables = [table.value for table in app.dataframe]
    assert sum(tables[-1]["Images"]) == 2 * classes
