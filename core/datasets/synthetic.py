"""Cat and dog faces drawn by us: a dataset of any size, without a download, whose truth is known to the pixel.

Cats have pointed ears and dogs have hanging ones, and nothing else distinguishes them: pose, size, colours, eyes,
whiskers, tongue, background and noise are drawn from the same distributions for both. So a network can only use the
ears, whose boxes come along to check an explanation with.

Coordinates of a face: the head's centre is (0, 0), its radius 1, x to the right and y down, before it is tilted.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

CLASSES = ("cat", "dog")
SUPERSAMPLE = 2  # drawn at twice the size and averaged down, so that edges are smooth
TURN = np.linspace(0, 2 * np.pi, 28, endpoint=False)
CIRCLE = np.stack([np.cos(TURN), np.sin(TURN)], axis=1)  # (28, 2)

# Hue, saturation and value of furs: ginger, brown, cream, grey, black, white, and the blue cat of image books.
FURS = (
    (0.07, 0.75, 0.92),
    (0.06, 0.55, 0.55),
    (0.11, 0.35, 0.93),
    (0.60, 0.08, 0.62),
    (0.65, 0.15, 0.24),
    (0.12, 0.05, 0.96),
    (0.58, 0.35, 0.70),
)

Colour = tuple[int, int, int]


def sketch(label: int, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One face: a uint8 image (size, size, 3) and the boxes of its two ears (2, 4), x0 y0 x1 y1 in pixels.

    The same generator state gives the same face at any size and, its ears excepted, for either label.
    """
    canvas = _Canvas.on_background(size, rng)
    face = _Face.random(rng)
    _shoulders(canvas, face)
    if label == CLASSES.index("cat"):
        ears = _pointed_ears(canvas, face)  # behind the head
        _head(canvas, face)
    else:
        _head(canvas, face)
        ears = _hanging_ears(canvas, face)  # over its sides
    return _photographed(canvas.image, size, rng), _boxes(ears, canvas.stroke / 2, size)


@dataclass(frozen=True)
class _Face:
    """Everything about a face but its kind."""

    fur: Colour
    ear_fur: Colour
    line: Colour
    eye: Colour
    turn: float  # the face looks left (-1) or right (1)
    width: float
    eye_size: float
    ear_size: tuple[float, float]
    ear_lean: float
    patch: int  # 0 none, 1 round an eye, 2 stripes on the forehead, 3 a blaze down the nose
    whiskers: bool
    tongue: bool
    muzzle: float

    @classmethod
    def random(cls, rng: np.random.Generator) -> _Face:
        hue, saturation, value = FURS[rng.integers(len(FURS))]
        hue, saturation, value = hue + rng.normal(0, 0.015), saturation * rng.uniform(0.7, 1.2), value
        value *= rng.uniform(0.85, 1.05)
        return cls(
            fur=_rgb(hue, saturation, value),
            ear_fur=_rgb(hue, saturation, value * rng.uniform(0.6, 1.05)),
            line=_rgb(hue, 0.4, 0.14 if value > 0.35 else 0.05),
            eye=_rgb(rng.choice([0.09, 0.13, 0.3, 0.55]), rng.uniform(0.4, 0.9), rng.uniform(0.6, 1)),
            turn=rng.uniform(-0.8, 0.8),
            width=rng.uniform(0.94, 1.14),
            eye_size=rng.uniform(0.15, 0.24),
            ear_size=(rng.uniform(0.85, 1.2), rng.uniform(0.9, 1.1)),
            ear_lean=rng.uniform(-1, 1),
            patch=int(rng.integers(4)),
            whiskers=bool(rng.random() < 0.6),
            tongue=bool(rng.random() < 0.3),
            muzzle=rng.uniform(0.75, 1.1),
        )


