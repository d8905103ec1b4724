"""A full disk costs a sentence: what was there is still there, nothing half is left, and with room it goes on."""

import dataclasses
import io
import time

import pytest
import torch

pytest.importorskip("resource", reason="limits on files are there on Unix alone")

from core.datasets import load
from core.datasets.photo_collection import PhotoCollection
from core.errors import StorageError
from core.images import open_picture
from core.jobs.job_manager import JobManager
from core.jobs.job_spec import Source
from core.jobs.processes.dispatch import Dispatcher
from core.jobs.run_state import FAILED
from core.jobs.storage.decoded_images import open_decoded, save_decoded
from core.jobs.storage.run_folder import STOP, RunCommand, RunFolder
from core.jobs.storage.uploads import Uploads
from core.storage_errors import storage_errors
from core.training import Trainer, load_trained, save
from core.training.results import read_predictions, save_predictions
from tests.core.jobs.disk_faults import files, full_disk
from tests.core.jobs.quick_runs import QUICK, SIZE, SKETCHES
from tests.core.jobs.test_storage import spec

FULL = "disk is full"


@pytest.fixture(scope="module")
def sketches():
    return load("sketches", SIZE, limit=40)


def photo():
    from PIL import Image

    file = io.BytesIO()
    Image.effect_noise((200, 200), 80).convert("RGB").save(file, "png")
    return file.getvalue()


def a_run(folder, sketches):
    RunFolder(folder / "run").create(spec())


def a_command(folder, sketches):
    RunFolder(folder).write_command(RunCommand(STOP))


def an_upload(folder, sketches):
    Uploads(folder).save("ann", "pets.zip", io.BytesIO(bytes(5000)), 5000)


def decoded_images(folder, sketches):
    save_decoded(sketches, folder / "set.pt")


def predictions(folder, sketches):
    save_predictions(folder / "p.pt", torch.arange(40), torch.rand(40, 2))


def a_checkpoint(folder, sketches):
    save(Trainer(QUICK, sketches), folder / "run.pt")


def events(folder, sketches):
    RunFolder(folder).event_log.append({"kind": "Called"})


@storage_errors()
def three_times(write, folder, sketches):
    """A first short line may still fit."""
    for _ in range(3):
        write(folder, sketches)


WRITERS = [a_run, a_command, an_upload, decoded_images, predictions, a_checkpoint, events]


@pytest.mark.parametrize(
    ("write", "left"),
    [(write, left) for write in WRITERS for left in (0, 100) if (write, left) != (a_command, 100)],  # it fits into 100
)
def test_whatever_is_written_is_written_whole_or_leaves_nothing(write, left, tmp_path, sketches):
    with full_disk(left), pytest.raises(StorageError, match=FULL):
        three_times(write, tmp_path, sketches)
    assert sum(files(tmp_path).values()) <= left
    assert not [name for name in files(tmp_path) if write is not events]
    assert not [path for path in tmp_path.rglob("*") if path.is_dir() and path.name != "ann"], (
        "no empty folder of a run"
    )
    write(tmp_path, sketches)
    assert files(tmp_path)


def test_the_checkpoint_before_stays_until_the_next_is_whole(tmp_path, sketches):
    trainer = Trainer(QUICK, sketches)
    save(trainer, tmp_path / "run.pt")
    before = files(tmp_path)
    next(iter(trainer.run()))
    with full_disk(2000), pytest.raises(OSError, match="too large"):
        save(trainer, tmp_path / "run.pt")
    assert files(tmp_path) == before
    assert load_trained(tmp_path / "run.pt").step == 0


def test_a_checkpoint_that_does_not_read_as_it_was_written_takes_nobodys_place(tmp_path, sketches, monkeypatch):
    save(Trainer(QUICK, sketches), tmp_path / "run.pt")
    before = files(tmp_path)
    monkeypatch.setattr("core.datasets.cachedir._digest", lambda file: b"something else")
    with pytest.raises(StorageError, match="does not read as it was written"), storage_errors():
        save(Trainer(dataclasses.replace(QUICK, seed=1), sketches), tmp_path / "run.pt")
    assert files(tmp_path) == before


