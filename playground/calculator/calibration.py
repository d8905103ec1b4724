"""A calibration of this machine that somebody has asked for: a program of its own, one at a time for all visitors."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import streamlit as st

import core

ROOT = Path(core.__file__).parents[1]


class CalibrationRun:
    """The program `python -m core calibrate` under way. `share` is done, 0 to 1; `error` says why it failed."""

    def __init__(self, device: str) -> None:
        self.share = 0.0
        self.error = ""
        self.is_over = False
        command = [sys.executable, "-m", "core", "calibrate", "--device", device, "--json"]
        self._process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        """Reads how far it is, until it ends."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.share = json.loads(line).get("share", self.share)
        _, said = self._process.communicate()
        if self._process.returncode:
            self.error = said.strip().splitlines()[-1] if said.strip() else "the measurement was stopped"
        self.is_over = True


class Calibrations:
    """What is measured on this server, by kind of device."""

    def __init__(self) -> None:
        self._runs: dict[str, CalibrationRun] = {}
        self._lock = threading.Lock()

    def start(self, device: str) -> None:
        """Begin, unless somebody has begun already."""
        with self._lock:
            run = self._runs.get(device)
            if run is None or run.is_over:
                self._runs[device] = CalibrationRun(device)

    def of(self, device: str) -> CalibrationRun | None:
        """How far it is; None where nobody has begun."""
        return self._runs.get(device)


@st.cache_resource(show_spinner=False)
def calibrations() -> Calibrations:
    """Those of this server."""
    return Calibrations()
