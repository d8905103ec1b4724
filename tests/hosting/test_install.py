"""What `deploy/install.py` installs: the small build of PyTorch where there is no GPU, and it never waits in vain."""

import doctest
import http.server
import re
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import install

ROOT = Path(__file__).parents[2]
VERSION = "2.13.0"


class _Index(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """The address of an index that holds a wheel of its own called torch, and a numpy that nobody must take."""
    for name, version in (("torch", f"{VERSION}+cpu"), ("numpy", "99.0")):
        wheel = tmp_path / "whl" / name / f"{name}-{version}-py3-none-any.whl"
        wheel.parent.mkdir(parents=True)
        _write_wheel(wheel, name, version)
        link = f'<a href="{wheel.name.replace("+", "%2B")}">{wheel.name}</a>'
        (wheel.parent / "index.html").write_text(link, encoding="utf-8")

    def handler(*arguments: object) -> _Index:
        return _Index(*arguments, directory=str(tmp_path / "whl"))

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _write_wheel(path: Path, name: str, version: str) -> None:
    about = f"{name}-{version}.dist-info"
    needs = "Requires-Dist: numpy\n" if name == "torch" else ""
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "")
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder into which pip installs, by no configuration but ours."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "target"))
    return tmp_path / "target"


@pytest.mark.parametrize(
    ("platform", "choice", "gpu", "cpu_build"),
    [
        ("linux", None, False, True),
        ("linux", None, True, False),
        ("linux", "cpu", True, True),
        ("linux", "CUDA", False, False),
        ("darwin", None, False, False),
        ("win32", "cpu", False, False),
    ],
)
def test_the_small_build_is_asked_for_on_linux_without_a_gpu(monkeypatch, platform, choice, gpu, cpu_build):
    monkeypatch.setattr(install, "has_nvidia_gpu", lambda: gpu)
    monkeypatch.delenv("CNN_PLAYGROUND_TORCH", raising=False)
    if choice is not None:
        monkeypatch.setenv("CNN_PLAYGROUND_TORCH", choice)
    assert install.wants_cpu_build(platform) is cpu_build


def test_a_wrong_choice_is_refused_with_what_can_be_chosen(monkeypatch):
    monkeypatch.setenv("CNN_PLAYGROUND_TORCH", "rocm")
    with pytest.raises(SystemExit, match="cpu or cuda"):
        install.wants_cpu_build("linux")


@pytest.mark.parametrize(
    ("listed", "present"), [("GPU 0: H100 (UUID: GPU-1)", True), ("No devices were found", False), (None, False)]
)
def test_a_gpu_is_seen_by_nvidia_smi_where_proc_says_nothing(monkeypatch, tmp_path, listed, present):
    tool = tmp_path / "nvidia-smi"
    if listed is not None:
        tool.write_text(f"#!/bin/sh\necho '{listed}'\n", encoding="ascii")
        tool.chmod(0o755)
    monkeypatch.setattr(install, "DRIVER", tmp_path / "nowhere")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin" if listed else str(tmp_path))
    assert install.has_nvidia_gpu() is present


def test_a_gpu_is_seen_in_proc(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(install, "DRIVER", tmp_path / "gpus")
    assert not install.has_nvidia_gpu()
    (tmp_path / "gpus" / "0000:01:00.0").mkdir(parents=True)
    assert install.has_nvidia_gpu()


def test_torch_and_nothing_else_comes_from_its_own_index(index, target):
    assert install.install_cpu_torch(VERSION, index)
    assert {folder.name for folder in target.glob("*.dist-info")} == {f"torch-{VERSION}+cpu.dist-info"}


def test_a_version_that_the_index_lacks_is_no_harm(index, target):
    assert not install.install_cpu_torch("2.13.1", index)
    assert not target.exists()


def test_an_index_that_refuses_or_says_nothing_counts_as_absent():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/torch/"
        assert not install.answers(address)  # refused
        silent.listen()
        assert not install.answers(address, timeout_s=0.3)  # accepted, and never answered
    assert not install.answers("http://a-name-that-nobody-has.invalid/torch/", timeout_s=0.3)


def test_any_answer_shows_that_an_index_is_there(index):
    assert install.answers(f"{index}/torch/")
    assert install.answers(f"{index}/there-is-no-such-package/")


@pytest.mark.parametrize("reachable", [True, False])
def test_the_requirements_are_installed_whatever_became_of_the_first_step(monkeypatch, capsys, reachable):
    commands = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setenv("CNN_PLAYGROUND_TORCH", "cpu")
    monkeypatch.setattr(install.sys, "platform", "linux")
    monkeypatch.setattr(install, "wants_cpu_build", lambda: True)
    monkeypatch.setattr(install, "is_installed", lambda version: False)
    monkeypatch.setattr(install, "answers", lambda url: reachable)
    monkeypatch.setattr(install.subprocess, "run", run)
    assert install.main() == 0
    first = [command for command in commands if "--index-url" in command]
    assert len(first) == reachable
    assert all(command[-1] == f"torch=={VERSION}+cpu" for command in first)
    assert commands[-1][-2:] == ["-r", str(ROOT / "requirements.txt")]
    assert ("cannot be used" in capsys.readouterr().out) is not reachable


def test_what_is_there_already_is_not_asked_for_again(monkeypatch):
    monkeypatch.setattr(install, "wants_cpu_build", lambda: True)
    monkeypatch.setattr(install, "answers", lambda url: pytest.fail("asked the index"))
    monkeypatch.setattr(install.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 3))
    assert install.is_installed(VERSION)
    assert not install.is_installed("2.12.0")
    assert install.main() == 3


def test_the_pin_is_read_from_the_requirements():
    assert doctest.testmod(install).failed == 0
    assert install.pinned_torch((ROOT / "requirements.txt").read_text(encoding="utf-8")) == VERSION
    with pytest.raises(ValueError, match="exactly once"):
        install.pinned_torch("torch>=2")


def test_the_installer_runs_on_an_empty_python():
    """Its first line is run before anything is installed."""
    imported = re.findall(r"^import (\w+)|^from (\w+) import", Path(install.__file__).read_text(encoding="utf-8"), re.M)
    assert {first or second for first, second in imported} - {"__future__"} <= sys.stdlib_module_names
