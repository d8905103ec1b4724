"""A cluster on another machine is reached with TLS: with certificates of a throw-away authority, and not without."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import dask.config
import pytest

from core.errors import PlaygroundError
from core.jobs.processes.cluster import Cluster
from tests.core.jobs.test_cluster import address

ROOT = Path(__file__).parents[3]
OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="needs openssl to make certificates")


def authority(folder, name):
    """An authority and a certificate that it has signed, as docs/hosting.md makes them. Returns Dask's settings."""
    folder.mkdir()

    def run(*arguments):
        subprocess.run([OPENSSL, *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", f"/CN={name}")
    run("req", *key[:-2], "-keyout", "node.key", "-out", "node.csr", "-subj", "/CN=cnn-playground")
    run("x509", "-req", "-in", "node.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "node.pem")
    names = {"ca-file": "ca.pem", "client.cert": "node.pem", "client.key": "node.key"}
    return {f"distributed.comm.tls.{name}": str(folder / file) for name, file in names.items()}


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler that speaks TLS alone; its address and Dask's settings for those who may reach it."""
    tls = authority(tmp_path / "ours", "ours")
    contact = tmp_path / "scheduler.json"
    options = ("--tls-ca-file", "--tls-cert", "--tls-key")
    files = [word for pair in zip(options, tls.values(), strict=True) for word in pair]
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--protocol", "tls", "--no-dashboard"]
    command += ["--scheduler-file", str(contact), "--host", "127.0.0.1", "--port", "0", *files]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_LOGGING__DISTRIBUTED": "critical"}
    process = subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL)
    yield address(contact), tls
    process.kill()
    process.wait()


def test_only_who_has_a_certificate_of_the_authority_reaches_the_cluster(scheduler, tmp_path, monkeypatch, caplog):
    where, tls = scheduler
    assert where.startswith("tls://")
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", where)
    monkeypatch.setattr("core.jobs.processes.cluster.TIMEOUT_S", 3)
    with dask.config.set(tls):
        cluster = Cluster()
        assert cluster.is_alive
        assert cluster.workers() == []
        cluster.close()
    strangers = authority(tmp_path / "strangers", "strangers")
    for settings in ({}, strangers):
        with dask.config.set(settings), pytest.raises(PlaygroundError, match="certificates"):
            Cluster()
    assert "not encrypted" not in caplog.text


def test_a_connection_in_the_clear_over_a_network_is_warned_of(monkeypatch, caplog):
    def refuse(address):
        raise OSError("nobody listens there")

    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "tcp://10.9.8.7:8786")
    monkeypatch.setattr("core.jobs.processes.cluster._client", refuse)
    with pytest.raises(PlaygroundError, match="cannot be reached"):
        Cluster()
    assert "tcp://10.9.8.7:8786 is not encrypted" in caplog.text
