"""What all tests share."""

import functools
import os
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings

# A busy machine is slow, not wrong; and what a property test tries is the same in every run.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, database=None
)
settings.load_profile("patient")

# What is computed apart is computed in the process that tests, and servers of tests start none beside them.
os.environ["CNN_PLAYGROUND_LIMIT_COMPUTING_PROCESSES"] = "0"

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data"


@pytest.fixture(autouse=True, scope="session")
def _cache_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or fills the cache of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_server_in_the_background() -> Iterator[None]:
    """A test that opens the app in its own process does not leave behind threads that trim memory and compute."""
    from playground import startup

    def _warm_up() -> None:
        pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(startup, "_warm_up", _warm_up)
        yield


@pytest.fixture(autouse=True, scope="session")
def _apps_prepare_once() -> Iterator[None]:
    """Each `AppTest` would read the metadata of all packages for components (0.2 s), each run compile its scripts."""
    from streamlit.components.v2 import manifest_scanner
    from streamlit.testing.v1 import app_test, local_script_runner

    with pytest.MonkeyPatch.context() as patch:
        search = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", search)
        scripts = functools.cache(app_test.ScriptCache)
        patch.setattr(app_test, "ScriptCache", scripts)
        patch.setattr(local_script_runner, "ScriptCache", scripts)
        yield


@pytest.fixture(autouse=True)
def _same_chance_every_time() -> None:
    """A test that draws without a generator of its own draws the same numbers in every run, whatever ran before it."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


def _shared(name: str) -> Path:
    path = (SHARED / name).resolve()
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout (looked for ../shared/data/{name})")
    return path


@pytest.fixture(scope="session")
def petimages() -> Path:
    """A zip of 5,012 files called .jpg in two classes, 6 of which no decoder can read."""
    return _shared("petimages-5000.zip")


@pytest.fixture(scope="session")
def pets(petimages: Path):
    """That zip, decoded to 32x32 with `core.datasets.load`."""
    from core.datasets import load

    return load(petimages, 32)


@pytest.fixture(scope="session")
def odd() -> Path:
    """A folder of single pictures that are odd in some way and all readable."""
    return _shared("odd")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A picture server on this machine, and a cache of its own for what is fetched from it."""
    from core.datasets.remote import fetch
    from tests.download_server import serving

    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setattr(fetch, "PAUSE", 0.0)
    with serving() as running:
        yield running


@pytest.fixture
def offer(server, monkeypatch: pytest.MonkeyPatch):
    """Puts an entry into the catalogue that lies on our server; returns its name."""
    from tests.download_server import offering

    return offering(server, monkeypatch)