@dataclass
class _Canvas:
    """Draws shapes given in the face's coordinates onto an image."""

    image: Image.Image
    draw: ImageDraw.ImageDraw
    centre: np.ndarray  # pixels
    axes: np.ndarray  # (2, 2): face coordinates @ axes = pixels
    stroke: float  # pixels

    @classmethod
    def on_background(cls, size: int, rng: np.random.Generator) -> _Canvas:
        side = size * SUPERSAMPLE
        image = _background(side, rng)
        radius, tilt = rng.uniform(0.17, 0.28) * side, rng.normal(0, np.radians(13))
        room = 0.5 - 1.25 * radius / side
        centre = np.array([0.5 + rng.uniform(-1, 1) * room, 0.54 + rng.uniform(-0.8, 0.6) * room]) * side
        cos, sin = np.cos(tilt), np.sin(tilt)
        axes = radius * np.array([[cos, sin], [-sin, cos]])
        return cls(image, ImageDraw.Draw(image), centre, axes, max(1.0, 0.055 * radius))

    def pixels(self, points: np.ndarray) -> np.ndarray:
        return np.asarray(points) @ self.axes + self.centre

    def shape(self, points: np.ndarray, fill: Colour, line: Colour | None = None) -> np.ndarray:
        """A filled outline (P, 2); returns it in pixels."""
        pixels = self.pixels(points)
        corners = [tuple(point) for point in pixels]
        self.draw.polygon(corners, fill)
        if line:
            self.draw.line([*corners, corners[0]], line, round(self.stroke), joint="curve")
        return pixels

    def oval(self, x: float, y: float, width: float, height: float, fill: Colour, line: Colour | None = None) -> None:
        self.shape(CIRCLE * (width, height) + (x, y), fill, line)

    def curve(self, points: np.ndarray, line: Colour, width: float = 1.0) -> None:
        corners = [tuple(point) for point in self.pixels(points)]
        self.draw.line(corners, line, max(1, round(self.stroke * width)), joint="curve")


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, min(max(saturation, 0), 1), min(max(value, 0), 1))
    return round(255 * red), round(255 * green), round(255 * blue)


