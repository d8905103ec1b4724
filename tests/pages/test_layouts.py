"""The page and the command line read a set alike: the same classes, counts and splits, in every layout."""

import json
import re
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from core.__main__ import main
from core.datasets import LayoutChoice, understood
from core.jobs.job_spec import Source
from playground.escaping import sentence
from playground.training.data import dataset_choice
from playground.training.data.layout import class_table
from playground.training.data.words import kept_classes, with_classes
from tests.layout_sets import LAYOUTS, picture, pictures, zipped


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


def class_rows(app):
    """The table of classes; None if there are bars."""
    return next((table.value for table in app.dataframe if class_table.CLASS in table.value), None)


def shown_classes(app):
    """Class -> images, as the card has them: from its table, or from its bars."""
    if (table := class_rows(app)) is not None:
        return dict(zip(table[class_table.CLASS], table[class_table.IMAGES], strict=True))
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
    path, data = tmp_path / "plain", picture(0)
    for inside in (path / name / f"{n}.jpg" for name in classes for n in range(count)):
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.write_bytes(data)
    return Source("plain", path=str(path), stamp="1")


def test_of_many_classes_the_few_to_keep_are_named_and_can_be_taken_back(tmp_path):
    names = [f"class {number:04}" for number in range(1000)]
    app = card(plain(tmp_path, names))
    assert not app.exception
    assert list(shown_classes(app)) == names
    app.multiselect[0].set_value(["class 0007", "class 0999"]).run()
    assert source_of(app).choice == LayoutChoice(only=("class 0007", "class 0999"))
    table = class_rows(app)
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
    table = class_rows(app)
    assert dict(zip(table[class_table.CLASS], table[class_table.USE], strict=True)) == {
        "a": True,
        "b": False,
        "c": True,
    }


def test_another_reading_and_back(tmp_path):
    app = card(Source("set", path=str(LAYOUTS["folders in a class"].write(tmp_path, "set"))))
    radio = app.radio[0]
    assert any("own 5, show 3, wild 2" in caption for caption in radio.proto.captions)
    other = next(option for option in radio.options if "further in" in option)
    radio.set_value(keys_of(app)[radio.options.index(other)]).run()
    assert shown_classes(app) == {"own": 5, "show": 3, "wild": 2}
    assert understood(source_of(app).path, source_of(app).choice).class_counts == {"own": 5, "show": 3, "wild": 2}
    app.radio[0].set_value(keys_of(app)[0]).run()
    assert source_of(app).choice == LayoutChoice(), "what is read by itself needs no correction"


def keys_of(app):
    source = source_of(app)
    return [reading.key for reading in understood(source.path).readings]


def test_a_given_split_is_said_and_redrawn_with_a_click(tmp_path):
    app = card(Source("set", path=str(LAYOUTS["train, val and test"].write(tmp_path, "set"))))
    captions = [element.value for element in app.caption]
    assert "Training, validation and test images as given." in captions
    app.segmented_control[0].set_value("redraw").run()
    assert source_of(app).choice == LayoutChoice(split="redraw")
    assert not understood(source_of(app).path, source_of(app).choice).split_counts
    assert "Training, validation and test images as given." not in [element.value for element in app.caption]
    app.segmented_control[0].set_value("given").run()
    assert source_of(app).choice == LayoutChoice()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a flat test beside train", "**3 images** in **test** without a class"),
        ("folders in a class", "belong to it"),
        ("Cat and cat", "Cat"),
    ],
)
def test_what_was_assumed_or_set_aside_is_on_the_card(name, words, tmp_path):
    app = card(Source("set", path=str(LAYOUTS[name].write(tmp_path, "set"))))
    assert any(words in element.value for element in app.caption)


def test_what_was_left_out_opens_with_its_reasons(tmp_path):
    app = card(Source("set", path=str(LAYOUTS["images and masks"].write(tmp_path, "set"))))
    table = next(table.value for table in app.dataframe if "Reason" in table.value)
    assert table["Files"].tolist() == [3 + 3]
    assert "covid/masks/covid-1.png" in table["Such as"][0]
    assert "Left out: 6 files" in [expander.label for expander in app.expander]


def test_a_refused_set_says_what_was_seen_and_a_click_reads_it_another_way(tmp_path):
    path = tmp_path / "faces.zip"
    names = [f"faces/{20 + n}_{n % 2}_{n % 3}_2017.jpg" for n in range(12)]
    path.write_bytes(zipped(pictures(names)))
    app = card(Source("faces", path=str(path)))
    assert not app.exception
    assert [error.value for error in app.error] == [sentence(understood(path).refusal)]
    radio = app.radio[0]
    assert radio.value is None, "no reading is taken"
    number = next(key for key, one in zip(keys_of(app), radio.options, strict=True) if "Number 2" in one)
    radio.set_value(number).run()
    assert not app.error
    assert shown_classes(app) == {"0": 6, "1": 6}
