"""What all tests share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data"


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
def odd() -> Path:
    """A folder of single pictures that are odd in some way and all readable."""
    return _shared("odd")
