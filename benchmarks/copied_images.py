"""Sets of images of five kinds for `benchmarks.near_copies`, and the copies that are made of some of them.

None needs a download: digits are scikit-learn's, enlarged and bent; clothes, icons and X-rays are drawn; photographs
are parts of scikit-image's, or the files of a picture ZIP.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageDraw, ImageEnhance
from scipy.ndimage import gaussian_filter, map_coordinates

from core.errors import PictureError
from core.images import open_picture

Labelled = tuple[Image.Image, int]


def _bent(grey: np.ndarray, rng: np.random.Generator, bend: float = 20.0) -> np.ndarray:
    """Turned, sheared, scaled, moved and bent by a smooth random field, as another hand would write it."""
    side = grey.shape[0]
    rows, columns = np.mgrid[:side, :side].astype(float) - (side - 1) / 2
    angle, shear = rng.normal(0, 0.16), rng.normal(0, 0.18)
    wide, high = rng.normal(1, 0.1, 2)
    field = [gaussian_filter(rng.uniform(-1, 1, grey.shape), 4) * bend for _ in range(2)]
    x = wide * (columns * math.cos(angle) - rows * math.sin(angle)) + shear * rows + rng.normal(0, 1) + field[0]
    y = high * (columns * math.sin(angle) + rows * math.cos(angle)) + rng.normal(0, 1) + field[1]
    bent = map_coordinates(grey.astype(float), [y + (side - 1) / 2, x + (side - 1) / 2], order=1)
    return (np.clip(bent * rng.uniform(0.9, 1.1), 0, 255)).astype(np.uint8)


def digits(count: int, rng: np.random.Generator) -> Iterator[Labelled]:
    """Handwriting, white on black, 28x28."""
    from sklearn.datasets import load_digits

    raw = load_digits()
    for number in range(count):
        index = number % len(raw.target)
        small = Image.fromarray(np.rint(raw.images[index] * 255 / 16).astype(np.uint8))
        large = np.pad(np.asarray(small.resize((20, 20), Image.Resampling.BICUBIC)), 4)
        yield Image.fromarray(_bent(large, rng)), int(raw.target[index])


def clothes(count: int, rng: np.random.Generator) -> Iterator[Labelled]:
    """Five kinds of garments as grey silhouettes on black, 28x28: the same outline again and again."""
    for number in range(count):
        yield _garment(number % 5, rng), number % 5


def _garment(kind: int, rng: np.random.Generator) -> Image.Image:
    image = Image.new("L", (112, 112), 0)
    draw, shade = ImageDraw.Draw(image), int(rng.integers(90, 250))
    wide, high = rng.normal(1, 0.08, 2)

    def points(*pairs: tuple[float, float]) -> list[tuple[float, float]]:
        return [(56 + wide * (x - 56) + rng.normal(0, 1), 56 + high * (y - 56) + rng.normal(0, 1)) for x, y in pairs]

    sleeve = rng.uniform(38, 95)
    outlines = {
        0: points((40, 12), (72, 12), (98, sleeve), (86, sleeve + 4), (74, 40), (76, 100), (36, 100), (38, 40),
                  (26, sleeve + 4), (14, sleeve)),
        1: points((38, 8), (74, 8), (78, 104), (62, 104), (56, 40), (50, 104), (34, 104)),
        2: points((44, 8), (68, 8), (64, 40), (84, 104), (28, 104), (48, 40)),
        3: points((10, 84), (12, 60), (40, 66), (64, 44), (100, 66), (104, 84)),
        4: points((16, 40), (40, 40), (44, 20), (68, 20), (72, 40), (96, 40), (100, 96), (12, 96)),
    }  # fmt: skip
    draw.polygon(outlines[kind], fill=shade)
    for _ in range(int(rng.integers(0, 4))):
        y, dark = rng.uniform(20, 96), int(rng.integers(0, 255))
        inside = Image.new("L", image.size, 0)
        ImageDraw.Draw(inside).polygon(outlines[kind], fill=255)
        stripe = Image.new("L", image.size, 0)
        ImageDraw.Draw(stripe).rectangle((0, y, 112, y + rng.uniform(2, 12)), fill=255)
        image.paste(dark, mask=Image.fromarray(np.minimum(np.asarray(inside), np.asarray(stripe))))
    cloth = np.asarray(image).astype(float)
    cloth *= 1 + rng.uniform(0.02, 0.15) * gaussian_filter(rng.normal(size=cloth.shape), 2) * 6
    return Image.fromarray(np.clip(cloth, 0, 255).astype(np.uint8)).resize((28, 28), Image.Resampling.BOX)


def icons(count: int, rng: np.random.Generator) -> Iterator[Labelled]:
    """Flat shapes in one colour on white, 96x96, most of each image the same white."""
    for number in range(count):
        yield _icon(number % 4, rng), number % 4


def _icon(kind: int, rng: np.random.Generator) -> Image.Image:
    image = Image.new("RGB", (384, 384), "white")
    draw = ImageDraw.Draw(image)
    colour = tuple(int(value) for value in rng.integers(0, 200, 3))
    x, y = 192 + rng.normal(0, 12, 2)
    radius = rng.uniform(70, 120)
    corners = {0: 48, 1: 4, 2: 3, 3: 5}[kind]
    turn = rng.uniform(0, 2 * math.pi)
    reach = [radius * (rng.uniform(0.4, 0.6) if kind == 3 and place % 2 else 1) for place in range(corners * 2)]
    steps = [turn + math.pi * place / corners for place in range(corners * 2)]
    if kind != 3:
        reach, steps = reach[::2], steps[::2]
    draw.polygon([(x + r * math.cos(a), y + r * math.sin(a)) for r, a in zip(reach, steps, strict=True)], fill=colour)
    hole = radius * rng.uniform(0.1, 0.5)
    dx, dy = rng.normal(0, radius / 6, 2)
    inner = tuple(int(value) for value in rng.integers(0, 256, 3))
    if rng.random() < 0.5:
        draw.ellipse((x + dx - hole, y + dy - hole, x + dx + hole, y + dy + hole), fill=inner)
    else:
        draw.rectangle((x + dx - hole, y + dy - hole / 2, x + dx + hole, y + dy + hole / 2), fill=inner)
    return image.resize((96, 96), Image.Resampling.BOX)


def x_rays(count: int, rng: np.random.Generator) -> Iterator[Labelled]:
    """Chests: the same anatomy in every image, of other proportions and another fine structure, 160x160."""
    for number in range(count):
        yield _chest(number % 2, rng), number % 2


def _chest(kind: int, rng: np.random.Generator) -> Image.Image:
    side = 160
    y, x = np.mgrid[:side, :side] / side
    x, y = x + rng.normal(0, 0.012), y + rng.normal(0, 0.012)

    def blob(cx: float, cy: float, rx: float, ry: float, soft: float = 0.15) -> np.ndarray:
        cx, cy, rx, ry = np.array([cx, cy, rx, ry]) * rng.normal(1, 0.04, 4)
        return 1 / (1 + np.exp((np.hypot((x - cx) / rx, (y - cy) / ry) - 1) / soft))

    body = 0.75 * blob(0.5, 0.62, 0.47, 0.62, 0.05)
    lungs = blob(0.3, 0.48, 0.15, 0.32) + blob(0.7, 0.48, 0.15, 0.32)
    heart = blob(0.56, 0.62, 0.14 if kind else 0.11, 0.13)
    spine = np.exp(-(((x - 0.5) / 0.035) ** 2))
    phase, pitch = rng.uniform(0, 0.3), rng.normal(0.075, 0.004)
    ribs = np.exp(-((((y - 0.9 * (x - 0.5) ** 2 - phase) / pitch) % 1 - 0.5) ** 2) / 0.02)
    image = body - 0.5 * body * lungs + 0.3 * heart + 0.15 * spine + 0.1 * ribs * lungs
    for scale, strength in ((1, 0.05), (3, 0.16), (8, 0.5)):
        image += strength * gaussian_filter(rng.normal(size=(side, side)), scale) * (0.3 + lungs)
    return Image.fromarray(np.clip(255 * image, 0, 255).astype(np.uint8))


PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "hubble_deep_field", "retina", "colorwheel",
               "immunohistochemistry", "camera", "coins", "moon", "brick", "grass", "gravel", "text")  # fmt: skip


def photographs(count: int, rng: np.random.Generator) -> Iterator[Labelled]:
    """Squares of a twelfth to a quarter of scikit-image's photographs that do not overlap, and their mirror images."""
    squares = []
    for label, name in enumerate(PHOTOGRAPHS):
        image = Image.fromarray(getattr(skimage.data, name)()).convert("RGB")
        side = min(image.size) // 5
        for left in range(0, image.width - side + 1, side):
            for top in range(0, image.height - side + 1, side):
                part = image.crop((left, top, left + side, top + side))
                if np.asarray(part.convert("L")).std() > 12:
                    squares.append((part, label % 4))
    order = rng.permutation(len(squares))
    for index in order[:count]:
        yield squares[index]


