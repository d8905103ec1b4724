"""What is on disk can be read by anybody it belongs to, after any death, and by nobody else."""

import io
import json
import os
import stat
import time
from pathlib import Path

import pytest
import torch

from core.datasets import LayoutChoice
from core.jobs.job_spec import JobSpec, Source
from core.jobs.run_state import RUNNING, ResourceUsage
from core.jobs.storage.event_log import EventLog
from core.jobs.storage.run_folder import PAUSE, RunCommand, RunFolder, make_folder
from core.jobs.storage.run_store import RunStore, has_runs
from core.jobs.storage.server_leases import ServerLeases
from core.jobs.storage.uploads import Uploads
from core.jobs.tracked_runs import TrackedRuns
from core.jobs.worker.memory_meter import MemoryMeter, give_back_free_memory
from core.training import TrainConfig


def spec(**changes):
    what = {"run_id": "r", "owner": "ann", "source": Source("S", "sketches"), "size": 16, "config": TrainConfig()}
    return JobSpec(**what | {"decoded": "p.pt", "created_at": 1.5, "server": "here"} | changes)


def test_a_half_line_is_skipped_and_spoils_nothing_after_it(tmp_path):
    path, event = tmp_path / "diary.jsonl", {"kind": "Called"}
    log = EventLog(path)
    log.append(event)
    reader = log.reader()
    assert [list(batch.events) for batch in reader.new()] == [[event]]
    with path.open("ab") as file:
        file.write(b'{"at": 1, "said": [{"kind": "Ste')  # and then it was killed
    assert list(reader.new()) == []
    log.append({"kind": "Parked"})
    assert [list(batch.events) for batch in reader.new()] == [[{"kind": "Parked"}]]
    assert [batch.events[0]["kind"] for batch in log.reader().new()] == ["Called", "Parked"]


def test_a_loss_that_is_no_number_is_told_as_it_is(tmp_path):
    log = EventLog(tmp_path / "d")
    log.append({"kind": "Step", "loss": float("nan")})
    (batch,) = log.reader().new()
    assert batch.events[0]["loss"] != batch.events[0]["loss"]


