"""A confusion matrix is the same rows of counts however many classes it has, and small on disk when it has many."""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.training import Epoch, from_dict, to_dict
from core.training.confusion import DENSE, ConfusionMatrix

tables = st.integers(1, 25).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 3), min_size=k, max_size=k), min_size=k, max_size=k)
)


@given(tables)
def test_it_is_the_sequence_of_its_rows(table):
    matrix = ConfusionMatrix.of(table)
    rows = tuple(map(tuple, table))
    assert tuple(matrix) == rows == matrix
    assert len(matrix) == len(rows)
    assert [matrix[k] for k in range(len(rows))] == list(rows)
    assert matrix[-1] == rows[-1]
    assert matrix[1:] == rows[1:]
    total = sum(map(sum, rows))
    assert matrix.accuracy == (sum(rows[k][k] for k in range(len(rows))) / total if total else 0)
    with pytest.raises(IndexError):
        matrix[len(rows)]


@given(tables)
def test_an_epoch_survives_its_way_through_a_file(table):
    epoch = Epoch(1, 10, 0.5, 0.75, 0.25, 0.5, ConfusionMatrix.of(table), 12.5)
    written = json.loads(json.dumps(to_dict(epoch)))
    assert from_dict(written) == epoch
    if len(table) <= DENSE:
        assert written["confusion"] == table  # as earlier versions write and read it


def test_a_thousand_classes_take_as_much_room_as_there_are_images():
    labels = torch.arange(2_000) % 1_000
    counts = torch.bincount(labels * 1_000 + (labels * 7) % 1_000, minlength=1_000_000).view(1_000, 1_000)
    epoch = Epoch(1, 10, 0.5, 0.75, 0.25, 0.5, ConfusionMatrix.of(counts), 12.5)
    assert len(json.dumps(to_dict(epoch))) < 30_000
    assert sum(map(sum, epoch.confusion)) == 2_000