def _bow(start: tuple[float, float], handle: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """A quadratic curve from start to end, bent towards the handle: (9, 2)."""
    t = np.linspace(0, 1, 9)[:, None]
    return (1 - t) ** 2 * np.array(start) + 2 * t * (1 - t) * np.array(handle) + t**2 * np.array(end)


def _background(side: int, rng: np.random.Generator) -> Image.Image:
    """A shaded wall with shapes on it: triangles and ovals in fur colours, so that a corner alone means nothing."""
    hue, saturation, value = rng.random(), rng.uniform(0.05, 0.6), rng.uniform(0.3, 1)
    ends = np.array([_rgb(hue, saturation, value), _rgb(hue + rng.normal(0, 0.1), saturation, 0.7 * value)])
    ramp = np.linspace(0, 1, 16)
    blend = (ramp[:, None] * rng.uniform(0, 1) + ramp[None] * rng.uniform(0, 1)) / 2
    wall = (ends[0] + blend[..., None] * (ends[1] - ends[0])).astype(np.uint8)
    image = Image.fromarray(wall).resize((side, side), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(image)
    for _ in range(rng.integers(2, 7)):
        hue, saturation, value = FURS[rng.integers(len(FURS))] if rng.random() < 0.5 else rng.random(3)
        corners = 3 if rng.random() < 0.5 else 28
        turn = rng.uniform(0, 2 * np.pi) + np.arange(corners) * (2 * np.pi / corners)
        stretch = np.stack([np.cos(turn), np.sin(turn)], 1) * rng.uniform(0.04, 0.14, 2) * side
        draw.polygon([tuple(point) for point in stretch + rng.random(2) * side], _rgb(hue, saturation, value))
    return image


def _shoulders(canvas: _Canvas, face: _Face) -> None:
    canvas.shape(CIRCLE * (1.0, 2.8) + (0, 3.3), face.fur, face.line)  # reaches below the image, however small the head


def _head(canvas: _Canvas, face: _Face) -> None:
    canvas.shape(CIRCLE * (face.width, 0.95), face.fur, face.line)
    aside = 0.22 * face.turn  # the features slide to the side the face looks to
    light, dark = _mixed(face.fur, 255, 0.6), _mixed(face.fur, 0, 0.4)
    if face.patch == 1:
        canvas.oval(aside + 0.4, -0.15, 0.3, 0.36, dark)
    elif face.patch == 2:
        for x in (-0.2, 0, 0.2):
            canvas.curve(_bow((x + aside, -0.85), (x + aside, -0.7), (0.7 * x + aside, -0.5)), dark, 1.8)
    elif face.patch == 3:
        blaze = np.array([(-0.1, -0.9), (0.1, -0.9), (0.2, 0.3), (-0.2, 0.3)])
        canvas.shape(blaze + np.array([aside, 0]), light)
    _eyes(canvas, face, aside)
    _muzzle(canvas, face, 1.5 * aside, light)


def _mixed(colour: Colour, grey: int, share: float) -> Colour:
    """A colour with a `share` of a grey."""
    red, green, blue = (round(channel + share * (grey - channel)) for channel in colour)
    return red, green, blue


def _eyes(canvas: _Canvas, face: _Face, aside: float) -> None:
    for side in (-1, 1):
        x, size = aside + 0.4 * side, face.eye_size * (1 - 0.15 * side * face.turn)
        canvas.oval(x, -0.15, size, 1.15 * size, face.eye, face.line)
        canvas.oval(x + 0.05 * face.turn, -0.13, 0.55 * size, 0.8 * size, (15, 15, 20))
        canvas.oval(x - 0.3 * size, -0.15 - 0.4 * size, 0.28 * size, 0.28 * size, (255, 255, 255))


def _muzzle(canvas: _Canvas, face: _Face, x: float, light: Colour) -> None:
    wide = 0.36 * face.muzzle
    if face.tongue:
        canvas.oval(x, 0.72, 0.13, 0.2, (232, 104, 120), face.line)
    for side in (-1, 1):
        canvas.oval(x + 0.45 * wide * side, 0.45, 0.7 * wide, 0.62 * wide, light)
    canvas.shape(_rounded_triangle(x, 0.25, 0.15 * face.muzzle), (70, 40, 45), face.line)
    for side in (-1, 1):
        canvas.curve(_bow((x, 0.4), (x + 0.05 * side, 0.62), (x + 0.8 * wide * side, 0.52)), face.line)
        if face.whiskers:
            for slope in (-0.12, 0.04, 0.2):
                start, end = (x + 0.7 * wide * side, 0.42 + 0.3 * slope), (x + side * (wide + 0.62), 0.4 + slope)
                canvas.curve(np.array([start, end]), face.line, 0.5)


def _rounded_triangle(x: float, y: float, size: float) -> np.ndarray:
    return np.array([(-1, -0.5), (-0.6, -0.8), (0.6, -0.8), (1, -0.5), (0.25, 0.7), (-0.25, 0.7)]) * size + (x, y)


def _pointed_ears(canvas: _Canvas, face: _Face) -> list[np.ndarray]:
    """A cat's: two bent triangles that stand on the head, pink inside. Returns their outlines in pixels."""
    outlines = []
    for side, size in zip((-1, 1), face.ear_size, strict=True):
        tip = (side * (0.78 + 0.12 * face.ear_lean), -0.85 - 0.6 * size)
        outer, inner = (side * 0.97 * face.width, -0.2), (side * 0.12, -0.88)
        middle = np.array([(side * 0.6, -0.7)])
        outline = np.concatenate([_bow(outer, (side * 1.05, -0.9), tip), _bow(tip, (side * 0.4, -1.2), inner)])
        outlines.append(canvas.shape(outline, face.ear_fur, face.line))
        canvas.shape(middle + 0.58 * (outline - middle) + (0, -0.06), (226, 150, 150))
    return outlines


def _hanging_ears(canvas: _Canvas, face: _Face) -> list[np.ndarray]:
    """A dog's: two long drops that hang from the upper corners of the head. Returns their outlines in pixels."""
    outlines = []
    for side, size in zip((-1, 1), face.ear_size, strict=True):
        swing = 0.12 * face.ear_lean
        root, end = (side * 0.5, -0.86), (side * (1.12 + swing), -0.25 + 0.85 * size)
        tip = _bow(end, (side * (0.9 + swing), end[1] + 0.22), (side * 0.78 * face.width, end[1] - 0.3))
        outer = _bow(root, (side * (1.45 + swing), -0.85), end)
        inner = _bow(tuple(tip[-1]), (side * 0.72, -0.3), root)
        outlines.append(canvas.shape(np.concatenate([outer, tip, inner]), face.ear_fur, face.line))
    return outlines


def _photographed(image: Image.Image, size: int, rng: np.random.Generator) -> np.ndarray:
    """Brought down to size as a modest camera would: exposure, a little blur, noise of its own at each pixel."""
    blur, exposure, grain = rng.uniform(0, 0.012) * size, rng.uniform(0.75, 1.1), rng.uniform(2, 12)
    if blur > 0.4:
        image = image.filter(ImageFilter.BoxBlur(SUPERSAMPLE * blur / 2))
    small = np.asarray(image.reduce(SUPERSAMPLE), dtype=np.float32)
    noisy = small * exposure + rng.standard_normal(small.shape, dtype=np.float32) * grain
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def _boxes(outlines: list[np.ndarray], rim: float, size: int) -> np.ndarray:
    corners = [np.concatenate([outline.min(axis=0) - rim, outline.max(axis=0) + rim]) for outline in outlines]
    return np.clip(np.array(corners) / SUPERSAMPLE, 0, size).astype(np.float32)
