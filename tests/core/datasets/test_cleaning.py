"""Copies are found however they were saved, strangers are not taken for copies, and the report's numbers are true."""

import io
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance

from core.datasets import inspect, load
from core.datasets.inspecting.duplicates import exact_duplicates, near_duplicates
from core.images import resize, sample, to_square

SIDE = 64
PHOTO = Image.fromarray(sample("chelsea"))
OTHERS = [sample("china"), sample("flower"), sample("astronaut"), *np.split(sample("china")[:426], 2)]


def stacked(*pictures: np.ndarray | Image.Image) -> torch.Tensor:
    squares = [to_square(np.asarray(picture), SIDE) for picture in pictures]
    return torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).contiguous()


def saved_as(picture: Image.Image, format: str, **options) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return Image.open(buffer).convert("RGB")


SAVED_AGAIN = {
    "itself": PHOTO,
    "worse jpeg": saved_as(PHOTO, "JPEG", quality=30),
    "gif": saved_as(PHOTO, "GIF"),
    "smaller": Image.fromarray(resize(sample("chelsea"), 120)),
    "brighter": ImageEnhance.Brightness(PHOTO).enhance(1.07),
    "grey": PHOTO.convert("L").convert("RGB"),
}


@pytest.mark.parametrize("how", SAVED_AGAIN)
def test_a_picture_saved_again_is_a_near_copy(how):
    images = stacked(*OTHERS, PHOTO, SAVED_AGAIN[how])
    places = list(range(len(images)))
    assert near_duplicates(images).tolist() == [*places[:-1], places[-2]]
    assert (exact_duplicates(images).tolist() == [*places[:-1], places[-2]]) == (how == "itself")


def test_copies_of_copies_join_and_plain_pictures_do_not():
    images = stacked(SAVED_AGAIN["grey"], *OTHERS, SAVED_AGAIN["gif"], PHOTO)
    assert near_duplicates(images).tolist() == [0, 1, 2, 3, 4, 5, 0, 0]
    plain = torch.arange(0, 250, 50, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, SIDE, SIDE).contiguous()
    assert near_duplicates(plain).tolist() == list(range(5))


def made_archive() -> bytes:
    """Two classes with one of everything that a report tells apart."""
    rng = np.random.default_rng(0)

    def noise(height: int = 60, width: int = 80) -> Image.Image:
        return Image.fromarray(rng.integers(0, 255, (height // 4, width // 4, 3), dtype=np.uint8)).resize(
            (width, height)
        )

    twin, jpeg = noise(), io.BytesIO()
    noise().save(jpeg, "JPEG")
    pictures = {"a/1.jpg": noise(), "a/twin.png": twin, "b/twin.png": twin, "b/twin.jpg": twin}
    pictures |= {"a/tiny.png": noise(20, 40), "b/long.jpg": noise(40, 160), "b/edge.jpg": noise(40, 120)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, picture in pictures.items():
            file = io.BytesIO()
            picture.save(file, "PNG" if name.endswith("png") else "JPEG", **({} if "png" in name else {"quality": 90}))
            archive.writestr(name, file.getvalue())
        archive.writestr("a/cut.jpg", jpeg.getvalue()[: len(jpeg.getvalue()) // 2])
        archive.writestr("b/empty.jpg", b"")
    return buffer.getvalue()


def test_a_report_tells_apart_what_is_wrong():
    pictures = load(made_archive(), 32)
    report, place = inspect(pictures), {path: at for at, path in enumerate(pictures.paths)}
    assert report.kept == len(pictures) == 7
    assert report.reasons == {"truncated": 1, "empty file": 1}
    twins = tuple(sorted((place["a/twin.png"], place["b/twin.png"])))
    assert report.exact == (twins,)
    assert report.near == report.across == (tuple(sorted((*twins, place["b/twin.jpg"]))),)
    assert report.tiny == (place["a/tiny.png"],)
    assert report.odd_shaped == (place["b/long.jpg"],)  # 4:1, while 3:1 is still allowed
    assert {pictures.paths[at] for at in report.jfif.deletes_good} == {"a/twin.png", "b/twin.png", "a/tiny.png"}
    assert [refusal.path for refusal in report.jfif.keeps_broken] == ["a/cut.jpg"]
    assert [refusal.path for refusal in report.jfif.deletes_broken] == ["b/empty.jpg"]
    assert pictures.originals[place["b/long.jpg"]].tolist() == [40, 160]
    cut, empty = pictures.refused
    assert cut.thumbnail.dtype == torch.uint8
    assert cut.thumbnail.shape[0] == 3
    assert empty.thumbnail is None


def test_a_drawn_set_has_nothing_to_report():
    report = inspect(load("sketches", 32, limit=60))
    assert (report.refused, report.exact, report.near, report.across, report.tiny, report.jfif) == ((),) * 5 + (None,)


def test_the_famous_rule_on_the_cut_archive_deletes_10_good_ones_and_keeps_2_cut_ones(pets):
    pictures, report = pets, inspect(pets)
    assert report.jfif.deletes == 14
    assert len(report.jfif.deletes_good) == 10
    assert [(refusal.path, refusal.reason) for refusal in report.jfif.keeps_broken] == [
        ("PetImages/Cat/90702.jpg", "truncated"),
        ("PetImages/Dog/90702.jpg", "truncated"),
    ]
    assert all(refusal.thumbnail is not None for refusal in report.jfif.keeps_broken)
    across = {frozenset(pictures.paths[at] for at in group) for group in report.across}
    assert across == {frozenset({"PetImages/Cat/8456.jpg", "PetImages/Dog/8736.jpg"})}


def test_a_mean_image_is_the_mean_and_examples_take_turns():
    pictures = load("digits", 8, limit=300)
    for label in (None, 3):
        chosen = pictures.images if label is None else pictures.images[pictures.labels == label]
        torch.testing.assert_close(pictures.mean_image(label), chosen.float().mean(0))
    shown = pictures.examples(20, seed=1)
    assert sorted(pictures.labels[shown].tolist()) == sorted([*range(10)] * 2)
    assert len(set(shown)) == 20
    assert shown == pictures.examples(20, seed=1) != pictures.examples(20, seed=2)