def test_a_specification_comes_back_as_it_was(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.create(spec(config=TrainConfig(epochs=3, rotation=10)))
    assert folder.read_spec() == spec(config=TrainConfig(epochs=3, rotation=10))
    assert folder.read_command() == RunCommand()
    folder.write_command(RunCommand(PAUSE, 0.01, away=True))
    assert folder.read_command() == RunCommand(PAUSE, 0.01, away=True)
    (folder.path / "order.json").write_text('{"config": {"no such knob": 1}}', encoding="utf-8")
    assert folder.read_spec() is None


def test_a_run_of_before_opens_and_goes_on_as_it_was(tmp_path):
    """Files as they were written when a specification was an order and an event log a diary."""
    before = tmp_path / "runs" / "ann" / "arun1234"
    before.mkdir(parents=True)
    written = {
        "order.json": f"""{{"run_id": "arun1234", "owner": "ann", "source": {{"title": "Sketches", "name": "sketches",
            "path": "", "stamp": "", "is_upload": false, "is_private": false}}, "size": 16, "config": {{"epochs": 3,
            "batch_size": 32}}, "pictures": "{tmp_path}/decoded/sketches-16.pt", "since": 5.5,
            "office": "0123456789abcdef", "device": "cpu", "threads": 2}}""",
        "wishes.json": """{"command": "pause", "learning_rate": 0.01, "away": true}""",
        "diary.jsonl": """
{"at":6.0,"said":[{"kind":"Placed","words":"a worker"},{"kind":"Began","step":0,"steps":10,"steps_per_epoch":5,
"train_images":80,"val_images":20,"parameters":100,"device":"cpu","test_images":0,"setting":[]}]}

{"at":7.0,"said":[{"kind":"Step","epoch":1,"step":1,"loss":0.7,"accuracy":0.5,"learning_rate":0.1,"seen":16},
{"kind":"Vitals","step":1,"images_per_second":8.0,"memory_bytes":5,"peak_bytes":6}]}
""".replace(",\n", ","),
    }
    for name, text in written.items():
        (before / name).write_text(text, encoding="utf-8")
    (tmp_path / "queue").mkdir()
    (tmp_path / "queue" / "00000000000000000005~cuda+0~ann~arun1234").touch()
    store = RunStore(tmp_path)
    (entry,) = store.queue()
    assert (entry.since_ns, entry.device, entry.owner, entry.run_id) == (5, "cuda:0", "ann", "arun1234")
    run = TrackedRuns(store).find("ann", "arun1234")
    assert (run.spec.created_at, run.spec.server, run.spec.config.epochs) == (5.5, "0123456789abcdef", 3)
    assert run.spec.decoded.endswith("sketches-16.pt")
    assert run.folder.read_command() == RunCommand(PAUSE, 0.01, away=True)
    view = run.state.view()
    assert (view.state, view.worker, view.began.steps, view.steps[0].loss) == (RUNNING, "a worker", 10, 0.7)
    assert view.usage == (ResourceUsage(1, 8.0, 5, 6),)
    run.claim("another")
    assert set(json.loads((before / "order.json").read_text(encoding="utf-8"))) >= {"pictures", "since", "office"}, (
        "a server of before, on the same folder, reads it too"
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_nobody_else_on_the_machine_can_look(tmp_path):
    store = RunStore(tmp_path / "training")
    store.new_folder("ann", "arun").create(spec())
    for path in (store.root, store.runs / "ann" / "arun"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("owner", "run_id"), [("bob", "arun"), ("..", "runs"), ("ann", ".."), ("ann/arun", "x"), ("", "")]
)
def test_a_run_is_found_by_its_owner_and_its_id_alone(owner, run_id, tmp_path):
    store = RunStore(tmp_path)
    store.new_folder("ann", "arun").create(spec())
    assert store.folder("ann", "arun").read_spec() is not None
    assert store.folder(owner, run_id) is None
    assert has_runs(tmp_path, "ann")
    assert has_runs(tmp_path, owner) == (owner == "ann")


def test_the_queue_is_in_order_and_forgets(tmp_path):
    store = RunStore(tmp_path)
    for run_id in ("one", "two", "three"):
        store.enqueue("cuda:0", "ann", run_id)
        time.sleep(0.001)
    store.dequeue("two")
    assert [(entry.device, entry.run_id) for entry in store.queue()] == [("cuda:0", "one"), ("cuda:0", "three")]


def test_a_server_is_alive_until_it_closes(tmp_path):
    ours, other = ServerLeases(tmp_path), ServerLeases(tmp_path)
    assert ours.is_alive(other.name)
    assert ours.is_alive(ours.name)
    other.close()
    assert not ours.is_alive(other.name)
    assert not ours.is_alive("never-was")
    ours.close()


def test_the_meter_counts_what_training_takes_and_remembers_the_peak():
    meter = MemoryMeter("cpu", 1000)
    before, _ = meter.read()
    assert before >= 1000
    taken = torch.ones(16_000_000)  # 64 MB, and really there
    now, peak = meter.read()
    assert 60e6 < now - before < 90e6
    assert peak >= now
    del taken
    give_back_free_memory()  # another test may have had the allocator keep what is freed
    after, still = meter.read()
    assert after < now - 50e6
    assert peak <= still < peak + 10e6, "remembered; the reading itself takes a few pages"


def test_a_correction_of_the_layout_is_part_of_the_run_and_of_what_is_decoded(tmp_path):
    choice = LayoutChoice("leaf", only=("cat", "a,b;c"), split="redraw")
    upload = Source("pets.zip", path=str(tmp_path / "u" / "pictures.zip"), is_upload=True)
    directory = Source("pets", path=str(tmp_path / "pets"), stamp="s")
    for plain in (upload, directory):
        corrected = plain.read_as(choice)
        assert corrected.choice == choice
        assert plain.choice == LayoutChoice()
        assert corrected.read_as(LayoutChoice()) == plain
        assert corrected.decoded_file(tmp_path, 16) != plain.decoded_file(tmp_path, 16)
        folder = RunFolder(tmp_path / plain.title)
        folder.create(spec(source=corrected))
        assert folder.read_spec().source == corrected
    assert upload.decoded_file(tmp_path, 16).name == "decoded-16.pt", "as it always was"


def test_an_upload_keeps_the_correction_for_its_owners_next_visit(tmp_path):
    uploads = Uploads(tmp_path)
    source = uploads.save("ann", "pets.zip", io.BytesIO(b"archive"), 7)
    corrected = source.read_as(LayoutChoice(dropped=("fox",)))
    uploads.save_title(corrected)
    assert uploads.of("ann") == (corrected,)
    about = tmp_path / "ann" / Path(source.path).parent.name / "about.json"
    about.write_text('{"title": "pets.zip", "is_private": false}', encoding="utf-8")
    assert uploads.of("ann") == (source,), "one of before"


def test_a_folder_is_made_although_the_empty_one_above_it_is_removed_meanwhile(tmp_path, monkeypatch):
    make, removed = Path.mkdir, []

    def make_and_remove(path, *arguments, **named):
        make(path, *arguments, **named)
        if path.name == "ann" and not removed:
            removed.append(path)
            path.rmdir()

    monkeypatch.setattr(Path, "mkdir", make_and_remove)
    make_folder(tmp_path / "ann" / "run")
    assert removed
    assert (tmp_path / "ann" / "run").is_dir()
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "ann" / "run")
