"""`python deploy/install.py`: installs what the app needs, with the small build of PyTorch where there is no GPU.

On Linux pip's default index serves PyTorch with the CUDA libraries, 2.7 GB. PyTorch's own index has a build without
them, 0.2 GB. That is taken where no NVIDIA GPU is present; when its index cannot be reached, pip goes on with what the
default one has. On macOS and Windows the default build is the small one. `CNN_PLAYGROUND_TORCH=cpu` or
`=cuda` decides instead of the look for a GPU.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import re
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements.txt"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PROBE_S = 3.0  # within which the index has to answer
DRIVER = Path("/proc/driver/nvidia/gpus")  # a folder for each GPU
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def main() -> int:
    """Install. Returns pip's exit status."""
    pin = pinned_torch(REQUIREMENTS.read_text(encoding="utf-8"))
    if wants_cpu_build() and not is_installed(pin) and not install_cpu_torch(pin):
        print(
            "PyTorch's own index cannot be used: torch comes from pip's default index, on most machines about 2.7 GB."
        )
    return subprocess.run([sys.executable, *PIP, "-r", str(REQUIREMENTS)], check=False).returncode


def pinned_torch(requirements: str) -> str:
    """The version that the requirements ask for.

    >>> pinned_torch("numpy==2.4.6\\ntorch==2.13.0\\ntorchinfo==1.8.0")
    '2.13.0'
    """
    pins = re.findall(r"^torch==([\w.]+)$", requirements, re.MULTILINE)
    if len(pins) != 1:
        raise ValueError(f"requirements.txt must pin torch exactly once (torch==...), it does so {len(pins)} times.")
    return pins[0]


def wants_cpu_build(platform: str = sys.platform) -> bool:
    """Whether the build without CUDA has to be asked for by name: on Linux, without an NVIDIA GPU.

    Raises: SystemExit if CNN_PLAYGROUND_TORCH is neither "cpu" nor "cuda".
    """
    choice = os.environ.get("CNN_PLAYGROUND_TORCH", "").strip().lower()
    if choice not in ("", "cpu", "cuda"):
        raise SystemExit(f"CNN_PLAYGROUND_TORCH is {choice!r}: set it to cpu or cuda, or leave it out.")
    if platform != "linux" or choice == "cuda":
        return False
    return choice == "cpu" or not has_nvidia_gpu()


def has_nvidia_gpu() -> bool:
    """Whether NVIDIA's driver shows a GPU: in /proc, or where that is missing (WSL, some containers) by nvidia-smi."""
    if DRIVER.is_dir() and any(DRIVER.iterdir()):
        return True
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=10, check=True)
        return listed.stdout.startswith("GPU ")
    return False


def is_installed(version: str) -> bool:
    """Whether some build of that version of torch is there already."""
    try:
        return importlib.metadata.version("torch").partition("+")[0] == version
    except importlib.metadata.PackageNotFoundError:
        return False


def install_cpu_torch(version: str, index: str = CPU_INDEX) -> bool:
    """Install torch alone from PyTorch's index; returns whether that went well.

    What torch needs comes from the default index afterwards: the other one holds some of it too, in other versions.
    """
    if not answers(f"{index}/torch/"):
        return False
    patience = ("--timeout", "15", "--retries", "1")
    command = [sys.executable, *PIP, *patience, "--no-deps", "--index-url", index, f"torch=={version}+cpu"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def answers(url: str, timeout_s: float = PROBE_S) -> bool:
    """Whether something answers there in time, with whatever status; a proxy of the environment is used.

    In a thread, for looking up a name and trying one address after another know no limit of their own.
    """
    heard = threading.Event()

    def ask() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=timeout_s).close()
        except urllib.error.HTTPError:
            heard.set()
        except OSError as error:
            if isinstance(getattr(error, "reason", None), ssl.SSLError):  # pip may know the certificate
                heard.set()
        else:
            heard.set()

    threading.Thread(target=ask, daemon=True).start()
    return heard.wait(timeout_s)


if __name__ == "__main__":
    sys.exit(main())
