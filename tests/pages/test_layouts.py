"""The page and the command line read a set alike: the same classes, counts and splits, in every layout."""

import json
import re
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from core.__main__ import main
from core.datasets import LayoutChoice, understood
from core.jobs.job_spec import Source
from playground.training.data import dataset_choice
from playground.training.data.layout import class_table
from playground.training.data.words import kept_classes, with_classes
from tests.layout_sets import LAYOUTS


def script(source):
    from playground.training.data import dataset_choice, layout

    datasets = dataset_choice.own_datasets()
    datasets.setdefault("own-1", source)
    layout.show(datasets["own-1"], None, ())


def card(source):
    app = AppTest.from_function(script, args=(source,), default_timeout=120)
    app.session_state[dataset_choice.OWN] = {"own-1": source}
    return app.run()


def source_of(app):
    return app.session_state[dataset_choice.OWN]["own-1"]


def shown_classes(app):
    """Class -> images, as the card has them: from its table, or from its bars."""
    tables = [table.value for table in app.dataframe if class_table.CLASS in table.value]
    if tables:
        return dict(zip(tables[0][class_table.CLASS], tables[0][class_table.IMAGES], strict=True))
    html = "".join(element.value if hasattr(element, "value") else element.proto.body for element in app.html)
    labels = re.findall(r'class="bar" role="img" aria-label="(.*?): (.*?)"', html)
    return {unescape(name): sum(int(n) for n in re.findall(r"\d+", numbers)) for name, numbers in labels}


@pytest.mark.parametrize("name", LAYOUTS)
def test_page_and_command_line_agree_on_classes_and_counts(name, tmp_path, capsys):
    path = LAYOUTS[name].write(tmp_path, "set")
    assert main(["data", str(path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["classes"] == LAYOUTS[name].classes
    app = card(Source("set", path=str(path)))
    assert not app.exception
    assert shown_classes(app) == said["classes"]
    assert not app.error


def plain(tmp_path, classes, count=2):
    content = {f"{name}/{n}.jpg": b"" for name in classes for n in range(count)}
    path = tmp_path / "plain"
    for inside in content:
        (path / inside).parent.mkdir(parents=True, exist_ok=True)
        (path / inside).write_bytes(content[inside])
    return Source("plain", path=str(path), stamp="1")


def test_of_many_classes_the_few_to_keep_are_named_and_can_be_taken_back(tmp_path):
    names = [f"class {number:04}" for number in range(1000)]
    app = card(plain(tmp_path, names))
    assert not app.exception
    assert list(shown_classes(app)) == names
    app.multiselect[0].set_value(["class 0007", "class 0999"]).run()
    assert source_of(app).choice == LayoutChoice(only=("class 0007", "class 0999"))
    table = app.dataframe[0].value
    assert table[class_table.CLASS][table[class_table.USE]].tolist() == ["class 0007", "class 0999"]
    assert len(table) == 1000, "the others can be taken in again"
    app.multiselect[0].set_value([]).run()
    assert source_of(app).choice == LayoutChoice()


@pytest.mark.parametrize("edits", [{}, {0: {"Use": False}}, {0: {"Use": False}, 1: {"Use": False}, 3: {"Use": True}}])
def test_ticks_are_a_choice_that_reads_just_the_ticked_classes(tmp_path, edits):
    source = plain(tmp_path, "abcd")
    names = list(understood(source.path).class_counts)
    kept = class_table.ticked(names, frozenset("abc"), edits)
    choice = with_classes(LayoutChoice(split="redraw"), names, kept)
    assert kept_classes(choice, names) == kept
    assert choice.split == "redraw"


def test_a_choice_made_elsewhere_is_what_the_card_shows(tmp_path):
    source = plain(tmp_path, "abc")
    app = card(source.read_as(LayoutChoice(dropped=("b",))))
    table = app.dataframe[0].value
    assert dict(zip(table[class_table.CLASS], table[class_table.USE], strict=True)) == {
        "a": True,
        "b": False,
        "c": True,
    }
