"""Files in other programs' formats hold the run's own numbers: those programs read them back."""

import json
import struct

import numpy as np
import pytest
import torch

from core.datasets import load
from core.errors import PlaygroundError
from core.training import Done, Epoch, Snapshot, TrainConfig, Trainer, TrainingStep
from core.training.checkpoints import TrainedModel
from core.training.export.formats import onnx_model
from core.training.export.formats.tensorboard import LoggedRun, crc32c, tensorboard_log

CONFIG = TrainConfig(epochs=2, width=8, batch_size=16, test_flip=True)


@pytest.fixture(scope="module")
def trained():
    data = load("sketches", 16, limit=60)
    trainer = Trainer(CONFIG, data)
    events = list(trainer.run())

    def of(kind):
        return tuple(event for event in events if isinstance(event, kind))

    log = LoggedRun(
        1.7e9, of(TrainingStep), of(Epoch), of(Snapshot), of(Done)[0], json.dumps({"network": CONFIG.network})
    )
    model = TrainedModel(trainer.predictor.eval(), CONFIG, trainer.classes, 16, trainer.normalize, trainer.step)
    return model, data.images, log


def records(content):
    """The records of an event file, both checksums of each compared."""
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        assert struct.unpack("<I", content[8:12])[0] == masked(content[:8])
        event, content = content[12 : 12 + length], content[12 + length :]
        assert struct.unpack("<I", content[:4])[0] == masked(event)
        yield event
        content = content[4:]


def masked(content):
    crc = crc32c(content)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) % (1 << 32)


def test_an_event_file_is_whole_records_one_for_each_event(trained):
    log = trained[2]
    found = list(records(tensorboard_log(log)))
    assert b"brain.Event:2" in found[0]
    assert CONFIG.network.encode() in found[1]
    assert len(found) == 2 + len(log.steps) + len(log.epochs) + sum(bool(one.layers) for one in log.snapshots)
    assert struct.pack("<f", log.epochs[-1].val_loss) in b"".join(found)


def test_tensorboard_reads_the_figures_of_the_run(trained, tmp_path):
    from tensorboard.backend.event_processing import event_accumulator as reading

    log = trained[2]
    (tmp_path / "events.out.tfevents.run").write_bytes(tensorboard_log(log))
    read = reading.EventAccumulator(str(tmp_path), size_guidance={reading.SCALARS: 0})
    read.Reload()
    for tag, expected in {
        "loss/train_batch": [(one.step, one.loss) for one in log.steps],
        "learning_rate": [(one.step, one.learning_rate) for one in log.steps],
        "loss/validation": [(one.step, one.val_loss) for one in log.epochs],
        "accuracy/validation": [(one.step, one.val_accuracy) for one in log.epochs],
        f"update_ratio/{log.snapshots[0].layers[0].name}": [(s.step, s.layers[0].update_ratio) for s in log.snapshots],
    }.items():
        assert [(one.step, one.value) for one in read.Scalars(tag)] == [(s, np.float32(v)) for s, v in expected]
    (text,) = read.Tensors("configuration")
    assert CONFIG.network in text.tensor_proto.string_val[0].decode()
    assert read.Scalars("loss/validation")[-1].wall_time == pytest.approx(1.7e9 + log.done.seconds)


def test_onnxruntime_gives_the_probabilities_of_the_app(trained):
    import onnxruntime as runtime

    network, images, _ = trained
    session = runtime.InferenceSession(onnx_model.onnx_bytes(network))
    for batch in (images[:1], images[:7]):
        (found,) = session.run(["probabilities"], {"images": batch.float().numpy()})
        np.testing.assert_allclose(found, network.probabilities(batch), atol=1e-5)
    about = session.get_modelmeta().custom_metadata_map
    assert (json.loads(about["classes"]), about["size"]) == (list(network.classes), "16")


def test_without_its_package_onnx_says_what_to_install(trained, monkeypatch):
    monkeypatch.setattr(onnx_model, "is_available", lambda: False)
    with pytest.raises(PlaygroundError, match=r"deploy/requirements-onnx\.txt"):
        onnx_model.onnx_bytes(trained[0])


def test_what_the_exporter_refuses_is_a_sentence(trained, monkeypatch):
    def refuse(*_, **__):
        raise RuntimeError("no operator of that name\nand a traceback")

    monkeypatch.setattr(onnx_model, "is_available", lambda: True)
    monkeypatch.setattr(torch.onnx, "export", refuse)
    with pytest.raises(PlaygroundError, match=r"cannot be written as ONNX: no operator of that name$"):
        onnx_model.onnx_bytes(trained[0])
