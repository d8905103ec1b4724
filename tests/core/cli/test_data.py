"""`python -m core data`: what a source is taken to mean, and options that correct it."""

import argparse
import json

import pytest

from core.__main__ import main
from core.cli.data import add_layout_arguments, layout_of
from core.datasets import LayoutChoice, load, understood
from core.datasets.layout_report import report
from core.errors import DataError
from tests.core.datasets.test_sources import GOOD, zipped


def arguments(*words):
    parser = argparse.ArgumentParser()
    add_layout_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "choice"),
    [
        ((), LayoutChoice()),
        (("--split", "redraw"), LayoutChoice(split="redraw")),
        (("--classes", "cat, dog"), LayoutChoice(only=("cat", "dog"))),
        (("--drop", "fox"), LayoutChoice(dropped=("fox",))),
        (("--reading", "leaf", "--columns", "id,breed"), LayoutChoice("leaf", ("id", "breed"))),
        (("--layout", "reading=leaf;dropped=a%2Cb"), LayoutChoice("leaf", dropped=("a,b",))),
        (("--layout", "reading=leaf;split=redraw", "--reading", "names"), LayoutChoice("names", split="redraw")),
    ],
)
def test_options_become_a_choice(words, choice):
    assert layout_of(arguments(*words)) == choice


def test_a_table_has_two_columns_to_name():
    with pytest.raises(DataError, match="names 1"):
        layout_of(arguments("--columns", "id"))


@pytest.fixture
def pets(tmp_path):
    (tmp_path / "pets.zip").write_bytes(zipped(GOOD))
    return str(tmp_path / "pets.zip")


@pytest.mark.parametrize("command", [("data",), ("train", "--data")])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--reading", "table"), ("'table' is not possible", "choose from 'folders'")),
        (("--layout", "reading=leaves"), ("'leaves' is not possible", "choose from 'folders'")),
        (("--layout", "rubbish"), ("'rubbish'", "reading=KEY", "lists the possible readings")),
        (("--layout", "split=redraw;colour=red"), ("'colour=red'", "dropped=CLASSES")),
    ],
)
def test_every_command_refuses_a_correction_that_is_not_possible(command, options, words, pets, capsys):
    assert main([*command, pets, *options]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert all(word in said.err for word in words)


@pytest.mark.parametrize("command", [("data",), ("train", "--data")])
def test_every_command_refuses_to_correct_a_built_in_dataset(command, capsys):
    assert main([*command, "sketches", "--drop", "x"]) == 2
    assert "sketches comes with this program and has no folders" in capsys.readouterr().err


@pytest.mark.parametrize("options", [("--reading", "folders"), ("--layout", "split=given; reading=auto;")])
def test_a_correction_that_is_possible_is_no_error(options, pets):
    assert main(["data", pets, *options]) == 0


def test_where_no_reading_is_possible_the_refusal_says_why(tmp_path, capsys):
    (tmp_path / "1.jpg").write_bytes(b"x")
    assert main(["data", str(tmp_path), "--reading", "leaf"]) == 2
    assert "No images in class folders" in capsys.readouterr().out


def test_text_and_json_say_what_the_loader_then_reads(tmp_path, capsys):
    (tmp_path / "pets.zip").write_bytes(zipped({**GOOD, "readme.txt": b"x"}))
    assert main(["data", str(tmp_path / "pets.zip")]) == 0
    assert capsys.readouterr().out.splitlines() == report(understood(tmp_path / "pets.zip"))
    assert main(["data", str(tmp_path / "pets.zip"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["classes"] == load(tmp_path / "pets.zip", 16).class_counts
    assert list(said["left_out"]) == ["readme.txt"]


def test_a_built_in_dataset_is_counted(capsys):
    assert main(["data", "digits", "--json"]) == 0
    assert sum(json.loads(capsys.readouterr().out)["classes"].values()) == 1797


def test_what_is_not_there_is_one_sentence(tmp_path, capsys):
    assert main(["data", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith("DataError: ")
