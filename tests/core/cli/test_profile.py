"""`python -m core profile`, as people call it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from core.__main__ import main

WORKED = "nn.Sequential(nn.Conv2d(3, 200, 5, padding=2))"


def answer(capsys, *words: str) -> dict:
    assert main(["profile", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_worked_case(capsys):
    found = answer(capsys, WORKED, "--input", "3x150x100")
    assert (found["total_params"], found["total_macs"], found["output_bytes"]) == (15_200, 225_000_000, 12_000_000)
    assert found["saved_bytes"] == 3 * 150 * 100 * 4
    assert [layer["kind"] for layer in found["layers"]] == ["Conv2d"]
    assert found["layers"][0]["attributes"]["kernel_size"] == [5, 5]


def test_a_preset_with_everything(capsys):
    words = ("resnet18", "--input", "3x64x64", "--batch", "4", "--optimizer", "adam", "--precision", "bf16")
    found = answer(capsys, *words, "--fit", "100MB")
    assert found["total_params"] == 11_689_512
    assert found["inference_peak_bytes"] < found["training_peak_bytes"]
    assert found["training_peak_bytes"] == max(span["peak_bytes"] for span in found["timeline"])
    assert {span["phase"] for span in found["timeline"]} == {"forward", "loss", "backward", "optimizer"}
    assert found["fit"]["verdict"] == "does not fit"
    assert found["fit"]["largest_batch"] == 0
    savings = [remedy["saves_bytes"] for remedy in found["fit"]["remedies"]]
    assert savings
    assert savings == sorted(savings, reverse=True)


def test_a_file_and_the_table(capsys, tmp_path):
    file = tmp_path / "model.txt"
    file.write_text("nn.Sequential(nn.Flatten(), nn.Linear(12, 4),  # a comment\n nn.ReLU())")
    assert main(["profile", str(file), "--input", "3,2,2", "--device", "t4"]) == 0
    printed = capsys.readouterr().out
    for part in ("Linear", "52", "peak training memory", "fits", "largest batch"):
        assert part in printed


def test_the_usual_input_of_a_preset(capsys):
    assert answer(capsys, "lenet5")["input_shape"] == [1, 32, 32]


def test_names_as_people_write_them_and_a_bare_number_of_gigabytes(capsys):
    found = answer(capsys, "ResNet-18", "--input", "3x64x64", "--fit", "8")
    assert found["total_params"] == 11_689_512
    assert found["fit"]["memory_bytes"] == 8_000_000_000


def test_own_code_gives_the_rows_that_the_class_has(capsys):
    found = answer(capsys, "torch.nn:Conv2d", "--args", "3", "200", "5", "padding=2", "--input", "3x150x100")
    assert (found["total_params"], found["total_macs"]) == (15_200, 225_000_000)


def test_modules_to_a_depth_and_files(capsys, tmp_path):
    words = ["profile", "resnet50", "--input", "3x64x64", "--depth", "1"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "(x 5)" in printed
    assert "25,557,032" in printed
    assert main([*words, "--expand", "--format", "csv", "--draw", str(tmp_path / "net.svg")]) == 0
    printed = capsys.readouterr().out
    assert "(x 5)" not in printed
    assert printed.splitlines()[-1].startswith("total,,,,25557032,")
    assert (tmp_path / "net.svg").read_text().startswith("<svg")


def test_a_drawing_with_times_is_coloured_by_what_layers_wait_for(capsys, tmp_path):
    drawing = tmp_path / "net.svg"
    words = ["profile", "lenet5", "--batch", "64", "--device", "t4", "--draw", str(drawing)]
    assert main(words) == 0
    assert "waits for" not in drawing.read_text()
    assert main([*words, "--time"]) == 0
    assert "waits for memory" in drawing.read_text()
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((WORKED,), "--input"),
        (("resnet5000",), "resnet50"),
        (("resnet18", "--input", "224"), "3x224x224"),
        ((WORKED, "--input", "32x48"), "3x32x48"),
        ((WORKED, "--input", "3x9x9", "--depth", "0"), "at least 1"),
        ((WORKED, "--input", "3x9x9", "--draw", "net.gif"), ".svg"),
        ((WORKED, "--input", "3x9x9", "--draw", "no_such_folder/net.svg"), "No such file or directory"),
        (("resnet18", "--args", "10"), "package.module:Net"),
        (("torch.nn:Conv2d", "--input", "3x9x9"), "--args"),
        ((WORKED, "--input", "4x9x9"), "in_channels=4"),
        ((WORKED, "--input", "3x9x9", "--batch", "0"), "at least 1"),
        ((WORKED, "--input", "3x9x9", "--optimizer", "magic"), "adamw"),
        ((WORKED, "--input", "3x9x9", "--fit", "lots"), "8GB"),
        (("__import__('os')", "--input", "3"), "ParseError"),
    ],
)
def test_what_a_person_can_mend_is_one_sentence(capsys, words, said):
    assert main(["profile", *words]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert printed.err.count("\n") == 1


def test_a_bad_size_is_a_usage_error(capsys):
    with pytest.raises(SystemExit):
        main(["profile", WORKED, "--input", "big"])
    assert "3x224x224" in capsys.readouterr().err


def test_it_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "core", "profile", WORKED, "--input", "3x150x100"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "225,000,000" in done.stdout


OWN = """
import torch
from torch import nn

