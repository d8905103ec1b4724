"""Training gives way to pages, in its session and with it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.jobs.worker.niceness import AUTOGROUP, NICENESS, niceness

ROOT = Path(__file__).parents[3]
SAID = f"""
import os
from pathlib import Path
from core.jobs.worker.niceness import be_nice, let_session_give_way
let_session_give_way()
be_nice()
print(os.nice(0), Path({str(AUTOGROUP)!r}).read_text())
"""


@pytest.mark.parametrize(("said", "found"), [("5", 5), ("-3", 0), ("99", 19), ("much", NICENESS)])
def test_how_far_is_a_whole_number_within_bounds(monkeypatch, said, found):
    monkeypatch.setenv("CNN_PLAYGROUND_NICENESS", said)
    assert niceness() == found


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this system does not group processes by session")
def test_a_session_gives_way_to_the_others_and_its_threads_within_it():
    environment = os.environ | {"CNN_PLAYGROUND_NICENESS": "7", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SAID]
    done = subprocess.run(command, env=environment, start_new_session=True, capture_output=True, text=True, check=True)
    nice, group = done.stdout.split(maxsplit=1)
    assert int(nice) == max(7, os.nice(0))  # which may be more: nobody makes themselves less nice
    assert group.strip().endswith("nice 7")
