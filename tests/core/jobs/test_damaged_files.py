"""What somebody else has put, cut, damaged or removed in the folders of a server costs nobody anything but itself."""

import io
import json
import os
import shutil
import time
from types import SimpleNamespace

import pytest
import torch

from core.datasets import load
from core.errors import DataError
from core.jobs.job_manager import JobManager
from core.jobs.processes.dispatch import Dispatcher
from core.jobs.run_counts import RunCounts
from core.jobs.run_state import ENDED, FAILED, RUNNING, WAITING, RunState, RunView
from core.jobs.storage.decoded_images import PIXELS, open_decoded, save_decoded
from core.jobs.storage.run_folder import PAUSE, RunCommand, RunFolder
from core.jobs.storage.run_store import RunStore
from core.jobs.storage.server_leases import ServerLeases
from core.jobs.storage.uploads import UNNAMED, Uploads
from core.jobs.tracked_runs import TrackedRuns
from core.jobs.worker import train
from core.training import Began, Trainer, TrainingStep, load_trained, to_dict
from tests.core.jobs.quick_runs import QUICK, SIZE, SKETCHES
from tests.core.jobs.test_storage import spec

DAMAGED = [b"", b"\x00" * 4096, b"{", b"[]", b"null", b'"text"', b"\xff\xfe\x00", b'{"a": 1}', b"[" * 100_000]
FIELDS = {"size": "16", "owner": 5, "source": {}, "config": {"epochs": "many"}, "run_id": "another", "office": None}


def damaged_specs():
    whole = spec(run_id="arun").to_json()
    yield from DAMAGED
    for name, value in FIELDS.items():
        yield json.dumps(whole | {name: value}).encode()
        yield json.dumps({key: kept for key, kept in whole.items() if key != name}).encode()


@pytest.mark.parametrize("content", [*damaged_specs()])
def test_a_run_with_a_damaged_specification_is_listed_and_no_other_suffers(content, tmp_path):
    store = RunStore(tmp_path)
    for run_id in ("arun", "other"):
        store.new_folder("ann", run_id).create(spec(run_id=run_id))
    (store.runs / "ann" / "arun" / "order.json").write_bytes(content)
    runs = TrackedRuns(store)
    assert [run.spec.run_id for run in runs.of("ann")] == ["other"]
    assert [run.run_id for run in runs.damaged("ann")] == ["arun"]
    assert runs.damaged("bob") == []


