"""Few images of one's own begin with transfer learning; what a link or a person has chosen stays."""

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.job_spec import Source
from playground.training import preselection

FROZEN, SCRATCH, TUTORIAL = "Transfer learning (frozen)", "From scratch (modern)", "From scratch (tutorial)"
OWN, OTHER, MANY = (Source(title, path=f"/{title}.zip", is_upload=True) for title in ("own", "other", "many"))
COUNTS = {"/own.zip": {"cat": 40, "dog": 40}, "/other.zip": {"a": 9, "b": 9}, "/many.zip": {"cat": 2000, "dog": 2000}}


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setattr(preselection, "survey", lambda where, layout: COUNTS[where])

    def script():
        import streamlit as st

        from core.jobs.job_spec import Source
        from core.knobs import Knob
        from playground import controls
        from playground.training import preselection, recipe

        source = st.session_state.get("source", Source("Sketches", "sketches"))
        preselection.apply(source)
        size = Knob(64, choices=(32, 64, 96, 128, 192))
        controls.widget("size", size, preselection.SIZE, on_change=preselection.size_chosen)
        recipe.choose(source)

    def opened(source=None, **query):
        app = AppTest.from_function(script, default_timeout=120)
        for key, value in query.items():
            app.query_params[key] = value
        return at(app, source) if source else checked(app.run())

    return opened


def checked(app):
    assert not app.exception
    return app


def at(app, source):
    app.session_state["source"] = source
    return checked(app.run())


def chosen(app):
    return app.selectbox(key="tr").value, app.selectbox(key="tz").value


def test_built_in_images_begin_from_scratch(page):
    app = page()
    assert chosen(app) == (SCRATCH, 64)
    assert not app.info


def test_few_own_images_begin_with_transfer_learning_and_many_do_not(page):
    app = at(page(), OWN)
    assert chosen(app) == (FROZEN, 192)
    assert "40 images per class" in app.info[0].value
    assert chosen(at(app, MANY)) == (SCRATCH, 64)
    assert chosen(at(app, OTHER)) == (FROZEN, 192)
    assert chosen(at(app, Source("Sketches", "sketches"))) == (SCRATCH, 64)


def test_from_scratch_is_one_click_away_and_stays(page):
    app = at(page(), OWN)
    checked(app.button(key="from-scratch").click().run())
    assert chosen(app) == (SCRATCH, 64)
    assert not app.info
    assert chosen(at(app, OTHER)) == (SCRATCH, 64)
    again = page(OWN, **{key: value[0] for key, value in app.query_params.items()})
    assert chosen(again) == (SCRATCH, 64)


def test_the_size_follows_the_recipe_until_it_is_chosen(page):
    app = page()
    checked(app.selectbox(key="tr").set_value(FROZEN).run())
    assert chosen(app) == (FROZEN, 192)
    checked(app.selectbox(key="tz").set_value(96).run())
    checked(app.selectbox(key="tr").set_value(TUTORIAL).run())
    assert chosen(app) == (TUTORIAL, 96)
    assert chosen(at(app, OWN)) == (TUTORIAL, 96)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"tr": TUTORIAL}, (TUTORIAL, 64)),
        ({"tz": "96"}, (SCRATCH, 96)),
        ({"tnow_epochs": "3"}, (SCRATCH, 64)),
        ({"th": "1"}, (SCRATCH, 64)),
        ({}, (FROZEN, 192)),
    ],
)
def test_a_link_stays_as_it_is(page, query, expected):
    assert chosen(page(OWN, **query)) == expected


def test_a_source_that_cannot_be_counted_changes_nothing(page, monkeypatch):
    from core.errors import DataError

    def refused(where, layout):
        raise DataError("no")

    monkeypatch.setattr(preselection, "survey", refused)
    assert chosen(page(Source("odd", path="/odd.zip"))) == (SCRATCH, 64)
