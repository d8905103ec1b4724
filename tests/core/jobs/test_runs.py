"""Runs in their own processes: true to the plain loop, safe from crashes, and nobody else's business."""

import dataclasses
import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.datasets import load
from core.errors import PlaygroundError
from core.jobs.job_manager import PER_OWNER
from core.jobs.run_state import ENDED, FAILED, PAUSED, RUNNING
from core.jobs.storage.decoded_images import open_decoded, save_decoded
from core.training import TrainingStep, load_trained, train
from tests.core.jobs.quick_runs import FEW, LONG, PATIENCE, QUICK, SIZE, SKETCHES, ended, opened, until


@pytest.fixture(scope="module")
def manager(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("manager")) as manager:
        yield manager


def test_a_run_tells_what_the_plain_loop_tells(manager):
    run_id = manager.start("ann", SKETCHES, SIZE, QUICK)
    view = until(manager, "ann", run_id, ended)
    assert view.state == ENDED
    *_, done = events = list(train(QUICK, load("sketches", SIZE, limit=FEW)))
    expected = [event for event in events if isinstance(event, TrainingStep)]
    assert [step.step for step in view.steps] == [step.step for step in expected]
    assert [step.loss for step in view.steps] == pytest.approx([step.loss for step in expected], rel=1e-3)
    assert len(view.epochs) == 2
    assert view.done.val_accuracy == pytest.approx(done.val_accuracy, abs=0.03)
    assert view.share == 1
    trained = load_trained(manager.checkpoint("ann", run_id))
    pictures = open_decoded(manager.decoded_file(SKETCHES, SIZE))
    watched = trained.probabilities(pictures.images[list(view.snapshot.watched)])
    torch.testing.assert_close(watched, torch.tensor(view.snapshot.probabilities), atol=1e-4, rtol=1e-3)


def test_nobody_sees_or_stops_a_run_of_somebody_else(manager):
    run_id = manager.start("carol", SKETCHES, SIZE, LONG)
    until(manager, "carol", run_id, lambda view: view.steps)
    manager.command("carol", run_id, "pause")
    until(manager, "carol", run_id, lambda view: view.state == PAUSED)
    assert manager.watch("dave", run_id) is None
    assert manager.checkpoint("dave", run_id) is None
    assert manager.runs("dave") == []
    manager.command("dave", run_id, "stop")
    other = manager.start("dave", SKETCHES, SIZE, QUICK)
    until(manager, "dave", other, lambda view: view.queue_position == 1)  # once the last test's run has left the queue
    manager.command("carol", run_id, "run")
    until(manager, "carol", run_id, lambda view: view.state == RUNNING)
    manager.command("carol", run_id, "stop")
    view = until(manager, "carol", run_id, ended)
    assert view.done.reason == "stopped"
    assert view.done.step < view.began.steps
    assert until(manager, "dave", other, ended).state == ENDED


def test_pause_holds_and_the_learning_rate_can_be_changed(manager):
    run_id = manager.start("erin", SKETCHES, SIZE, dataclasses.replace(LONG, schedule="constant"))
    until(manager, "erin", run_id, lambda view: view.steps)
    manager.command("erin", run_id, "pause")
    step = len(until(manager, "erin", run_id, lambda view: view.state == PAUSED).steps)
    time.sleep(0.5)
    assert len(manager.watch("erin", run_id).steps) == step
    manager.command("erin", run_id, "run", learning_rate=0.003)
    view = until(manager, "erin", run_id, lambda view: len(view.steps) > step + 2)
    assert (view.steps[step - 1].learning_rate, view.steps[step + 1].learning_rate) == (LONG.learning_rate, 0.003)
    manager.command("erin", run_id, "stop")
    until(manager, "erin", run_id, ended)


def test_a_person_has_only_so_many_runs_at_a_time(manager):
    ids = [manager.start("finn", SKETCHES, SIZE, LONG) for _ in range(PER_OWNER)]
    with pytest.raises(PlaygroundError, match="unfinished runs"):
        manager.start("finn", SKETCHES, SIZE, LONG)
    manager.command("finn", ids[1], "stop")
    waiting = until(manager, "finn", ids[1], ended)
    assert (waiting.state, waiting.error) == (FAILED, "Stopped before it started.")
    until(manager, "finn", ids[0], lambda view: view.steps)
    manager.command("finn", ids[0], "stop")
    until(manager, "finn", ids[0], ended)
    assert [view.run_id for view in manager.runs("finn")] == ids[::-1]


