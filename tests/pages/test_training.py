"""The training page: what it prints is what was trained, and everybody sees only their own."""

import time

import nbformat
import pytest

from core.jobs.storage.shared_runs import SharedRuns
from playground import identity
from playground.job_manager import job_manager
from playground.notebook.document import as_bytes
from playground.training import program
from tests.pages.helpers import open_page, page_test
from tests.truth import isolated

QUICK = {"tz": "32", "tnow_epochs": "2", "tnow_network": "Cats and dogs", "tnow_batch_size": "128"}


@pytest.fixture(scope="module", autouse=True)
def _end_the_processes():
    yield
    job_manager().close()
    job_manager.clear()


def button(page, label):
    return next(button for button in page.button if button.label == label)


def texts(page):
    return [element.value for element in (*page.markdown, *page.caption, *page.error)]


def until_over(page, seconds=400):
    """Run the page until its run is over."""
    give_up = time.monotonic() + seconds
    while not any(button.label == "Start again" for button in page.button):
        assert time.monotonic() < give_up, "the run takes too long"
        assert not page.exception
        time.sleep(0.2)
        page.run()
    return page


@pytest.fixture(scope="module")
def trained():
    """A page whose run has ended."""
    page = open_page("training", **QUICK)
    assert not page.exception
    return until_over(button(page, "Start training").click().run())


def test_it_opens_ready_to_start():
    page = open_page("training")
    assert not page.exception
    assert not button(page, "Start training").disabled
    assert page.selectbox(key="ts").value == "sketches"


def test_a_visitor_with_the_link_sees_the_run_and_starts_and_steers_nothing(trained):
    run_id, jobs = trained.query_params["run"], job_manager()
    run_id = run_id[0] if isinstance(run_id, list) else run_id
    owned_by = next(owner for owner in jobs.store.owners() if jobs.store.folder(owner, run_id))
    runs = SharedRuns(jobs.store)
    shared = runs.share(owned_by, run_id, shows_images=True, offers_files=False)
    visitor = open_page("training", shared=shared.token)
    assert not visitor.exception
    assert not visitor.button
    accuracy = [metric.value for metric in trained.metric if metric.label == "Validation accuracy"]
    assert [metric.value for metric in visitor.metric if metric.label == "Validation accuracy"] == accuracy
    runs.revoke(owned_by, run_id)
    for token in (shared.token, "guess", "<b>" * 20):
        closed = open_page("training", shared=token)
        assert "This link opens no run" in closed.error[0].value
        assert not closed.button
        assert not closed.metric


def test_the_printed_lines_are_the_run(trained, tmp_path):
    assert not trained.code  # written only when it is unfolded
    trained.session_state[program.KEY] = True
    trained.run()
    assert not trained.exception
    cells = nbformat.reads(as_bytes(trained.session_state["notebook"]).decode(), as_version=4).cells
    assert trained.code[0].value.strip("\n") in [cell.source for cell in cells if cell.cell_type == "code"]
    *_, last = isolated.outputs([trained.code[0].value], tmp_path)[0].splitlines()
    shown = next(metric.value for metric in trained.metric if metric.label == "Validation accuracy")
    accuracy = last.removeprefix("validation accuracy: ").split("%")[0]
    assert shown == f"{float(accuracy):.1f}\N{NO-BREAK SPACE}%"


def test_it_says_what_came_of_it(trained):
    sentence = next(text for text in texts(trained) if "validation images are classified correctly" in text)
    right, total = sentence[2:].split(" of ")
    share = int(right) / int(total.split("*")[0])
    shown = next(metric.value for metric in trained.metric if metric.label == "Validation accuracy")
    assert shown == f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def test_a_reloaded_page_finds_its_run_and_nobody_else_does(trained):
    run_id = trained.query_params["run"]
    name = trained.session_state[identity.NO_COOKIE]
    again = page_test("training", **QUICK, run=run_id)
    again.session_state[identity.NO_COOKIE] = name  # what the cookie does for a browser
    again.run()
    assert any(metric.label == "Validation accuracy" for metric in again.metric)
    stranger = open_page("training", **QUICK, run=run_id)
    assert not stranger.exception
    assert not any(metric.label == "Validation accuracy" for metric in stranger.metric)
    assert "run" not in stranger.query_params


def test_choosing_other_pictures_puts_a_finished_run_aside(trained):
    trained.selectbox(key="ts").set_value("digits").run()
    assert not trained.exception
    assert "run" not in trained.query_params
    assert trained.selectbox(key="ts").value == "digits"


def test_a_network_that_does_not_fit_is_explained_before_the_start():
    page = page_test("training", tz="32", tnow_own="nn.Sequential(nn.Flatten(), nn.Linear(10, 2))").run()
    give_up = time.monotonic() + 240
    while not page.error and time.monotonic() < give_up:
        time.sleep(0.3)
        page.run()
    assert not page.exception
    assert "does not take 3×32×32 images" in page.error[0].value


def test_another_recipe_has_its_own_settings():
    page = open_page("training", tr="From scratch (tutorial)", tnow_epochs="3")
    assert not page.exception
    assert page.slider(key="tthen_epochs").value == 25
