"""A link to a run opens that run and no other, until its owner takes it back or the run is gone."""

import pytest

from core.jobs.storage.run_store import RunStore
from core.jobs.storage.shared_runs import SHARED, TOKEN, SharedRuns

FREE = {"shows_images": True, "offers_files": True}
CLOSED = {"shows_images": False, "offers_files": False}


@pytest.fixture
def store(tmp_path):
    made = RunStore(tmp_path / "training")
    for owner, run_id in (("ann", "first"), ("ann", "second"), ("bob", "third")):
        made.new_folder(owner, run_id).path.mkdir(parents=True)
    return made


def test_a_link_opens_its_run_on_every_server_that_shares_the_folder(store):
    shared = SharedRuns(store).share("ann", "first", **CLOSED)
    assert TOKEN.fullmatch(shared.token)
    elsewhere = SharedRuns(RunStore(store.root))
    assert elsewhere.find(shared.token) == elsewhere.of("ann", "first") == shared
    assert elsewhere.of("ann", "second") is None


def test_other_terms_keep_the_link_and_another_run_has_another(store):
    runs = SharedRuns(store)
    first = runs.share("ann", "first", **CLOSED)
    assert runs.share("ann", "first", **FREE).token == first.token
    assert runs.find(first.token).shows_images
    assert runs.find(first.token).offers_files
    assert runs.share("bob", "third", **CLOSED).token != first.token


def test_nobody_shares_or_takes_back_the_run_of_another(store):
    runs = SharedRuns(store)
    token = runs.share("ann", "first", **CLOSED).token
    for owner, run_id in (("bob", "first"), ("..", "runs"), ("ann", "../bob/third"), ("", "")):
        assert runs.share(owner, run_id, **FREE) is None
        runs.revoke(owner, run_id)
    assert runs.find(token).run_id == "first"
    assert not runs.find(token).shows_images


def test_what_was_taken_back_stays_closed_and_a_new_link_is_another(store):
    runs = SharedRuns(store)
    old = runs.share("ann", "first", **FREE).token
    runs.revoke("ann", "first")
    assert runs.find(old) is None
    new = runs.share("ann", "first", **FREE).token
    assert new != old
    assert runs.find(old) is None
    assert runs.find(new) is not None


def test_a_link_goes_with_its_run(store):
    runs = SharedRuns(store)
    token = runs.share("ann", "first", **FREE).token
    store.remove("ann", "first")
    assert runs.find(token) is None
    assert not list((store.root / "shared").iterdir())  # and nothing is left of it


@pytest.mark.parametrize("guess", ["", "first", "ann", "../runs/ann/first/shared", "A" * 43, "A" * 44, "*", "\0" * 43])
def test_a_guess_opens_nothing(store, guess):
    runs = SharedRuns(store)
    runs.share("ann", "first", **FREE)
    assert runs.find(guess) is None


def test_names_of_files_tell_no_token_and_nobody_else_may_look(store):
    token = SharedRuns(store).share("ann", "first", **FREE).token
    assert not [path for path in store.root.rglob("*") if token in path.name]
    assert (store.root / "shared").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["", "[]", '{"token": 5}', '{"token": "short"}', '{"token": null}', "\ufffd{"])
def test_a_damaged_note_shares_nothing(store, content):
    runs = SharedRuns(store)
    token = runs.share("ann", "first", **FREE).token
    (store.runs / "ann" / "first" / SHARED).write_text(content, encoding="utf-8")
    assert runs.of("ann", "first") is None
    assert runs.find(token) is None


def test_a_permission_that_is_not_plainly_given_is_not_given(store):
    runs = SharedRuns(store)
    token = runs.share("ann", "first", **FREE).token
    note = store.runs / "ann" / "first" / SHARED
    note.write_text(f'{{"token": "{token}", "shows_images": "yes", "offers_files": 1}}', encoding="utf-8")
    assert not runs.find(token).shows_images
    assert not runs.find(token).offers_files