@pytest.mark.parametrize("content", [*DAMAGED, b'{"command": "explode"}', b'{"learning_rate": "fast"}'])
def test_a_damaged_command_means_to_run_on(content, tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_command(RunCommand(PAUSE))
    (tmp_path / "wishes.json").write_bytes(content)
    assert folder.read_command() == RunCommand()


@pytest.mark.parametrize(
    "line", [*DAMAGED, b'{"at": 1, "said": [5, null, {}, {"kind": "Step"}, {"kind": "Tomorrow"}]}']
)
def test_a_damaged_line_of_an_event_log_is_passed_over(line, tmp_path):
    log = RunFolder(tmp_path).event_log
    step = TrainingStep(1, 1, 0.5, 0.5, 0.1, 32)
    log.append(to_dict(Began(0, 10, 5, 80, 20, 100, "cpu")))
    with log.path.open("ab") as file:
        file.write(line)
    log.append(to_dict(step))
    state = RunState(RunView("r", SKETCHES, SIZE, QUICK))
    for batch in log.reader().new():
        state.apply(batch.events, batch.at)
    assert (state.view().state, state.view().steps) == (RUNNING, (step,))


def test_what_is_not_ours_among_the_folders_is_skipped(tmp_path):
    store = RunStore(tmp_path)
    store.new_folder("ann", "arun").create(spec(run_id="arun"))
    store.enqueue("cpu", "ann", "arun")
    for name in (".DS_Store", "notes.txt", "a~b~c~d", "5~cpu~../up~x", "~~~", "1~2~3~4~5"):
        (tmp_path / "queue" / name.replace("/", "")).touch()
    (tmp_path / "queue" / "00000000000000000001~cpu~ann~folder").mkdir()
    (tmp_path / "runs" / "stray.txt").touch()
    (tmp_path / "runs" / "ann" / "stray.txt").touch()
    (tmp_path / "runs" / "no owner's name").mkdir()
    (tmp_path / "uploads" / "stray").touch()
    assert [entry.run_id for entry in store.queue() if entry.run_id != "folder"] == ["arun"]
    assert store.owners() == {"ann"}
    assert store.run_ids("ann") == ["arun"]
    assert RunCounts(store).by_state()[WAITING] == 1
    store.dequeue("folder")
    store.dequeue("arun")
    assert Uploads(store.uploads).of("stray") == ()


def test_folders_that_were_removed_come_back(tmp_path):
    store = RunStore(tmp_path / "training")
    shutil.rmtree(tmp_path / "training")
    assert (store.queue(), store.owners(), store.run_ids("ann")) == ([], set(), [])
    run = TrackedRuns(store).create(spec(run_id="arun"))
    store.enqueue("cpu", "ann", "arun")
    assert run.folder.read_spec() == run.spec
    assert [entry.run_id for entry in store.queue()] == ["arun"]
    assert oct((tmp_path / "training").stat().st_mode)[-3:] == "700"


def test_an_upload_without_its_title_can_still_be_used_and_removed(tmp_path):
    uploads = Uploads(tmp_path)
    source = uploads.save("ann", "pets.zip", io.BytesIO(b"archive"), 7)
    about = next(tmp_path.rglob("about.json"))
    for content in DAMAGED:
        about.write_bytes(content)
        (found,) = uploads.of("ann")
        assert (found.title, found.path) == (UNNAMED, source.path)
    about.unlink()
    assert uploads.of("ann") == (), "one that never came whole"
    long_ago = time.time() - 2 * 86_400
    os.utime(source.path, (long_ago, long_ago))
    uploads.tidy("ann", set(), set())
    assert list(tmp_path.rglob("*.zip")) == []


def test_a_lease_that_was_removed_is_held_again_and_one_that_is_none_is_nobodys(tmp_path):
    ours, other = ServerLeases(tmp_path), ServerLeases(tmp_path)
    shutil.rmtree(tmp_path)
    ours.renew()
    assert other.is_alive(ours.name)
    (tmp_path / "stray.open").mkdir()
    (tmp_path / "garbage.open").write_bytes(b"\x00" * 100)
    for name in ("stray", "garbage", "../../etc/passwd", "", "a" * 500):
        assert not ours.is_alive(name)
    ours.close()
    other.close()


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """A job manager that sends nothing, so that no process is started."""
    sent = []
    monkeypatch.setattr(Dispatcher, "threads", 1)
    monkeypatch.setattr(Dispatcher, "send_run", lambda self, spec, folder, attempt: sent.append(spec.run_id))
    manager = JobManager(tmp_path / "training")
    manager.sent = sent
    yield manager
    manager.close()


def test_a_damaged_run_and_a_finished_one_are_deleted_by_their_owner_alone(manager):
    ids = [manager.start("ann", SKETCHES, SIZE, QUICK) for _ in range(2)]
    manager._runs.find("ann", ids[1]).fail("no reason")
    (manager.store.runs / "ann" / ids[0] / "order.json").write_bytes(b"{")
    manager._runs.unload(ids[0])
    for run_id in ids:
        manager.delete("bob", run_id)
    assert [run.run_id for run in manager.damaged_runs("ann")] == [ids[0]]
    running = manager.start("ann", SKETCHES, SIZE, QUICK)
    for run_id in (*ids, running, "../ann", ".."):
        manager.delete("ann", run_id)
    assert manager.damaged_runs("ann") == []
    assert [view.run_id for view in manager.runs("ann")] == [running], "one that goes on stays"


def test_a_run_whose_folder_is_gone_is_nobodys_and_the_supervisor_lets_go_of_it(manager, caplog):
    run_id = manager.start("ann", SKETCHES, SIZE, QUICK)
    manager._dispatcher._runs[run_id] = SimpleNamespace(failure=lambda killed: "")
    shutil.rmtree(manager.store.root)
    manager.supervisor.round(0)
    assert manager.supervisor.sent() == []
    assert manager.watch("ann", run_id) is None
    assert manager.runs("ann") == []
    again = manager.start("ann", SKETCHES, SIZE, QUICK)
    assert manager.watch("ann", again).state == WAITING
    assert [record for record in caplog.records if record.exc_info] == []


def test_a_run_whose_place_in_the_queue_is_gone_is_sent_again(manager, monkeypatch):
    run_id = manager.start("ann", SKETCHES, SIZE, QUICK)
    manager.supervisor.restore()
    assert manager.sent == [run_id], "it waits its turn"
    shutil.rmtree(manager.store.root / "queue")
    manager.store.make_folders()
    monkeypatch.setattr("core.jobs.supervisor.SETTLED_S", -60.0)
    manager.supervisor.restore()
    assert manager.sent == [run_id, run_id]
    shutil.rmtree(manager.store.root / "queue")
    manager.store.make_folders()
    manager.command("ann", run_id, "run")
    assert manager.sent == [run_id] * 3, "or at once, when its owner wants it to go on"


@pytest.fixture
def worker(monkeypatch, tmp_path):
    """What a worker does, done here: a run in a folder of its own with images that are decoded already."""
    monkeypatch.setattr(train, "get_worker", lambda: SimpleNamespace(name="here"))
    threads = torch.get_num_threads()
    save_decoded(load("sketches", SIZE, limit=40), tmp_path / "set.pt")
    folder = RunFolder(tmp_path / "runs" / "ann" / "arun")
    folder.create(spec(run_id="arun", config=QUICK, size=SIZE, decoded=str(tmp_path / "set.pt"), threads=1))
    yield folder
    torch.set_num_threads(threads)


def view_of(folder):
    state = RunState(RunView("arun", SKETCHES, SIZE, QUICK))
    for batch in folder.event_log.reader().new():
        state.apply(batch.events, batch.at)
    return state.view()


@pytest.mark.parametrize("content", [b"", b"half a", None])
def test_a_damaged_checkpoint_costs_the_run_its_progress_and_not_its_result(content, worker):
    train.train_run(str(worker.path))
    expected = load_trained(worker.checkpoint).model.state_dict()
    whole = worker.checkpoint.read_bytes()
    worker.checkpoint.write_bytes(whole[: len(whole) // 2] if content is None else content)
    worker.event_log.path.unlink()
    train.train_run(str(worker.path))
    view = view_of(worker)
    assert (view.state, view.begun_anew, view.resumed) == (ENDED, True, 0)
    actual = load_trained(worker.checkpoint).model.state_dict()
    assert all(torch.equal(actual[name], values) for name, values in expected.items())


def test_a_finished_run_that_lost_its_event_log_is_over_again_from_its_checkpoint(worker):
    train.train_run(str(worker.path))
    worker.event_log.path.write_bytes(b"\x00" * 1000)
    train.train_run(str(worker.path))
    view = view_of(worker)
    assert (view.state, view.resumed, view.steps) == (ENDED, 1, ())
    assert view.done.reason == "finished"


def test_damaged_decoded_images_are_decoded_anew(worker, tmp_path):
    for damage in (lambda: (tmp_path / "set.pt").write_bytes(b"x"), lambda: (tmp_path / f"set{PIXELS}").unlink()):
        damage()
        with pytest.raises(DataError, match="decoded anew"):
            open_decoded(tmp_path / "set.pt")
        assert not (tmp_path / "set.pt").exists()
        save_decoded(load("sketches", SIZE, limit=40), tmp_path / "set.pt")
    os.truncate(tmp_path / f"set{PIXELS}", 100)
    train.train_run(str(worker.path))
    assert view_of(worker).state == ENDED


def test_a_run_that_is_removed_while_it_trains_ends_quietly_and_does_not_come_back(worker, monkeypatch, caplog):
    monkeypatch.setattr(Trainer, "stop", lambda self: None)

    def removed(self, trainer):
        shutil.rmtree(worker.path)
        self.flush()

    monkeypatch.setattr("core.jobs.worker.progress_reporter.WRITE_EVERY_S", 0.0)
    monkeypatch.setattr("core.jobs.worker.progress_reporter.ProgressReporter.obey", removed)
    train.train_run(str(worker.path))
    assert not worker.path.exists()
    train.train_run(str(worker.path))
    assert not worker.path.exists(), "its lock does not make it anew"
    assert [record for record in caplog.records if record.exc_info] == []


def test_a_run_that_finds_the_disk_full_says_so(worker, monkeypatch):
    def refuse(trainer, path):
        raise OSError(28, "No space left on device")

    (worker.path / ".run.pthalf").write_bytes(b"what a killed process left")
    monkeypatch.setattr("core.training.save", refuse)
    train.train_run(str(worker.path))
    view = view_of(worker)
    assert (view.state, "disk is full" in view.error) == (FAILED, True)
    assert not (worker.path / ".run.pthalf").exists()