def zipped(pictures):
    """A zip of class folders, as it comes from a browser."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path, content in pictures.items():
            archive.writestr(path, content)
    return file


def png(seed):
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(file, "png")
    return file.getvalue()


def test_an_uploaded_zip_is_prepared_once_and_trained_on(manager, monkeypatch):
    pictures = {f"{kind}/{i}.png": png(i) for kind in "ab" for i in range(10)} | {"a/broken.jpg": b"no picture"}
    file = zipped(pictures)
    source = manager.uploads.save("gil", "mine.zip", file, file.getbuffer().nbytes)
    decoding = manager.decode(source, SIZE)
    decoding.wait(PATIENCE)
    assert manager.decode(source, SIZE) is decoding
    prepared = open_decoded(manager.decoded_file(source, SIZE))
    assert prepared.classes == ("a", "b")
    assert len(prepared) == 20
    assert [refusal.path for refusal in prepared.refused] == ["a/broken.jpg"]
    run_id = manager.start("gil", source, SIZE, QUICK)
    view = until(manager, "gil", run_id, ended)
    assert (view.began.train_images, view.began.val_images) == (16, 4)
    manager.drop_upload(source)
    assert not Path(source.path).exists()
    assert manager.decoded_file(source, SIZE).exists(), "the run can still be looked at"
    monkeypatch.setattr("core.jobs.retention.KEPT", 1)
    for _ in range(2):
        until(manager, "gil", manager.start("gil", SKETCHES, SIZE, dataclasses.replace(QUICK, epochs=1)), ended)
    assert manager.watch("gil", run_id) is None
    assert not manager.decoded_file(source, SIZE).exists()


def test_a_zip_without_pictures_is_explained(manager):
    file = zipped({"readme.txt": b"nothing"})
    source = manager.uploads.save("hal", "empty.zip", file, 100)
    run_id = manager.start("hal", source, SIZE, QUICK)
    view = until(manager, "hal", run_id, ended)
    assert view.state == FAILED
    with pytest.raises(PlaygroundError) as expected:
        load(source.path, SIZE)
    assert view.error == str(expected.value)


def test_what_is_private_leaves_nothing_in_the_cache_and_what_is_not_lies_there_once(tmp_path, monkeypatch):
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    file = zipped({f"{kind}/{i}.png": png(i) for kind in "ab" for i in range(4)})
    for is_private in (True, False):
        pictures = load(io.BytesIO(file.getvalue()), SIZE, cache=not is_private)
        save_decoded(pictures, tmp_path / f"{is_private}.pt")
        assert (pictures.file is None) == is_private
        assert (tmp_path / f"{is_private}.u8").stat().st_nlink == (1 if is_private else 2)
        assert torch.equal(open_decoded(tmp_path / f"{is_private}.pt").images, pictures.images)


def test_saved_pictures_come_back_whole(tmp_path):
    pictures = load("sketches", SIZE, limit=6)
    save_decoded(pictures, tmp_path / "set.pt")
    back = open_decoded(tmp_path / "set.pt")
    for field in dataclasses.fields(pictures):
        if field.name == "file":
            continue
        one, other = getattr(pictures, field.name), getattr(back, field.name)
        assert torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other
    assert all(torch.equal(a, b) for a, b in zip(pictures.split(), back.split(), strict=True))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_run_on_a_gpu_is_the_plain_loop_there_and_is_metered_by_its_allocator(manager):
    run_id = manager.start("greta", SKETCHES, SIZE, QUICK, "cuda:0")
    view = until(manager, "greta", run_id, ended)
    assert (view.state, view.began.device) == (ENDED, "cuda:0")
    assert torch.cuda.get_device_name() in view.began.setting
    expected = [
        event for event in train(QUICK, load("sketches", SIZE, limit=FEW), "cuda:0") if isinstance(event, TrainingStep)
    ]
    assert [step.loss for step in view.steps] == [step.loss for step in expected]
    assert view.usage
    assert all(0 < measured.memory_bytes < 100e6 for measured in view.usage)
