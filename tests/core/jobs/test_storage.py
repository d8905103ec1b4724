"""What is on disk can be read by anybody it belongs to, after any death, and by nobody else."""

import os
import stat
import time

import pytest
import torch

from core.jobs.job_spec import Order, Source
from core.jobs.storage import event_log as diary
from core.jobs.storage.run_folder import PAUSE, RunFolder, Wishes
from core.jobs.storage.run_store import Shelf
from core.jobs.storage.server_leases import Offices
from core.jobs.worker.memory_meter import Meter, give_back_free_memory
from core.training import TrainConfig


def order(**changes):
    what = {"run_id": "r", "owner": "ann", "source": Source("S", "sketches"), "size": 16, "config": TrainConfig()}
    return Order(**what | {"pictures": "p.pt", "since": 1.5, "office": "here"} | changes)


def test_a_half_line_is_skipped_and_spoils_nothing_after_it(tmp_path):
    path, said = tmp_path / "diary.jsonl", [{"kind": "Called"}]
    diary.write(path, said)
    reader = diary.Reader(path)
    assert [list(bundle.said) for bundle in reader.new()] == [said]
    with path.open("ab") as file:
        file.write(b'{"at": 1, "said": [{"kind": "Ste')  # and then it was killed
    assert list(reader.new()) == []
    diary.write(path, [{"kind": "Parked"}])
    assert [list(bundle.said) for bundle in reader.new()] == [[{"kind": "Parked"}]]
    assert [bundle.said[0]["kind"] for bundle in diary.Reader(path).new()] == ["Called", "Parked"]


def test_a_loss_that_is_no_number_is_told_as_it_is(tmp_path):
    diary.write(tmp_path / "d", [{"kind": "Step", "loss": float("nan")}])
    (bundle,) = diary.Reader(tmp_path / "d").new()
    assert bundle.said[0]["loss"] != bundle.said[0]["loss"]


def test_an_order_comes_back_as_it_was(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.create(order(config=TrainConfig(epochs=3, rotation=10)))
    assert folder.order() == order(config=TrainConfig(epochs=3, rotation=10))
    assert folder.wishes() == Wishes()
    folder.wish(Wishes(PAUSE, 0.01, away=True))
    assert folder.wishes() == Wishes(PAUSE, 0.01, away=True)
    (folder.path / "order.json").write_text('{"config": {"no such knob": 1}}', encoding="utf-8")
    assert folder.order() is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_nobody_else_on_the_machine_can_look(tmp_path):
    shelf = Shelf(tmp_path / "training")
    shelf.new_folder("ann", "arun").create(order())
    for path in (shelf.root, shelf.runs / "ann" / "arun"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("owner", "run_id"), [("bob", "arun"), ("..", "runs"), ("ann", ".."), ("ann/arun", "x"), ("", "")]
)
def test_a_run_is_found_by_its_owner_and_its_id_alone(owner, run_id, tmp_path):
    shelf = Shelf(tmp_path)
    shelf.new_folder("ann", "arun").create(order())
    assert shelf.folder("ann", "arun").order() is not None
    assert shelf.folder(owner, run_id) is None


def test_the_queue_is_in_order_and_forgets(tmp_path):
    shelf = Shelf(tmp_path)
    for run_id in ("one", "two", "three"):
        shelf.enqueue("cuda:0", "ann", run_id)
        time.sleep(0.001)
    shelf.dequeue("two")
    assert [(turn.device, turn.run_id) for turn in shelf.queue()] == [("cuda:0", "one"), ("cuda:0", "three")]


def test_an_office_is_open_until_it_closes(tmp_path):
    ours, other = Offices(tmp_path), Offices(tmp_path)
    assert ours.is_open(other.name)
    assert ours.is_open(ours.name)
    other.close()
    assert not ours.is_open(other.name)
    assert not ours.is_open("never-was")
    ours.close()


def test_the_meter_counts_what_training_takes_and_remembers_the_peak():
    meter = Meter("cpu", 1000)
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
    assert still == peak
