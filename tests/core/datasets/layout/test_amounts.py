"""What is too little to train on is said before anything is decoded, and the trainer agrees."""

import pytest

from core.datasets import LayoutChoice, Understanding, load
from core.errors import DataError
from core.training import Trainer
from core.training.batches import split_of
from core.training.recipe.presets import RECIPES
from tests.core.datasets.layout.contents import grid, read
from tests.core.datasets.test_sources import png, zipped

PETS = ("cat", "dog")
SEEDS = (0, 70, 140, 210)


def notes_on(images):
    return Understanding.of(read(images), LayoutChoice()).notes


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (grid("{c}/{i}.jpg", PETS, 2), "No class has more than 2 images"),
        (["cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "fox/1.jpg"], "Two classes with at least 2 images each"),
    ],
)
def test_too_few_images_are_a_note(images, words):
    (note,) = notes_on(images)
    assert note.startswith(words)
    assert note.endswith("provide at least 5 images of each class.")


@pytest.mark.parametrize(
    "images",
    [
        [*grid("cat/{i}.jpg", [""], 3), *grid("dog/{i}.jpg", [""], 2)],
        grid("{s}/{c}/{i}.jpg", PETS, 1, s=("train", "val")),
        grid("cat/{i}.jpg", [""], 2),
    ],
)
def test_what_can_be_trained_on_or_is_refused_has_no_such_note(images):
    assert not any("provide at least" in note for note in notes_on(images))


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.key)
def test_two_images_of_each_class_leave_every_recipe_none_to_validate_with(recipe):
    files = {path: png(seed) for path, seed in zip(grid("{c}/{i}.png", PETS, 2), SEEDS, strict=True)}
    data = load(zipped(files), 16)
    _, validation, _ = split_of(recipe.config(), data)
    assert len(validation) == 0
    with pytest.raises(DataError, match="too few"):
        Trainer(recipe.config(), data)


def test_a_third_image_of_one_class_is_enough():
    paths = [*grid("{c}/{i}.png", PETS, 2), "cat/2.png"]
    files = {path: png(seed) for path, seed in zip(paths, (*SEEDS, 250), strict=True)}
    _, validation, _ = split_of(RECIPES.of_key("now").config(), load(zipped(files), 16))
    assert len(validation) == 1
