"""Logs as JSON: every line of a process is one object, those of Streamlit, the server and warnings included."""

import json
import logging
import os
import subprocess
import sys

import pytest
from starlette.requests import ClientDisconnect

from playground.server import logs
from tests.browser.chromium import ROOT

PROBE = """
import logging, warnings
from streamlit import config, logger
from playground.server import logs
early = logger.get_logger("streamlit.early")
config.get_config_options(force_reparse=True)
print(logs.configure(), logs.configure())
early.warning("early")
logger.get_logger("streamlit.late").warning("late: %s", "two\\nlines")
logger.update_formatter()
config.get_config_options(force_reparse=True)
logger.get_logger("uvicorn.access").info("GET /calculator?ca_text=secret")
logging.getLogger("core.jobs").info("plain", extra={"run": 7, "path": ROOT})
warnings.warn("careful")
try:
    1 / 0
except ZeroDivisionError:
    early.exception("failed")
"""


def run_probe(choice: str) -> subprocess.CompletedProcess[str]:
    code = f"from pathlib import Path\nROOT = Path({str(ROOT)!r})\n{PROBE}"
    variables = os.environ | {logs.VARIABLE: choice}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    )


def test_every_line_is_an_object_and_comes_once():
    run = run_probe("JSON")
    assert run.stdout == "True True\n"
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert [line["message"].split(":")[0] for line in lines if line["logger"] != "py.warnings"] == [
        "early",
        "late",
        "plain",
        "failed",
    ]
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    plain = next(line for line in lines if line["message"] == "plain")
    assert (plain["run"], plain["path"], plain["level"]) == (7, str(ROOT), "info")
    assert "ZeroDivisionError" in lines[-1]["exception"]
    assert any("careful" in line["message"] for line in lines)


def test_without_the_option_nothing_changes():
    run = run_probe("")
    assert run.stdout == "False False\n"
    assert "early" in run.stderr
    assert not any(line.startswith("{") for line in run.stderr.splitlines())


@pytest.mark.parametrize("choice", ["", "json"])
def test_no_address_is_logged_even_after_the_configuration_was_changed(choice):
    run = run_probe(choice)
    assert "late" in run.stderr
    assert "secret" not in run.stderr


def test_a_record_with_nothing_special_has_four_keys():
    record = logging.makeLogRecord(
        {"name": "core", "levelname": "INFO", "msg": "%d runs", "args": (3,), "created": 0.0}
    )
    assert json.loads(logs.JsonFormatter().format(record)) == {
        "time": "1970-01-01T00:00:00.000+00:00",
        "level": "info",
        "logger": "core",
        "message": "3 runs",
    }


def test_a_browser_that_is_closed_in_mid_upload_is_not_in_the_log(caplog):
    logs.configure()
    server = logging.getLogger("uvicorn.error")
    for error in (ClientDisconnect(), ValueError("a fault")):
        server.error("Exception in ASGI application", exc_info=error)
    assert [type(record.exc_info[1]) for record in caplog.records] == [ValueError]
