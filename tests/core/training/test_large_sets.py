"""A set that does not fit into memory is trained from where it lies, with the same result; what was noticed is said."""

import json

import pytest
import torch
from PIL import Image

from core.__main__ import main
from core.datasets import load
from core.datasets import memory as set_memory
from core.training import TrainConfig, Trainer, train
from core.training import batches as training_batches
from core.training.batches import ImageNormalization

CONFIG = TrainConfig(network="Cats and dogs", epochs=1, batch_size=16, seed=2)


def test_images_that_do_not_fit_are_gathered_batch_by_batch(monkeypatch):
    data = load("sketches", 16, limit=60)
    expected = list(train(CONFIG, data))[-1]
    assert Trainer(CONFIG, data).train_part.images.data_ptr() != data.images.data_ptr()
    monkeypatch.setattr(set_memory, "main_memory_bytes", lambda: 1_000)
    assert Trainer(CONFIG, data).train_part.images.data_ptr() == data.images.data_ptr()
    done = list(train(CONFIG, data))[-1]
    assert (done.val_loss, done.val_accuracy) == (expected.val_loss, expected.val_accuracy)


@pytest.mark.parametrize("summed", [1, 5_000])
def test_statistics_do_not_depend_on_how_many_images_are_summed_at_a_time(summed, monkeypatch):
    images = load("sketches", 16, limit=40).images
    whole = ImageNormalization.of(images, torch.arange(0, 40, 3))
    monkeypatch.setattr(training_batches, "SUMMED", summed)
    assert ImageNormalization.of(images, torch.arange(0, 40, 3)) == whole


def test_the_command_line_says_what_decoding_has_shown(tmp_path, capsys):
    data = load("sketches", 16, limit=24)
    for index in range(24):
        folder = tmp_path / data.classes[int(data.labels[index])]
        folder.mkdir(exist_ok=True)
        Image.fromarray(data.images[index].permute(1, 2, 0).numpy()).save(folder / f"{index}.png")
    (tmp_path / "fox").mkdir()
    (tmp_path / "fox" / "only.png").write_bytes((tmp_path / "cat" / "0.png").read_bytes())
    words = ["train", "--data", str(tmp_path), "--size", "16", "--epochs", "1", "--model", "Cats and dogs"]
    assert main([*words, "--json"]) == 0
    out, err = capsys.readouterr()
    (note,) = json.loads(out)["notes"]
    assert note.startswith("Class 'fox' has 1 usable image and is left out")
    assert f"Note: {note}" in err
