"""Weights that were downloaded open on the page that inspects networks; anything else is a sentence."""

import dataclasses

import pytest
import torch
from streamlit.runtime.uploaded_file_manager import DeletedFile
from streamlit.testing.v1 import AppTest

from core.training import TrainConfig, build_network
from core.training.batches import ImageNormalization
from core.training.checkpoints import TrainedModel
from core.training.export import weights_bytes
from playground.inspect_network import uploaded_weights

CONFIG = TrainConfig(width=8)


@dataclasses.dataclass
class File:
    """What Streamlit's uploader gives."""

    file_id: str
    content: bytes
    name: str = "weights.safetensors"

    @property
    def size(self):
        return len(self.content)

    def getvalue(self):
        return self.content


def network(classes):
    torch.manual_seed(0)
    model = build_network(CONFIG.network, len(classes), 16, CONFIG).eval()
    return TrainedModel(model, CONFIG, classes, 16, ImageNormalization((127.0,) * 3, (60.0,) * 3), 1)


@pytest.fixture
def upload(monkeypatch):
    """Puts a file into the uploader."""

    def put(file_id, content):
        monkeypatch.setattr(uploaded_weights.st, "session_state", {uploaded_weights.FILE: File(file_id, content)})

    return put


@pytest.mark.parametrize(("classes", "has_labels"), [(("cat", "dog"), True), (("mug", "pen", "key"), False)])
def test_the_network_of_the_file_predicts_as_it_did(upload, classes, has_labels):
    before = network(classes)
    upload(f"file of {classes}", weights_bytes(before))
    (source,) = uploaded_weights.sources().values()
    pixels, label = source.picture(1)
    assert (label is not None) == has_labels
    assert pixels.shape == (16, 16, 3)
    subject = source.subject(pixels, "image 1", label)
    with torch.no_grad():
        logits = subject.model(subject.x_BCHW)
    expected = before.probabilities(torch.from_numpy(pixels).permute(2, 0, 1)[None])
    torch.testing.assert_close(logits.softmax(1), expected)
    assert (subject.classes, source.side) == (classes, 16)


def test_what_is_kept_of_one_file_is_not_shown_for_the_next(upload):
    keys = []
    for name in ("first", "second"):
        upload(name, weights_bytes(network(("cat", "dog"))))
        (source,) = uploaded_weights.sources().values()
        keys.append(source.subject(source.picture(0)[0], "image 0", None).key)
    assert keys[0] != keys[1]


def test_a_file_that_this_server_does_not_have_is_none(monkeypatch):
    state = {
        uploaded_weights.FILE: DeletedFile("sent to a server that was replaced"),
        uploaded_weights.NETWORK: ("a", 0),
    }
    monkeypatch.setattr(uploaded_weights.st, "session_state", state)
    assert uploaded_weights.sources() == {}
    assert uploaded_weights.NETWORK not in state


def test_a_file_of_another_kind_is_no_network_but_a_sentence(upload):
    upload("pickle", b"\x80\x04 something")
    assert uploaded_weights.sources() == {}

    def page():
        from playground.inspect_network import uploaded_weights

        uploaded_weights.offer("network")

    app = AppTest.from_function(page).run()
    assert not app.exception
    assert "run anybody's code" in app.error[0].value


def test_without_a_file_there_is_none(monkeypatch):
    monkeypatch.setattr(uploaded_weights.st, "session_state", {})
    assert uploaded_weights.sources() == {}
