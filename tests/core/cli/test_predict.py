"""`python -m core train --predict`: images without a class get one, in a file as competitions take it."""

import csv

import pytest

from core.__main__ import main
from tests.layout_sets import LAYOUTS

QUICK = ("--size", "16", "--epochs", "1", "--batch-size", "4", "--model", "Cats and dogs")


def test_every_image_without_a_class_has_a_row(tmp_path):
    data = LAYOUTS["class in the name"].write(tmp_path, "pets")
    assert main(["train", "--data", str(data), *QUICK, "--json", "--predict", str(tmp_path / "out.csv")]) == 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["id", "label"]
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert {row[1] for row in rows} <= {"cat", "dog"}


@pytest.mark.parametrize(
    ("name", "file", "words"),
    [
        ("class folders", "out.csv", "has no images without a class"),
        ("class in the name", "none/out.csv", "name a file in a folder that exists"),
        ("class in the name", ".", "name a file in a folder that exists"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_first_epoch(name, file, words, tmp_path, capsys):
    data = LAYOUTS[name].write(tmp_path, "pets")
    assert main(["train", "--data", str(data), *QUICK, "--predict", str(tmp_path / file)]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert "epoch 1" not in error
