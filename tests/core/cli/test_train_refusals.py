"""`python -m core train` and what a person can do to it: one sentence and an exit status, never a traceback."""

import argparse
import errno
import io
import json
import os
import signal
import sys

import pytest

from core.__main__ import main
from core.cli import train as command
from core.errors import PlaygroundError
from core.training import RECIPES, TrainConfig, checkpoints
from core.training.events import TrainingStep
from core.training.terminal import running
from core.training.terminal.progress import ProgressBar
from tests.core.cli.sketches_in_folders import sketches_in_folders

NETWORK = (
    "nn.Sequential(nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 10))"
)
NORMALIZED = NETWORK.replace("nn.Flatten()", "nn.BatchNorm2d(4), nn.Flatten()")
QUICK = ["train", "--data", "digits", "--limit", "60", "--size", "16", "--epochs", "2", "--model", NETWORK]


@pytest.fixture
def own(tmp_path):
    """Six images each of two things, in folders."""
    return sketches_in_folders(tmp_path / "own", 12, 24)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--batch-size", "1", "--model", NORMALIZED], "a single image to normalize over (batch_size 1)"),
        (["--accumulate", "64", "--model", NORMALIZED], "(batch_size 64 in 64 parts)"),
        (["--val-share", "0"], "no image is left to validate with"),
        (["--device", "abacus"], "No device is called 'abacus': use cpu"),
        (["--device", "cuda:77"], "no device 'cuda:77' on this machine"),
        (["--data", ""], "The dataset has no name"),
        (["--data", "https://example.org/pets.zip"], "is an address, and nothing is fetched from it"),
        (["--classes", "3,8"], "digits comes with this program and has no folders"),
        (["--limit", "1"], "The limit 1 is too small"),
        (["--size", "0"], "The image size 0 cannot be used"),
        (["--learning-rate", "inf"], "learning_rate is inf"),
        (["--weight-decay", "1e308"], "weight_decay is 1e+308: it must be at most 1e+30"),
        (["--width", "100000000000"], "width is 100000000000: it must be a multiple of 8"),
        (["--split-seed", str(10**30)], "at most 63 bits"),
        (["--epochs", str(10**400)], "epochs is too large"),
        (["--checkpoint", "absent/run.pt"], "There is no folder absent"),
        (["--checkpoint", "."], "names no file"),
        (["--checkpoint", "empty.pt"], "is empty"),
        (["--checkpoint", "text.pt"], "no checkpoint that can be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused_before_the_first_step(tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.pt").touch()
    (tmp_path / "text.pt").write_text("epoch,loss\n")
    assert main([*QUICK, *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "epoch 1" not in err


def test_a_run_that_diverges_says_so_everywhere(tmp_path, capsys):
    words = [*QUICK, "--learning-rate", "1e30", "--checkpoint", str(tmp_path / "run.pt")]
    assert main([*words, "--json"]) == 3
    figures = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (figures["ended"], figures["val_loss"], figures["val_accuracy"]) == ("diverged", None, None)
    assert "NaN or infinite" in figures["ending"][0]
    assert not (tmp_path / "run.pt").exists()
    assert main(words) == 3
    out = capsys.readouterr().out
    assert "validation accuracy" not in out
    assert "a learning rate below 1e+30" in out


def test_a_longer_run_goes_on_and_other_sizes_do_not(tmp_path, capsys):
    words = [*QUICK, "--checkpoint", str(tmp_path / "run.pt"), "--json"]
    assert main(words) == 0
    assert main([*words, "--epochs", "3"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["epochs"] == 3
    assert main([*words, "--epochs", "3", "--size", "20"]) == 2
    assert "image size is 16 there and 20 here" in capsys.readouterr().err
    assert main([*words, "--epochs", "3", "--limit", "50"]) == 2
    assert "trained on other images" in capsys.readouterr().err


@pytest.mark.parametrize("full_at", [1, 2])
def test_a_full_disk_ends_the_run_with_the_last_checkpoint(tmp_path, monkeypatch, capsys, full_at):
    calls, save = [], checkpoints.save

    def full(trainer, path):
        calls.append(trainer.step)
        if len(calls) == full_at:
            raise OSError(errno.ENOSPC, "No space left on device")
        save(trainer, path)

    monkeypatch.setattr(running, "save", full)
    path = tmp_path / "run.pt"
    assert main([*QUICK, "--checkpoint", str(path)]) == 1
    out = capsys.readouterr().out
    assert "No space left on device" in out
    assert len(calls) == full_at
    assert (f"{path} was not written" if full_at == 1 else f"{path} holds step 1.") in out
    assert path.exists() == (full_at > 1)


def interrupted_at(monkeypatch, step):
    """Ctrl-C while that step is shown."""
    show = ProgressBar.show

    def shown(bar, event):
        show(bar, event)
        if isinstance(event, TrainingStep) and event.step == step:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(ProgressBar, "show", shown)


def test_an_interrupted_run_goes_on_with_the_same_command(tmp_path, monkeypatch, capsys):
    words = [*QUICK, "--batch-size", "16", "--checkpoint", str(tmp_path / "run.pt"), "--json"]
    whole = tmp_path / "whole.pt"
    assert main([*words, "--checkpoint", str(whole)]) == 0
    expected = json.loads(capsys.readouterr().out)
    with monkeypatch.context() as patch:
        interrupted_at(patch, 2)
        assert main(words) == 130
    figures = json.loads(capsys.readouterr().out)
    assert (figures["ended"], figures["val_accuracy"]) == ("interrupted", None)
    assert "Interrupted after step 2 of 6" in figures["ending"][0]
    assert main(words) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["val_loss"], again["ended"]) == (expected["val_loss"], "finished")


def test_an_interrupted_run_without_checkpoint_says_how_to_have_one(monkeypatch, capsys):
    before = signal.getsignal(signal.SIGINT)  # a shell has what runs in the background ignore it
    interrupted_at(monkeypatch, 1)
    assert main(QUICK) == 130
    assert "--checkpoint names a file for one" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_before_the_first_step_is_a_word(monkeypatch, capsys):
    monkeypatch.setattr(command, "_chosen", lambda arguments: (_ for _ in ()).throw(KeyboardInterrupt))
    assert main(QUICK) == 130
    assert capsys.readouterr().err == "Interrupted.\n"


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_names_that_a_terminal_lacks_are_escaped(own, monkeypatch, encoding):
    (own / "cat").rename(own / "猫 Zoë")
    (own / "dog" / "brökén.jpg").write_bytes(b"<html>")
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert (
        main(["train", "--data", str(own), "--size", "16", "--epochs", "1", "--model", NETWORK.replace("10", "2")]) == 0
    )
    out.seek(0), err.seek(0)
    assert "left out dog/br" in out.read()
    assert "\\u732b" in err.read()


def test_a_reader_that_has_enough_is_no_traceback(monkeypatch, capsys):
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(sys, "stdout", Closed())
    assert main([*QUICK, "--json"]) == 1
    sys.stdout.close()
    assert "Broken" not in capsys.readouterr().err


def plan(own, *words):
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    return command._chosen(parser.parse_args(["train", "--data", str(own), *words]))


def test_few_images_get_the_recipe_for_few(own):
    chosen = plan(own)
    assert (chosen.config, chosen.size) == (RECIPES["Transfer learning (frozen)"].config(), 192)
    assert "6 images per class" in chosen.recommended.line
    assert plan(own, "--epochs", "3").config.epochs == 3


@pytest.mark.parametrize(
    ("images", "words", "said"),
    [
        (12, [], "5 images of each of 2 classes (photographs and drawings of cats and dogs) gave an accuracy"),
        (8, [], "No accuracy is named in advance: ours were measured with 5 images of each class or more."),
        (12, ["--epochs", "3"], None),
    ],
)
def test_the_accuracy_to_expect_is_named_before_the_first_step(tmp_path, monkeypatch, capsys, images, words, said):
    def untrained(*given):
        raise PlaygroundError("the first step")

    monkeypatch.setattr(command, "_train", untrained)
    assert main(["train", "--data", str(sketches_in_folders(tmp_path / "own", images, 24)), *words]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "PlaygroundError: the first step"
    named = [line for line in lines if "accuracy" in line and not line.startswith("Note")]
    assert (said in named[-1]) if said else not named


def test_a_checkpoint_has_one_run_at_a_time(tmp_path, capsys):
    words = [*QUICK, "--epochs", "1", "--checkpoint", str(tmp_path / "run.pt")]
    with running._alone_with(tmp_path / "run.pt"):
        assert main(words) == 2
    assert "Another run is writing the checkpoint" in capsys.readouterr().err
    assert main(words) == 0
    assert not (tmp_path / ".run.pt.lock").exists()


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_a_closed_stream_is_no_traceback_and_moves_nothing_to_the_other(own, monkeypatch, capsys, closed):
    monkeypatch.setattr(sys, closed, None)
    assert main(["data", str(own)]) == 0
    assert main(["data", str(own / "absent")]) == 2
    monkeypatch.undo()
    out, err = capsys.readouterr()
    assert ("2 classes" in out, "There is no dataset" in err) == (closed == "stderr", closed == "stdout")
    assert "There is no dataset" not in out


@pytest.mark.parametrize(
    ("words", "network", "size"),
    [
        (["--size", "32"], TrainConfig().network, 32),
        (["--recipe", "now"], TrainConfig().network, 64),
        (["--recipe", "probe"], "EfficientNet-Lite0, frozen", 64),
        (["--model", "ResNet-18"], "ResNet-18", 64),
    ],
)
def test_what_was_chosen_is_left_as_it_is(own, words, network, size):
    chosen = plan(own, *words)
    assert (chosen.config.network, chosen.size, chosen.recommended) == (network, size, None)
    assert plan("digits").recommended is None


def test_what_was_understood_is_said_before_the_first_epoch(own, capsys):
    words = [
        "train",
        "--data",
        str(own),
        "--size",
        "16",
        "--epochs",
        "1",
        "--model",
        NETWORK.replace("10", "2"),
        "--json",
    ]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert "2 classes, 12 images" in err
    assert json.loads(out)["understood"]["classes"] == {"cat": 6, "dog": 6}
