"""Runs in their own processes: true to the plain loop, safe from crashes, and nobody else's business."""

import dataclasses
import io
import os
import signal
import time
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from PIL import Image

from core.datasets import load
from core.errors import PlaygroundError
from core.training import Began, Done, Epoch, Step, TrainConfig, load_trained, to_dict, train
from playground.jobs.board import ENDED, FAILED, PAUSED, RUNNING, WAITING, Board, View
from playground.jobs.office import KEPT, PER_OWNER, Office
from playground.jobs.orders import Source
from playground.jobs.store import open_pictures, save_pictures

SKETCHES = Source("Sketches", "sketches")
QUICK = TrainConfig(network="Cats and dogs", epochs=2, batch_size=128)
LONG = dataclasses.replace(QUICK, epochs=60)
SIZE = 16


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    others = psutil.Process().children()  # a server and a browser of other tests
    office = Office(tmp_path_factory.mktemp("office"))
    office.warm_up()
    yield office
    ours = [child for child in psutil.Process().children() if child not in others]
    children = [*ours, *(grandchild for child in ours for grandchild in child.children(recursive=True))]
    office.close()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []


def until(office, owner, run_id, wanted, seconds=60):
    """The run's view, once it is as wanted."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        view = office.watch(owner, run_id)
        if wanted(view):
            return view
        if view.is_over:
            pytest.fail(f"the run ended as {view.state}: {view.error or view.done}")
        time.sleep(0.02)
    pytest.fail(f"still {view.state} at step {len(view.steps)} after {seconds} s")


def ended(view):
    return view.is_over


def test_a_run_tells_what_the_plain_loop_tells(office):
    run_id = office.start("ann", SKETCHES, SIZE, QUICK)
    view = until(office, "ann", run_id, ended)
    assert view.state == ENDED
    *_, done = events = list(train(QUICK, load("sketches", SIZE)))
    expected = [event for event in events if isinstance(event, Step)]
    assert [step.step for step in view.steps] == [step.step for step in expected]
    assert [step.loss for step in view.steps] == pytest.approx([step.loss for step in expected], rel=1e-3)
    assert len(view.epochs) == 2
    assert view.done.val_accuracy == pytest.approx(done.val_accuracy, abs=0.02)
    assert view.share == 1
    trained = load_trained(office.checkpoint("ann", run_id))
    pictures = open_pictures(office.pictures_file(SKETCHES, SIZE))
    watched = trained.probabilities(pictures.images[list(view.snapshot.watched)])
    torch.testing.assert_close(watched, torch.tensor(view.snapshot.probabilities), atol=1e-4, rtol=1e-3)


def test_a_killed_worker_goes_on_to_the_same_weights(office):
    config = dataclasses.replace(QUICK, epochs=12)
    ids = [office.start("bob", SKETCHES, SIZE, config) for _ in range(2)]
    until(office, "bob", ids[0], lambda view: len(view.epochs) >= 2 and view.steps[-1].step % 7)
    for pid in office.cluster().client.run(os.getpid).values():
        os.kill(pid, signal.SIGKILL)
    interrupted, whole = (until(office, "bob", run_id, ended) for run_id in ids)
    assert [step.step for step in interrupted.steps] == list(range(1, interrupted.began.steps + 1))
    assert interrupted.began.step > 0, "it resumed and did not start anew"
    assert [e.val_loss for e in interrupted.epochs] == [e.val_loss for e in whole.epochs]
    first, second = (load_trained(office.checkpoint("bob", run_id)).model.state_dict() for run_id in ids)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_nobody_sees_or_stops_a_run_of_somebody_else(office):
    run_id = office.start("carol", SKETCHES, SIZE, LONG)
    until(office, "carol", run_id, lambda view: view.steps)
    assert office.watch("dave", run_id) is None
    assert office.checkpoint("dave", run_id) is None
    assert office.mine("dave") == []
    office.wish("dave", run_id, "stop")
    other = office.start("dave", SKETCHES, SIZE, QUICK)
    assert office.watch("dave", other).place == 1
    time.sleep(0.5)
    assert office.watch("carol", run_id).state == RUNNING
    office.wish("carol", run_id, "stop")
    view = until(office, "carol", run_id, ended)
    assert view.done.reason == "stopped"
    assert view.done.step < view.began.steps
    assert until(office, "dave", other, ended).state == ENDED


def test_pause_holds_and_the_learning_rate_can_be_changed(office):
    run_id = office.start("erin", SKETCHES, SIZE, dataclasses.replace(LONG, schedule="constant"))
    until(office, "erin", run_id, lambda view: view.steps)
    office.wish("erin", run_id, "pause")
    step = len(until(office, "erin", run_id, lambda view: view.state == PAUSED).steps)
    time.sleep(0.5)
    assert len(office.watch("erin", run_id).steps) == step
    office.wish("erin", run_id, "run", learning_rate=0.003)
    view = until(office, "erin", run_id, lambda view: len(view.steps) > step + 2)
    assert (view.steps[step - 1].learning_rate, view.steps[step + 1].learning_rate) == (LONG.learning_rate, 0.003)
    office.wish("erin", run_id, "stop")
    until(office, "erin", run_id, ended)


def test_a_person_has_only_so_many_runs_at_a_time(office):
    ids = [office.start("finn", SKETCHES, SIZE, LONG) for _ in range(PER_OWNER)]
    with pytest.raises(PlaygroundError, match="unfinished runs"):
        office.start("finn", SKETCHES, SIZE, LONG)
    office.wish("finn", ids[1], "stop")
    waiting = until(office, "finn", ids[1], ended)
    assert (waiting.state, waiting.error) == (FAILED, "Stopped before it began.")
    until(office, "finn", ids[0], lambda view: view.steps)
    office.wish("finn", ids[0], "stop")
    until(office, "finn", ids[0], ended)
    assert [view.run_id for view in office.mine("finn")] == ids[::-1]


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


def test_an_uploaded_zip_is_prepared_once_and_trained_on(office):
    pictures = {f"{kind}/{i}.png": png(i) for kind in "ab" for i in range(10)} | {"a/broken.jpg": b"no picture"}
    file = zipped(pictures)
    source = office.keep_upload("gil", "mine.zip", file, file.getbuffer().nbytes)
    preparation = office.prepare(source, SIZE)
    preparation.future.result(30)
    assert office.prepare(source, SIZE) is preparation
    prepared = open_pictures(office.pictures_file(source, SIZE))
    assert prepared.classes == ("a", "b")
    assert len(prepared) == 20
    assert [refusal.path for refusal in prepared.refused] == ["a/broken.jpg"]
    run_id = office.start("gil", source, SIZE, QUICK)
    view = until(office, "gil", run_id, ended)
    assert (view.began.train_images, view.began.val_images) == (16, 4)
    office.drop_upload(source)
    assert not Path(source.path).exists()
    assert office.pictures_file(source, SIZE).exists(), "the run can still be looked at"
    for _ in range(KEPT + 1):
        until(office, "gil", office.start("gil", SKETCHES, SIZE, dataclasses.replace(QUICK, epochs=1)), ended)
    assert office.watch("gil", run_id) is None
    assert not office.pictures_file(source, SIZE).exists()


def test_a_zip_without_pictures_is_explained(office):
    file = zipped({"readme.txt": b"nothing"})
    source = office.keep_upload("hal", "empty.zip", file, 100)
    run_id = office.start("hal", source, SIZE, QUICK)
    view = until(office, "hal", run_id, ended)
    assert view.state == FAILED
    with pytest.raises(PlaygroundError) as expected:
        load(source.path, SIZE)
    assert view.error == str(expected.value)


def test_what_is_private_leaves_nothing_in_the_cache_and_what_is_not_lies_there_once(tmp_path, monkeypatch):
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    file = zipped({f"{kind}/{i}.png": png(i) for kind in "ab" for i in range(4)})
    for is_private in (True, False):
        pictures = load(io.BytesIO(file.getvalue()), SIZE, cache=not is_private)
        save_pictures(pictures, tmp_path / f"{is_private}.pt")
        assert (pictures.file is None) == is_private
        assert (tmp_path / f"{is_private}.u8").stat().st_nlink == (1 if is_private else 2)
        assert torch.equal(open_pictures(tmp_path / f"{is_private}.pt").images, pictures.images)


def test_saved_pictures_come_back_whole(tmp_path):
    pictures = load("sketches", SIZE, limit=6)
    save_pictures(pictures, tmp_path / "set.pt")
    back = open_pictures(tmp_path / "set.pt")
    for field in dataclasses.fields(pictures):
        if field.name == "file":
            continue
        one, other = getattr(pictures, field.name), getattr(back, field.name)
        assert torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other
    assert all(torch.equal(a, b) for a, b in zip(pictures.split(), back.split(), strict=True))


def board():
    return Board(View("id", SKETCHES, SIZE, QUICK))


def told(*events):
    return [to_dict(event) for event in events]


BEGAN = Began(0, 10, 5, 80, 20, 100, "cpu")


def test_a_board_goes_through_the_life_of_a_run():
    b = board()
    assert b.state == WAITING
    b.hear(told(BEGAN, Step(1, 1, 0.7, 0.5, 0.1, 64)))
    assert (b.state, b.view().share) == (RUNNING, 0.1)
    b.hear([{"kind": "Paused"}])
    assert (b.state, b.view().seconds_left) == (PAUSED, None)
    b.hear([{"kind": "Resumed"}, *told(Step(1, 2, 0.6, 0.5, 0.1, 64), Done("stopped", 0, 2, 0.6, 0.5, 10.0, 1.0))])
    view = b.view()
    assert (view.state, len(view.steps), view.is_over) == (ENDED, 2, True)
    b.hear(told(Step(1, 3, 0.5, 0.5, 0.1, 64)))
    assert b.view() == view


def test_a_board_forgets_what_a_resumed_run_tells_again():
    b = board()
    epoch = Epoch(1, 5, 0.7, 0.5, 0.7, 0.5, ((10, 0), (10, 0)), 50.0)
    steps = [Step(1 + i // 5, i + 1, 0.7, 0.5, 0.1, 64) for i in range(8)]
    b.hear(told(BEGAN, *steps[:5], epoch, *steps[5:]))
    b.hear(told(dataclasses.replace(BEGAN, step=5), *steps[5:6]))
    assert [step.step for step in b.view().steps] == [1, 2, 3, 4, 5, 6]
    assert b.view().epochs == (epoch,)
    b.hear(told(BEGAN))
    assert (b.view().steps, b.view().epochs) == ((), ())


def test_time_left_follows_the_present_speed(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("playground.jobs.board.time.monotonic", lambda: now[0])
    b = board()
    b.hear(told(BEGAN))
    for step in (1, 2, 3, 4):
        now[0] += 2
        b.hear(told(Step(1, step, 0.7, 0.5, 0.1, 16 * step)))
    assert b.view().seconds_left == pytest.approx((10 - 4) * 2)
    assert b.view().images_per_second == pytest.approx(16 / 2)
