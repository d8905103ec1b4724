"""Whoever knows the id of somebody else's run, or the name of their upload, gets nothing and changes nothing."""

import io
import shutil

import pytest

from core.jobs.job_manager import JobManager
from core.jobs.processes.dispatch import Dispatcher
from core.jobs.storage.run_folder import RunCommand
from tests.core.jobs.disk_faults import files
from tests.core.jobs.quick_runs import QUICK, SIZE, SKETCHES

GUESSES = ["eve", "ann/..", "../runs/ann", "..", ".", "", "ann\x00", "ANN", "ann ", "*", "ann~1", "a" * 300]


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """Ann's run, with all that a run can leave, and her upload; nothing is sent, so that no process is started."""
    monkeypatch.setattr(Dispatcher, "threads", 1)
    monkeypatch.setattr(Dispatcher, "send_run", lambda self, spec, folder, attempt: None)
    monkeypatch.setattr(Dispatcher, "cluster", lambda self: pytest.fail("work was sent"))
    manager = JobManager(tmp_path)
    manager.supervisor.close()
    yield manager
    manager.close()


def anns(manager):
    run_id = manager.start("ann", SKETCHES, SIZE, QUICK)
    folder = manager.store.folder("ann", run_id)
    for path in (folder.checkpoint, folder.predictions, folder.unlabelled, folder.evaluation("test")):
        path.write_bytes(b"secret")
    manager.uploads.save("ann", "pets.zip", io.BytesIO(b"archive"), 7)
    return run_id


@pytest.mark.parametrize("owner", GUESSES)
def test_nobody_finds_steers_or_deletes_a_run_of_another(owner, manager, tmp_path):
    run_id = anns(manager)
    before = files(tmp_path)
    for name in (run_id, f"../ann/{run_id}", f"./{run_id}", "*", "", "seen"):
        assert manager.watch(owner, name) is None
        assert manager.checkpoint(owner, name) is None
        assert manager.predictions(owner, name) is None
        assert manager.evaluate(owner, name, "test") is None
        assert manager.predict_unlabelled(owner, name) is None
        for command in ("stop", "pause", "explode"):
            manager.command(owner, name, command, 5.0)
        manager.delete(owner, name)
    assert manager.runs(owner) == manager.damaged_runs(owner) == []
    assert manager.uploads.of(owner) == ()
    assert manager.lr_searches.of(owner) is None
    assert files(tmp_path) == before
    assert manager.store.folder("ann", run_id).read_command() == RunCommand()


def test_a_copied_run_folder_is_not_somebody_elses_run(manager):
    run_id = anns(manager)
    shutil.copytree(manager.store.runs / "ann" / run_id, manager.store.runs / "eve" / "copied00")
    assert manager.runs("eve") == []
    assert [run.run_id for run in manager.damaged_runs("eve")] == ["copied00"]
    manager.delete("eve", "copied00")
    assert manager.watch("ann", run_id) is not None


def test_ids_have_96_random_bits(manager):
    ids = {manager._spec("ann", SKETCHES, SIZE, QUICK, "cpu").run_id for _ in range(200)}
    assert len(ids) == 200
    assert {len(one) for one in ids} == {16}


def test_uploads_and_runs_go_when_nobody_needs_them_any_more(manager, monkeypatch, tmp_path):
    source = manager.uploads.save("ann", "pets.zip", io.BytesIO(b"archive"), 7)
    run_id = manager.start("ann", source, SIZE, QUICK)
    decoded = manager.decoded_file(source, SIZE)
    decoded.write_bytes(b"resized")
    manager.drop_upload(source)
    assert manager.uploads.of("ann") == ()
    assert (tmp_path / "uploads" / "ann").exists(), "the run has not begun"
    run = manager._runs.find("ann", run_id)
    run.fail("no reason")
    manager._tidy("ann")
    assert (decoded.exists(), source.where in files(tmp_path)) == (True, False), "its pictures can be looked at"
    monkeypatch.setattr(type(manager.store), "days_away", lambda self, owner: 8.0)
    manager._tidy("ann")
    assert not decoded.exists(), "Ann has not been here for a week"
    assert manager.watch("ann", run_id) is not None
    monkeypatch.setattr(type(manager.store), "days_away", lambda self, owner: 181.0)
    manager._tidy("ann")
    assert manager.watch("ann", run_id) is None
    assert not [name for name in files(tmp_path) if "ann" in name]
    assert not (tmp_path / "runs" / "ann").exists()
