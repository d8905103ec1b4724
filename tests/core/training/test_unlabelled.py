"""Images without a class: each is predicted as the network predicts it, and a broken file says why it is not."""

import csv
import io
import json

import torch
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.layout.listing import Candidate
from core.images import open_square
from core.jobs.worker.predict_unlabelled import predict_unlabelled
from core.training.unlabelled import FilePrediction, predict_files, submission_csv
from tests.core.datasets.test_sources import png


def mean_red(images):
    """A network that compares red with green."""
    return images.float().mean((2, 3))[:, :2].softmax(1)


def test_every_file_is_predicted_in_its_order_and_a_broken_one_says_why():
    contents = [png(seed) for seed in range(300)]
    contents[7] = b""
    contents[200] = b"no image"
    files = [Candidate(f"test1/{n}.png", "", lambda data=data: data, "") for n, data in enumerate(contents)]
    seen = []
    predictions = predict_files(files, ("red", "green"), 12, mean_red, lambda *at: seen.append(at))
    assert [one.path for one in predictions] == [file.path for file in files]
    assert seen[-1] == (300, 300)
    for number, one in enumerate(predictions):
        if number in (7, 200):
            assert one.error
            assert not one.class_name
            continue
        pixels = torch.from_numpy(open_square(contents[number], 12)).permute(2, 0, 1)[None]
        probability, label = mean_red(pixels)[0].max(0)
        assert one.class_name == ("red", "green")[label]
        assert abs(one.probability - float(probability)) < 1e-6


@given(st.lists(st.sampled_from(["a/1.jpg", "a/2.jpg", "b/1.jpg", "b/3", "c,d/4.png"]), unique=True))
def test_a_submission_tells_all_files_apart(paths):
    rows = list(csv.reader(io.StringIO(submission_csv([FilePrediction(path, "x, y", 0.5) for path in paths]))))
    assert rows[0] == ["id", "label"]
    assert len({row[0] for row in rows[1:]}) == len(paths)
    assert all(row[1] == "x, y" for row in rows[1:])


def test_the_worker_keeps_what_it_predicts_for_the_page(tmp_path, monkeypatch):
    listing = [Candidate("test/1.png", "", lambda: png(1), "")]
    monkeypatch.setattr("core.datasets.listing_of", lambda *_: type("Listing", (), {"unlabelled": tuple(listing)}))
    network = type("Trained", (), {"classes": ("red", "green"), "size": 12, "probabilities": staticmethod(mean_red)})
    monkeypatch.setattr("core.training.load_trained", lambda path: network)
    path = tmp_path / "unlabelled.json"
    predict_unlabelled("run.pt", "pets.zip", "split=redraw", str(path))
    (one,) = [FilePrediction(**values) for values in json.loads(path.read_text(encoding="utf-8"))]
    assert (one,) == predict_files(listing, network.classes, 12, mean_red)
