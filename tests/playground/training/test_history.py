"""Runs are compared by what they really differ in, and a run's settings come back to the controls."""

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.job_spec import Source
from core.jobs.tracked_runs import DamagedRun
from core.knobs import knobs_of
from core.training import RECIPES, TrainConfig
from playground.charts.run_comparison import ACCURACY, LOSS, curves
from playground.training.history import nearest_recipe
from playground.training.history.config_diff import comparison, differing, numbered, parallel_axes
from tests.playground.training.finished_run import QUICK, FinishedRuns, stand_in


@pytest.fixture
def runs(tmp_path, monkeypatch):
    made = FinishedRuns(tmp_path)
    stand_in(monkeypatch, made)
    return made


def page():
    def script():
        import streamlit as st

        from core.jobs.job_spec import Source
        from playground.training import history, recipe

        with st.sidebar:
            config = recipe.choose(Source("Sketches", "sketches")).config
        st.text(repr(config))
        history.show()

    app = AppTest.from_function(script, default_timeout=300).run()
    assert not app.exception
    return app


def test_nothing_is_shown_before_there_is_a_run(runs):
    assert not page().header


def test_two_runs_are_laid_over_each_other_and_what_differs_is_marked(runs):
    runs.train("one")
    runs.train("two", dataclasses.replace(QUICK, learning_rate=0.01, epochs=3))
    app = page()
    assert app.multiselect[0].value == ["Run 2", "Run 1"]
    words = next(text.value for text in app.markdown if "They differ" in text.value)
    assert "**Epochs**" in words
    assert "**Learning rate**" in words
    assert "momentum" not in words
    same = len(knobs_of(TrainConfig)) + 2 - 2
    assert f"The other {same} settings" in words
    table = app.dataframe[0].value
    assert table.loc["Epochs"].tolist() == ["3", "2"]
    assert table.loc["Learning rate"].tolist() == ["0.01", "0.1"]
    shown = [f"{100 * view.done.val_accuracy:.1f}\N{NO-BREAK SPACE}%" for view in runs.runs("")]
    assert table.loc["Validation accuracy"].tolist() == shown


def test_curves_are_the_epochs_of_the_runs(runs):
    view = runs.train("one")
    for what, unit in ((LOSS, 1), (ACCURACY, 100)):
        drawn = {trace.name: trace for trace in curves({"Run 1": view.epochs}, what).data}
        for split, prefix in (("validation", "val"), ("training", "train")):
            trace = drawn[f"Run 1, {split}"]
            assert list(trace.x) == [epoch.epoch for epoch in view.epochs]
            assert list(trace.y) == [unit * getattr(epoch, f"{prefix}_{what.lower()}") for epoch in view.epochs]


def test_parallel_coordinates_have_what_differs_and_the_results(runs):
    runs.train("one")
    runs.train("two", dataclasses.replace(QUICK, learning_rate=0.01, epochs=3))
    axes = parallel_axes(numbered(runs.runs("")))
    assert list(axes)[:3] == ["Run", "Epochs", "Learning rate"] or list(axes)[:3] == ["Run", "Learning rate", "Epochs"]
    assert axes["Learning rate"] == [0.01, 0.1]
    assert axes["Validation accuracy (%)"] == [round(100 * view.done.val_accuracy, 1) for view in runs.runs("")]
    assert parallel_axes(dict([*numbered(runs.runs("")).items()][:1])) == {}


def test_runs_differ_in_their_pictures_too(runs):
    one = runs.train("one")
    other = dataclasses.replace(one, source=Source("Digits", "digits"), size=32)
    assert differing([one, other]) == ("Dataset", "Image size")
    assert differing([one, one]) == ()
    assert list(comparison({"a": one, "b": other}).index[:2]) == ["Dataset", "Image size"]


def test_numbers_count_from_the_oldest_and_leave_out_what_has_no_figures(runs):
    one, two = runs.train("one"), runs.train("two")
    empty = dataclasses.replace(one, epochs=())
    assert numbered([two, empty, one]) == {"Run 2": two, "Run 1": one}


@pytest.mark.parametrize("config", [QUICK, dataclasses.replace(RECIPES["From scratch (tutorial)"].config(), epochs=2)])
def test_a_run_again_sets_every_control_to_it(runs, config):
    config = dataclasses.replace(config, seed=7, flip=False, optimizer="AdamW", learning_rate=0.002, epochs=1)
    view = dataclasses.replace(runs.train("one"), config=config)
    runs.views["one"] = view
    app = page()
    button = next(one for one in app.button if one.label.startswith("Repeat Run 1"))
    app = button.click().run()
    assert not app.exception
    assert app.success[0].value.startswith("The controls are set to Run 1")
    assert app.text[0].value == repr(config)


@pytest.mark.parametrize("name", RECIPES)
def test_the_nearest_recipe_is_the_one_it_came_from(name):
    assert nearest_recipe(dataclasses.replace(RECIPES[name].config(), epochs=3)) == name


def test_a_run_is_deleted_by_its_button_and_a_damaged_one_is_listed_with_one(runs):
    runs.train("one")
    runs.damaged.append(DamagedRun("broken", 0.0))
    app = page()
    assert any("1970-01-01" in text.value and "damaged" in text.value for text in app.markdown)
    app.button(key="delete-broken").click().run()
    assert (list(runs.views), runs.damaged) == (["one"], [])
    app.button(key="delete-one").click().run()
    assert runs.views == {}
    assert not app.exception
