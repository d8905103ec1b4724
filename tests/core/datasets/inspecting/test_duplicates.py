"""Copies of every kind of image are found, and images that merely resemble each other are not joined."""

import io

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageEnhance

from core.datasets import load
from core.datasets.inspecting import nearest_neighbours, tangent_distance
from core.datasets.inspecting.duplicates import near_duplicates
from core.images import sample, to_square

SIDE = 64


def stacked(pictures: list[Image.Image], side: int = SIDE) -> torch.Tensor:
    squares = np.stack([to_square(np.asarray(picture.convert("RGB")), side) for picture in pictures])
    return torch.from_numpy(squares).permute(0, 3, 1, 2).contiguous()


def groups_of(first: torch.Tensor) -> list[tuple[int, ...]]:
    members: dict[int, list[int]] = {}
    for index, number in enumerate(first.tolist()):
        members.setdefault(number, []).append(index)
    return [tuple(group) for group in members.values() if len(group) > 1]


def badge(seed: int) -> Image.Image:
    """A small coloured sign on white, another shape and place for each seed."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (120, 120), "white")
    x, y, radius = rng.uniform(45, 75), rng.uniform(45, 75), rng.uniform(18, 40)
    draw, colour = ImageDraw.Draw(image), tuple(rng.integers(0, 180, 3).tolist())
    corners = rng.uniform(0, 2 * np.pi, int(rng.integers(3, 6)))
    draw.polygon([(x + radius * np.cos(a), y + radius * np.sin(a)) for a in sorted(corners)], fill=colour)
    draw.line([(x, y), (x + radius, y + rng.uniform(-9, 9))], fill=tuple(rng.integers(0, 255, 3).tolist()), width=4)
    return image


def stroke(seed: int) -> Image.Image:
    """A slanted line, white on black, as a handwritten one: all of them resemble each other."""
    rng = np.random.default_rng(seed)
    image = Image.new("L", (112, 112), 0)
    bend, x = rng.normal(0, 9, 5), 56 + np.linspace(14, -14, 5) * rng.normal(0.5, 0.5)
    points = list(zip((x + bend).tolist(), np.linspace(16, 96, 5).tolist(), strict=True))
    ImageDraw.Draw(image).line(points, fill=255, width=int(rng.integers(7, 14)), joint="curve")
    return image.resize((28, 28), Image.Resampling.BOX)


def view(seed: int) -> Image.Image:
    """A ninth of a photograph, turned or mirrored: another one for each seed up to 288."""
    photograph = Image.fromarray(sample(("chelsea", "flower", "china", "astronaut")[seed % 4]))
    side = min(photograph.size) // 3
    row, column = divmod(seed // 4 % 9, 3)
    part = photograph.crop((column * side, row * side, (column + 1) * side, (row + 1) * side))
    ways = (None, *Image.Transpose)
    return part if seed < 36 else part.transpose(ways[seed // 36])


def saved(picture: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=quality)
    return Image.open(file)


def cropped(picture: Image.Image, share: float) -> Image.Image:
    """Pixels off the left and the top alone, enlarged to what it was."""
    box = (share * picture.width, share * picture.height, picture.width, picture.height)
    return picture.resize(picture.size, Image.Resampling.BICUBIC, box=box)


COPIES = {
    "saved at 50": lambda picture: saved(picture, 50),
    "saved at 90": lambda picture: saved(picture, 90),
    "smaller": lambda picture: picture.resize((picture.width * 4 // 5, picture.height * 4 // 5)),
    "larger": lambda picture: picture.resize((picture.width * 2, picture.height * 2)),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.06),
    "cropped": lambda picture: cropped(picture, 0.015),
}
KINDS = {"badges on white": (badge, 64), "strokes": (stroke, 28), "photographs": (view, 64)}


@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_joined_with_their_original_and_with_nothing_else(kind):
    make, side = KINDS[kind]
    originals = [make(seed) for seed in range(240)]
    copies = {4 * number: copy for number, copy in enumerate(list(COPIES.values()) * 2)}
    pictures = originals + [copy(originals[index]) for index, copy in copies.items()]
    groups = groups_of(near_duplicates(stacked(pictures, side)))
    expected = {(index, 240 + number) for number, index in enumerate(copies)}
    assert not set(groups) - expected
    assert len(expected - set(groups)) <= 1


def test_colour_tells_drawings_apart_but_a_grey_copy_is_a_copy():
    signs = [badge(seed) for seed in range(30)]
    red_is_blue = Image.fromarray(np.asarray(signs[4])[..., ::-1].copy())
    groups = groups_of(near_duplicates(stacked([*signs, red_is_blue, signs[3].convert("L")])))
    assert groups == [(3, 31)]


def test_no_chain_joins_the_frames_of_a_film():
    """Each frame is a copy of the next, and the first shows something else than the last."""
    wide = Image.fromarray(sample("china"))
    frames = [wide.crop((x, 40, x + 200, 240)).resize((SIDE, SIDE)) for x in range(0, 120)]
    first = near_duplicates(stacked([*frames, *(view(seed) for seed in range(80))]))
    groups = groups_of(first[:120])
    assert groups
    assert max(group[-1] - group[0] for group in groups) <= 12


def test_many_copies_of_one_image_are_one_group():
    picture = view(2)
    copies = [saved(picture, quality) for quality in range(50, 98, 2)]
    images = stacked([*(view(seed) for seed in range(3, 60)), picture, *copies])
    assert groups_of(near_duplicates(images)) == [tuple(range(57, 57 + 25))]


def test_plain_images_are_copies_only_if_they_are_the_same_to_the_pixel():
    plain = [Image.new("RGB", (SIDE, SIDE), (grey, grey, grey)) for grey in (10, 11, 200, 11)]
    assert near_duplicates(stacked([*plain, view(0), view(1)])).tolist() == [0, 1, 2, 1, 4, 5]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_few_images_are_enough(count):
    images = stacked([view(0), view(1), saved(view(0), 80)])[:count]
    assert near_duplicates(images).tolist() == [0, 1, 0][:count]


def test_neither_blocks_nor_the_order_change_the_answer(monkeypatch):
    images = stacked([*(badge(seed) for seed in range(70)), *(saved(badge(seed), 70) for seed in range(0, 70, 7))])
    whole = groups_of(near_duplicates(images))
    assert len(whole) == 10
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    mixed = [tuple(sorted(order[list(group)].tolist())) for group in groups_of(near_duplicates(images[order]))]
    assert sorted(mixed) == whole
    monkeypatch.setattr(nearest_neighbours, "BLOCK", 7)
    monkeypatch.setattr(tangent_distance, "ROWS", 3)
    assert groups_of(near_duplicates(images)) == whole


def test_nearest_neighbours_are_those_of_a_full_comparison():
    points = torch.randn(301, 5, generator=torch.Generator().manual_seed(1))
    expected = torch.cdist(points, points).fill_diagonal_(torch.inf).topk(9, largest=False).indices.sort(1).values
    assert torch.equal(nearest_neighbours.nearest_neighbours(points, 9).sort(1).values, expected)
    rows = torch.tensor([300, 4])
    assert torch.equal(nearest_neighbours.nearest_neighbours(points, 9, rows).sort(1).values, expected[rows])


def test_a_tangent_distance_forgives_a_move_and_not_another_image():
    moved = [view(16), cropped(view(16), 0.01), ImageEnhance.Contrast(view(16)).enhance(0.8), view(9)]
    of = tangent_distance.appearance_of(stacked(moved))
    distances = tangent_distance.tangent_distances(of, torch.tensor([0]), torch.arange(4)[None])[0]
    straight = (of.grey.float()[1:] - of.grey.float()[0]).square().mean((1, 2)).sqrt()
    assert distances[0] == 0
    assert distances[1] < 0.6 * straight[0]
    assert distances[2] < 0.02
    assert distances[3] > 0.5


def test_the_built_in_sets_have_no_copies():
    for name, size in (("digits", 16), ("sketches", 32)):
        images = load(name, size, limit=600).images
        assert groups_of(near_duplicates(images)) == []
