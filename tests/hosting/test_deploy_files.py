"""The files for hosting agree with the rest: what is copied exists, pins are the same, and linters find nothing."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from core import limits
from deploy import install
from playground import catalog
from playground.server import headers
from tests.browser.chromium import ROOT
from tests.hosting import proxied

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
CLOUD = ROOT / "deploy/community_cloud"
UNIT = ROOT / "deploy/systemd/cnn-playground.service"
ENTRY_FILES = ("streamlit_app.py", "server.py")


def instructions(keyword: str) -> list[str]:
    """What follows a keyword of the Dockerfile, continued lines joined."""
    return re.findall(rf"^{keyword} (.+)$", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)


# --- Docker ---


def test_everything_that_is_copied_into_the_image_is_there_and_is_sent_to_the_builder():
    copied = [word for line in instructions("COPY") if "--from" not in line for word in line.split()[:-1]]
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = [line[1:] for line in ignore if line.startswith("!")]
    assert ignore[0] == "*"
    for path in copied:
        assert (ROOT / path).exists(), path
        assert any(path == one or one.startswith(f"{path}/") for one in allowed), path


def test_the_image_holds_all_that_the_app_imports():
    copied = {word for line in instructions("COPY") for word in line.split()[:-1]}
    assert {*ENTRY_FILES, "core", "playground", "pages", ".streamlit"} <= copied


def test_the_image_runs_as_nobody_special_and_looks_after_its_health():
    assert instructions("USER")[-1] == "10001"
    assert re.search(r"useradd .*--uid 10001 playground", DOCKERFILE)
    assert "/healthz" in instructions("HEALTHCHECK")[0]
    assert instructions("CMD")[-1] == '["python", "-m", "streamlit", "run", "server.py"]'
    assert "TORCH=cpu" in instructions("ARG")
    assert "CNN_PLAYGROUND_TORCH=${TORCH}" in DOCKERFILE


# --- compose ---


def command(name: str) -> list[str]:
    return COMPOSE["services"][name]["command"]


def test_runs_go_to_workers_that_take_one_at_a_time():
    from core.jobs.processes.cluster import GPU_SLOT, RUN_SLOT

    scheduler = COMPOSE["services"]["app"]["environment"]["DASK_SCHEDULER_ADDRESS"]
    for worker, slots in (("worker", {RUN_SLOT}), ("worker-gpu", {RUN_SLOT, GPU_SLOT})):
        assert command(worker)[:3] == ["dask", "worker", scheduler]
        resources = command(worker)[command(worker).index("--resources") + 1]
        assert {pair.split("=")[0] for pair in resources.split()} == slots
    assert command("scheduler")[:2] == ["dask", "scheduler"]


@pytest.mark.parametrize("name", ["scheduler", "worker", "worker-gpu"])
def test_the_commands_of_dask_know_their_options(name):
    dask = Path(shutil.which("dask") or Path(install.sys.executable).with_name("dask"))
    described = subprocess.run([dask, *command(name)[1:2], "--help"], capture_output=True, text=True, check=True).stdout
    assert all(option in described for option in command(name) if option.startswith("--"))


def test_all_servers_and_workers_see_one_cache_folder():
    for name in ("app", "scheduler", "worker", "worker-gpu"):
        assert COMPOSE["services"][name]["volumes"] == ["cache:/cache"]
    assert "cache" in COMPOSE["volumes"]
    assert "CNN_PLAYGROUND_CACHE=/cache" in DOCKERFILE


def test_a_server_has_the_memory_to_compute_beside_its_pages():
    limit = COMPOSE["services"]["app"]["mem_limit"]
    gigabytes = int(limit.removesuffix("g"))  # of 2**30 bytes
    assert limits.limits_of(gigabytes * 2**30, 4, {}).computing_processes > 0


def test_only_nginx_is_open_to_the_outside():
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["nginx"]
    for mount in COMPOSE["services"]["nginx"]["volumes"]:
        assert (ROOT / mount.split(":")[0]).is_file()


def test_no_secret_is_written_down():
    assert (
        COMPOSE["services"]["app"]["environment"]["CNN_PLAYGROUND_ADMIN_SECRET"] == "${CNN_PLAYGROUND_ADMIN_SECRET:-}"
    )


# --- nginx ---


@pytest.mark.skipif(proxied.nginx() is None, reason="no nginx on this machine (apt-get install nginx-light)")
def test_nginx_takes_its_configuration(tmp_path):
    servers = re.findall(r"^server (\S+)", (ROOT / "deploy/nginx/playground_servers.conf").read_text(), re.MULTILINE)
    assert servers == ["app:8501"]
    file = proxied.write_configuration(tmp_path, 8080, ["127.0.0.1:8501"])
    run = subprocess.run([proxied.nginx(), "-t", "-c", file, "-e", tmp_path / "log"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "warn" not in run.stderr


def test_nginx_takes_uploads_as_large_as_streamlit_does():
    largest = int(re.search(r"maxUploadSize = (\d+)", (ROOT / ".streamlit/config.toml").read_text())[1])
    assert int(re.search(r"client_max_body_size (\d+)m;", proxied.CONFIGURATION.read_text())[1]) > largest


def test_nginx_and_the_app_set_the_same_headers():
    text = proxied.CONFIGURATION.read_text(encoding="utf-8")
    added = dict(re.findall(r"add_header (\S+) (\S+) always;", text))
    for name in ("X-Content-Type-Options", "Referrer-Policy"):
        assert added[name] == headers.ALWAYS[name]
    assert set(added) == set(re.findall(r"proxy_hide_header (\S+);", text))
    for query, value in (("", "default"), ("embed=true", '"~*^true$"')):
        assert f'{value}  "{headers.framing(query)["Content-Security-Policy"]}";' in text


# --- systemd ---


def test_the_unit_starts_what_is_there():
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(UNIT, encoding="utf-8")
    words = unit["Service"]["ExecStart"].split()
    assert words[1:4] == ["-m", "streamlit", "run"]
    assert (ROOT / words[4]).is_file()
    assert unit["Service"]["Restart"] == "always"
    state = unit["Service"]["StateDirectory"]
    assert f"CNN_PLAYGROUND_CACHE=/var/lib/{state}" in unit["Service"]["Environment"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_knows_every_word_of_the_unit(tmp_path):
    text = UNIT.read_text(encoding="utf-8").replace("/opt/cnn-playground/.venv/bin/python", install.sys.executable)
    (tmp_path / UNIT.name).write_text(text, encoding="utf-8")
    run = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / UNIT.name], capture_output=True, text=True, check=False
    )
    ours = [line for line in run.stderr.splitlines() if UNIT.name in line]
    assert ours == []


# --- Streamlit Community Cloud ---


def wheels() -> list[tuple[str, str]]:
    """Address and marker of each wheel that the Cloud is told."""
    text = (CLOUD / "requirements.txt").read_text(encoding="utf-8")
    return re.findall(r'^torch @ (\S+) ; python_version == "([\d.]+)"$', text, re.MULTILINE)


def test_the_cloud_gets_the_pins_of_the_app_and_one_wheel_of_torch_for_each_python():
    lines = (CLOUD / "requirements.txt").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "-r ../../requirements.txt"
    assert len(rules) == 1 + len(wheels())
    assert [marker for _, marker in wheels()] == ["3.11", "3.12", "3.13", "3.14"]
    version = install.pinned_torch((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    for address, marker in wheels():
        tag = f"cp{marker.replace('.', '')}"
        assert unquote(address) == f"{install.CPU_INDEX}/torch-{version}+cpu-{tag}-{tag}-manylinux_2_28_x86_64.whl"


def test_no_extra_index_is_named_anywhere():
    named = [*ROOT.glob("requirements*.txt"), CLOUD / "requirements.txt", ROOT / "pyproject.toml"]
    assert all("index-url" not in file.read_text(encoding="utf-8") for file in named)


def test_nothing_that_the_cloud_would_read_first_stands_in_the_way():
    for folder in (CLOUD, ROOT):
        assert not any((folder / name).exists() for name in ("uv.lock", "Pipfile", "environment.yml"))


def test_the_entry_file_of_the_cloud_opens_every_page():
    app = AppTest.from_file(str(CLOUD / "streamlit_app.py"), default_timeout=300).run()
    assert not app.exception
    page = catalog.by_file("pooling")
    opened = app.switch_page(page.path).run()
    assert not opened.exception
    assert [title.value for title in opened.title] == [page.title]
