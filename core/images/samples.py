"""The sample pictures: photographs that ship inside scikit-image and scikit-learn, and two drawn by us."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import PictureError


@dataclass(frozen=True)
class Sample:
    """A sample picture: its title, its credit, and how to get its uint8 array (H, W, 3) or (H, W).

    `code` is a Python expression of the same array for a program that runs anywhere, `needs` the import it takes.
    """

    title: str
    credit: str
    load: Callable[[], np.ndarray]
    code: str
    needs: str


def _photograph(package: str, file: str) -> Callable[[], np.ndarray]:
    """A picture file of an installed package. Found without importing the package, which takes over a second."""

    def load() -> np.ndarray:
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise PictureError(f"{file} comes with {package}, which is not installed: install requirements.txt.")
        with Image.open(Path(spec.submodule_search_locations[0], file)) as image:
            return np.array(image)

    return load


def edge() -> np.ndarray:
    """A step edge: (50, 50), 255 left of column 30 and 0 from there on (1 and 0 once scaled to 0..1)."""
    picture = np.zeros((50, 50), dtype=np.uint8)
    picture[:, :30] = 255
    return picture


def letter_x() -> np.ndarray:
    """The letter X: (9, 9), two strokes of 255 crossing at the centre, with an empty border one cell wide.

    >>> (letter_x() > 0).sum(axis=1).tolist()
    [0, 2, 2, 2, 1, 2, 2, 2, 0]
    """
    picture = np.zeros((9, 9), dtype=np.uint8)
    inner = np.arange(1, 8)
    picture[inner, inner] = picture[inner, 8 - inner] = 255
    return picture


_SKIMAGE, _SKLEARN = "from skimage import data", "from sklearn.datasets import load_sample_image"

SAMPLES = {
    "chelsea": Sample(
        "Chelsea the cat",
        "Stéfan van der Walt, CC0",
        _photograph("skimage", "data/chelsea.png"),
        "data.chelsea()",
        _SKIMAGE,
    ),
    "china": Sample(
        "Summer Palace, China",
        "danielbuechele, CC BY 2.0",
        _photograph("sklearn", "datasets/images/china.jpg"),
        'load_sample_image("china.jpg")',
        _SKLEARN,
    ),
    "flower": Sample(
        "Flower",
        "vultilion, CC BY 2.0",
        _photograph("sklearn", "datasets/images/flower.jpg"),
        'load_sample_image("flower.jpg")',
        _SKLEARN,
    ),
    "astronaut": Sample(
        "Eileen Collins, astronaut",
        "NASA, public domain",
        _photograph("skimage", "data/astronaut.png"),
        "data.astronaut()",
        _SKIMAGE,
    ),
    "camera": Sample(
        "Photographer, in grey",
        "Lav Varshney, CC0",
        _photograph("skimage", "data/camera.png"),
        "data.camera()",
        _SKIMAGE,
    ),
    "edge": Sample(
        "Step edge (drawn)",
        "this project",
        edge,
        "np.tile(np.uint8(255) * (np.arange(50) < 30), (50, 1))",
        "import numpy as np",
    ),
    "letter_x": Sample(
        "Letter X (drawn)",
        "this project",
        letter_x,
        "np.pad(np.maximum(np.eye(7), np.eye(7)[::-1]) * 255, 1).astype(np.uint8)",
        "import numpy as np",
    ),
}


@cache
def _decoded(name: str) -> np.ndarray:
    return SAMPLES[name].load()


def sample(name: str) -> np.ndarray:
    """A sample picture by its key in `SAMPLES`: uint8, (H, W, 3) in colour or (H, W) in grey, yours to change.

    Raises: PictureError if there is no such sample.

    >>> sample("chelsea").shape, sample("camera").shape
    ((300, 451, 3), (512, 512))
    """
    if name not in SAMPLES:
        raise PictureError(f"There is no sample image called {name!r}: choose one of {', '.join(SAMPLES)}.")
    return _decoded(name).copy()