def test_a_second_set_of_predictions_or_images_does_not_cost_the_first(tmp_path, sketches):
    decoded_images(tmp_path, sketches)
    predictions(tmp_path, sketches)
    before = files(tmp_path)
    for write in (decoded_images, predictions):
        with full_disk(100), pytest.raises(OSError, match="too large"):
            write(tmp_path, sketches)
    assert files(tmp_path) == before
    assert torch.equal(open_decoded(tmp_path / "set.pt").images, sketches.images)
    assert len(read_predictions(tmp_path / "p.pt", torch.zeros(40, dtype=torch.int64))) == 40


def test_images_that_cannot_be_kept_are_decoded_into_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    for kind in "ab":
        (tmp_path / "set" / kind).mkdir(parents=True)
        for number in range(3):
            (tmp_path / "set" / kind / f"{number}.png").write_bytes(photo())
    with full_disk(100):
        data = load(tmp_path / "set", SIZE, cache=True)
    assert data.file is None
    assert files(tmp_path / "cache") == {}
    kept = load(tmp_path / "set", SIZE, cache=True)
    assert torch.equal(kept.images, data.images)
    (kept.file.parent / "rest.pt").write_bytes(b"damaged")
    assert torch.equal(load(tmp_path / "set", SIZE, cache=True).images, data.images), "decoded anew"


def test_a_photo_that_finds_no_room_is_not_counted():
    photos = PhotoCollection()
    photos.add_class("mug")
    with full_disk(100), pytest.raises(StorageError, match=FULL):
        photos.add("mug", photo())
    assert photos.counts == {"mug": 0}
    photos.add("mug", photo())
    assert open_picture(photos._photos["mug"][0].read_bytes()).shape == (200, 200, 3)


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """A job manager that sends nothing, so that no process is started."""
    sent = []
    monkeypatch.setattr(Dispatcher, "threads", 1)
    monkeypatch.setattr(Dispatcher, "send_run", lambda self, spec, folder, attempt: sent.append(spec.run_id))
    manager = JobManager(tmp_path)
    manager.sent = sent
    yield manager
    manager.close()


def test_a_run_that_cannot_be_kept_is_refused_and_leaves_nothing(manager, tmp_path):
    before = files(tmp_path)
    with full_disk(), pytest.raises(StorageError, match=FULL):
        manager.start("ann", SKETCHES, SIZE, QUICK)
    assert files(tmp_path) == before
    assert (manager.runs("ann"), manager.damaged_runs("ann"), manager.sent) == ([], [], [])
    run_id = manager.start("ann", SKETCHES, SIZE, QUICK)
    assert manager.sent == [run_id]
    with full_disk(), pytest.raises(StorageError, match=FULL):
        manager.command("ann", run_id, "pause")
    assert manager.watch("ann", run_id) is not None, "looking needs no room"


def test_a_run_whose_failure_finds_no_room_has_failed_all_the_same_and_leaves_the_queue(manager):
    run_id = manager.start("ann", SKETCHES, SIZE, QUICK)
    run = manager._runs.find("ann", run_id)
    with full_disk(), run.steering:
        manager._queue.fail(run, "The server's disk is full.")
        assert manager.watch("ann", run_id).state == FAILED
    assert manager.watch("ann", run_id).error == "The server's disk is full."
    assert manager.store.queue() == []


def test_a_run_that_could_not_even_write_that_it_failed_goes_on_when_there_is_room(manager, monkeypatch):
    run_id = manager.start("ann", SKETCHES, SIZE, QUICK)
    with full_disk():
        manager._queue.fail(manager._runs.find("ann", run_id), "full")
    manager._runs.unload(run_id)
    monkeypatch.setattr("core.jobs.supervisor.SETTLED_S", -60.0)
    manager.supervisor.restore()
    assert manager.sent == [run_id, run_id]
    assert [entry.run_id for entry in manager.store.queue()] == [run_id]


def test_the_log_has_one_line_on_a_full_disk_and_no_traceback(manager, monkeypatch, caplog):
    manager.supervisor.close()
    time.sleep(0.1)
    source = Source("Sketches", "sketches")
    manager.start("ann", source, SIZE, QUICK)

    def refuse():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(manager.leases if hasattr(manager, "leases") else manager._leases, "renew", refuse)
    for _ in range(5):
        try:
            manager.supervisor.round(0)
        except OSError as error:
            manager.supervisor._complain(error)
    (record,) = [record for record in caplog.records if record.name == "core.jobs.supervisor"]
    assert FULL in record.getMessage()
    assert record.exc_info is None
