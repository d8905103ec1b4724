"""To add an optimizer or a schedule is one entry in one place: lesson, trainer, CLI, script and memory then have it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def arrived(tmp_path_factory):
    """Where scratch entries arrive in an app that has them from its beginning."""
    command = [sys.executable, "-m", "tests.playground.scratch_entries"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_pages_offer_a_new_optimizer_and_a_new_schedule(arrived):
    assert arrived["exceptions"] == []
    assert "NAdam" in arrived["lesson optimizers"]
    assert "NAdam" in arrived["trainer optimizers"]
    assert "NAdam" in arrived["calculator optimizers"]
    assert "Linear decay" in arrived["trainer schedules"]
    descent, schedule = arrived["lesson code"]
    assert "torch.optim.NAdam([theta], lr=0.1, betas=(0.9, 0.999), weight_decay=0.0)" in descent
    assert "torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, 200)" in schedule


def test_the_exported_script_trains_with_them(arrived):
    assert "optimizer = torch.optim.NAdam(trained_part.parameters(), lr=LEARNING_RATE, betas=" in arrived["script"]
    assert "def falls(progress" in arrived["script"]


def test_the_command_line_takes_them(arrived):
    assert arrived["train"]["epochs"] == 1
    assert arrived["profile"]["optimizer"] == "nadam"


def test_memory_is_predicted_from_the_entry(arrived):
    plain, adam, new = arrived["needed"]
    assert plain < adam == new
