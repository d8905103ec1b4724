"""Two servers of the app on one cache folder, and nginx in front of them with the configuration of `deploy/nginx`."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.browser.chromium import ROOT, end, free_port, wait_for_answer

CONFIGURATION = ROOT / "deploy/nginx/playground.conf"
SECRET = "a secret of the tests alone"
HTTP = """daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/playground.conf;
}}
"""


def nginx() -> str | None:
    """Where nginx is, if it is anywhere."""
    return shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


def write_configuration(folder: Path, port: int, servers: list[str]) -> Path:
    """The shipped configuration with its paths and its port changed to ours; returns the file that includes it."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    changes = {
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/etc/nginx/playground_servers.conf": f"{folder}/playground_servers.conf",
        "/var/log/nginx/playground.log": f"{folder}/access.log",
    }
    for shipped, ours in changes.items():
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, ours)
    (folder / "playground.conf").write_text(text, encoding="utf-8")
    lines = [f"server {server} max_fails=1 fail_timeout=5s;\n" for server in servers]
    (folder / "playground_servers.conf").write_text("".join(lines), encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(HTTP.format(folder=folder, user=user), encoding="utf-8")
    return folder / "nginx.conf"


@dataclass
class AppServer:
    """One process of `server.py`; `address` is host:port."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def metric(self, sample: str) -> float:
        """The value of a sample of /metrics, as the server itself tells those who know the secret."""
        request = urllib.request.Request(f"http://{self.address}/metrics")
        request.add_header("Authorization", f"Bearer {SECRET}")
        text = urllib.request.urlopen(request, timeout=120).read().decode()
        return next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(f"{sample} "))


@contextlib.contextmanager
def app_server(log: Path, **environment: str) -> Iterator[AppServer]:
    """`streamlit run server.py`, until the block ends."""
    port = free_port()
    options = {"headless": "true", "port": port, "address": "127.0.0.1", "fileWatcherType": "none"}
    flags = [part for name, value in options.items() for part in (f"--server.{name}", str(value))]
    variables = os.environ | {"CNN_PLAYGROUND_ADMIN_SECRET": SECRET, "CNN_PLAYGROUND_LOGS": "json"} | environment
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "server.py"), *flags]
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, env=variables)
        try:
            wait_for_answer(f"http://127.0.0.1:{port}/healthz", process)
            yield AppServer(process, f"127.0.0.1:{port}", log)
        finally:
            end(process)


@contextlib.contextmanager
def proxy(folder: Path, servers: list[str]) -> Iterator[str]:
    """The address of nginx in front of servers; its access log is `folder/access.log`."""
    port = free_port()
    command = [str(nginx()), "-c", str(write_configuration(folder, port, servers)), "-e", str(folder / "start.log")]
    process = subprocess.Popen(command)
    try:
        wait_for_answer(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(process)
