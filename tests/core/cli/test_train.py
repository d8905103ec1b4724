"""`python -m core train`, as a person and as a program calls it."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.__main__ import main
from core.datasets import load
from core.training import RECIPES, Done, TrainConfig, load_trained, train
from core.training.terminal.report import wrong_lines
from core.training.wrong_images import WrongImage
from tests.core.cli.sketches_in_folders import sketches_in_folders

QUICK = ["--size", "16", "--epochs", "1", "--model", "Cats and dogs", "--seed", "3"]


def test_json_has_what_was_trained_and_how_well(capsys):
    assert main(["train", "--data", "digits", *QUICK, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    *_, done = train(TrainConfig(network="Cats and dogs", epochs=1, seed=3), load("digits", 16))
    assert isinstance(done, Done)
    assert (found["val_accuracy"], found["epochs"], found["ended"]) == (done.val_accuracy, 1, "finished")
    assert found["train_images"] + found["val_images"] == 1797
    assert found["refused"] == []
    assert found["images_per_second"] > 0


def test_a_person_gets_a_bar_and_a_sentence(tmp_path, capsys):
    sketches_in_folders(tmp_path, 12, 16)
    (tmp_path / "cat" / "broken.jpg").write_bytes(b"<html>not found</html>")
    assert main(["train", "--data", str(tmp_path), *QUICK]) == 0
    out, err = capsys.readouterr()
    assert "left out cat/broken.jpg: " in out
    assert "(2 images) after 1 epoch of 10 images (" in out
    assert "epoch 1: training loss" in err


@pytest.fixture
def own(tmp_path):
    """Forty images each of two things, in folders."""
    return sketches_in_folders(tmp_path / "own", 80, 16)


WORDS = [*QUICK, "--test-share", "0.1", "--epochs", "2", "--data"]


def test_wrong_images_are_those_that_a_trained_network_predicts_wrongly(own, tmp_path, capsys):
    assert main(["train", *WORDS, str(own), "--json", "--checkpoint", str(tmp_path / "run.pt")]) == 0
    found = json.loads(capsys.readouterr().out)
    counts = [found[f"{part}_images"] for part in ("train", "val", "test")]
    assert sum(counts) == 80
    assert min(counts) == counts[2] == 8
    wrong = found["wrong_images"]
    assert found["val_accuracy"] == pytest.approx(1 - len(wrong) / counts[1])
    assert wrong, "choose another seed: nothing is predicted wrongly"
    assert [one["probability"] for one in wrong] == sorted((one["probability"] for one in wrong), reverse=True)
    trained, data = load_trained(tmp_path / "run.pt"), load(str(own), 16)
    for one in wrong:
        place = data.paths.index(one["path"])
        (row,) = trained.probabilities(data.images[[place]])
        assert one["true_class"] == data.classes[int(data.labels[place])] != one["predicted_class"]
        assert one["predicted_class"] == data.classes[int(row.argmax())]
        assert one["probability"] == pytest.approx(float(row.max()), abs=1e-4)


def test_the_end_says_how_images_were_split_what_is_wrong_and_where_the_network_is(own, tmp_path, capsys):
    assert main(["train", *WORDS, str(own)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "80 images: 56 for training, 16 for validation, 8 in the test set (not used yet)"
    assert "The network was not kept: --checkpoint FILE writes it to a file." in lines
    listed = [line for line in lines if line.startswith("  ") and ", predicted " in line]
    (head,) = [line for line in lines if line.startswith("predicted wrongly: ")]
    assert len(listed) == min(5, int(head.split()[2]))
    file = tmp_path / "run.pt"
    assert main(["train", *WORDS, str(own), "--checkpoint", str(file)]) == 0
    out = capsys.readouterr().out
    assert f"The network is in {file}." in out
    assert "not kept" not in out


def test_five_wrong_images_at_most_are_listed():
    wrong = [WrongImage(f"cat/{place}.png", "cat", "dog", 0.9) for place in range(7)]
    assert wrong_lines(wrong) == [
        "predicted wrongly: 7 validation images, the 5 surest mistakes",
        *(f"  cat/{place}.png: cat, predicted dog (90.0 %)" for place in range(5)),
    ]
    assert wrong_lines([]) == []


def test_a_checkpoint_is_written_and_gone_on_from(tmp_path, capsys):
    words = ["train", "--data", "digits", *QUICK, "--ema", "0.9", "--checkpoint", str(tmp_path / "run.pt"), "--json"]
    found = []
    for _ in range(2):
        assert main(words) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0] == found[1]  # its speed too: nothing was trained again
    assert len(list(tmp_path.iterdir())) == 2
    assert main([*words, "--seed", "4"]) == 2
    assert "belongs to another run" in capsys.readouterr().err


def test_a_recipe_is_where_one_begins(capsys):
    assert main(["train", "--recipe", "then", "--data", "digits", "--size", "16", "--epochs", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    config = dataclasses.replace(RECIPES["From scratch (tutorial)"].config(), epochs=1)
    *_, done = train(config, load("digits", 16))
    assert (found["val_loss"], found["train_images"]) == (done.val_loss, 1259)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--data", "nowhere.zip"], "nowhere.zip"),
        (["--optimizer", "Adm"], "optimizer 'Adm' is not known"),
        (["--model", "nn.Sequential(nn.Flatten())"], "end it with a layer of 2 outputs"),
        (["--size", "4"], "choose 8 to 512"),
    ],
)
def test_what_a_person_can_mend_is_one_sentence(capsys, words, said):
    assert main(["train", "--size", "16", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "Traceback" not in err


def test_real_pictures(petimages, capsys):
    assert main(["train", "--data", str(petimages), *QUICK, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["train_images"] + found["val_images"] == 5006
    assert len(found["refused"]) == 6
    assert all(refusal["path"].endswith(".jpg") and refusal["reason"] for refusal in found["refused"])


def test_it_runs_as_a_module():
    command = [sys.executable, "-m", "core", "train", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[3], check=True)
    assert "--learning-rate" in done.stdout