def of_zip(path: Path, count: int) -> Iterator[Labelled]:
    """The photographs of a ZIP of class folders."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith((".jpg", ".png"))]
        classes = sorted({name.split("/")[-2] for name in names})
        for name in names[:count]:
            try:
                yield Image.fromarray(open_picture(archive.read(name))), classes.index(name.split("/")[-2])
            except PictureError:
                continue


def _jpeg(quality: int) -> Callable[[Image.Image], Image.Image]:
    def saved(image: Image.Image) -> Image.Image:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        return Image.open(file).convert(image.mode)

    return saved


def _scaled(factor: float) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.resize(
        (max(8, round(image.width * factor)), max(8, round(image.height * factor))), Image.Resampling.BICUBIC
    )


def _cropped(share: float) -> Callable[[Image.Image], Image.Image]:
    """`share` of the width and of the height less, taken off at the left and at the top alone."""
    return lambda image: image.transform(
        image.size,
        Image.Transform.EXTENT,
        (share * image.width, share * image.height, image.width, image.height),
        Image.Resampling.BICUBIC,
    )


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG, quality 50": _jpeg(50),
    "JPEG, quality 75": _jpeg(75),
    "JPEG, quality 95": _jpeg(95),
    "three quarters of the size": _scaled(0.75),
    "one and a half times the size": _scaled(1.5),
    "5 % brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.05),
    "1 % cropped": _cropped(0.01),
    "2 % cropped": _cropped(0.02),
}

SETS: dict[str, tuple[Callable[[int, np.random.Generator], Iterator[Labelled]], int, int]] = {
    "handwritten digits": (digits, 10_000, 28),
    "clothes on black": (clothes, 5_000, 28),
    "icons on white": (icons, 4_000, 64),
    "chest X-rays": (x_rays, 3_000, 96),
    "photographs": (photographs, 1_000, 64),
}  # how they come, how many, and at which size they are loaded