class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.layer = nn.Embedding(10, 8), nn.Linear(8, 8)

    def forward(self, x, ids):
        return self.layer(x) + self.table(ids).mean(1)

class Stops(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 8)

    def forward(self, x):
        y = self.layer(x)
        return y if self.training else y.reshape(7, 7)
"""


@pytest.mark.parametrize(
    "words",
    [
        ("--input", "8", "--input", "5"),
        ("--input", "ids=5", "--input", "x=8"),
        ("--input", "x=8", "--input", "ids=5", "--dtype", "float32", "int64"),
    ],
)
def test_several_inputs_in_order_or_by_name(capsys, tmp_path, words):
    file = tmp_path / "own.py"
    file.write_text(OWN)
    report = answer(capsys, f"{file}:Two", *words, "--batch", "4")
    assert report["total_params"] == report["trainable_params"] == 80 + 72
    assert report["input_bytes"] == 4 * (8 * 4 + 5 * 8 + 8)
    assert main(["profile", f"{file}:Two", *words, "--fit", "1KB"]) == 0
    assert "does not fit" in capsys.readouterr().out


def test_what_is_known_is_printed_where_prediction_stops(capsys, tmp_path):
    file = tmp_path / "own.py"
    file.write_text(OWN)
    report = answer(capsys, f"{file}:Stops", "--input", "8", "--batch", "4")
    assert report["inference_peak_bytes"] is None
    assert report["training_peak_bytes"] > report["parameter_bytes"] == 288
    assert main(["profile", f"{file}:Stops", "--input", "8"]) == 0
    assert "inference is not known" in capsys.readouterr().out


def test_inputs_have_names_or_none(capsys):
    assert main(["profile", WORKED, "--input", "x=3x9x9", "--input", "5"]) == 2
    assert "every --input a name" in capsys.readouterr().err


def test_one_form_of_output_at_a_time(capsys):
    with pytest.raises(SystemExit):
        main(["profile", "lenet5", "--json", "--format", "csv"])
    assert "not allowed with" in capsys.readouterr().err


def test_what_a_text_leaves_open_is_said_and_can_be_given(capsys):
    text = "class Net(nn.Module):\n def __init__(self, num_classes):\n  super().__init__()\n"
    text += "  self.fc = nn.Linear(8, num_classes)\n def forward(self, x):\n  return self.fc(x)\n"
    found = answer(capsys, text, "--input", "8")
    assert (found["total_params"], found["notes"]) == (90, ["num_classes has no value in the text; 10 is assumed."])
    found = answer(capsys, text, "--input", "8", "--args", "num_classes=2")
    assert (found["total_params"], found["notes"]) == (18, [])
    for given in ("width=2", "2"):
        assert main(["profile", text, "--input", "8", "--args", given]) == 2
        assert "here: num_classes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"), [(("--images", "50"), "--time"), (("--time", "--device", "t4", "--images", "-5"), "at least 1")]
)
def test_images_of_an_epoch_without_sense_are_refused(capsys, words, said):
    assert main(["profile", "lenet5", *words]) == 2
    assert said in capsys.readouterr().err
