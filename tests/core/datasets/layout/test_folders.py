"""Folders, names of classes, masks, and images beside the classes."""

import pytest

from core.datasets.layout.folders import masks
from core.datasets.layout.naming import printable
from core.datasets.layout.readings.file_names import classes_in_names
from tests.core.datasets.layout.contents import grid, read

PETS = ("cat", "dog")


@pytest.mark.parametrize(
    ("images", "classes"),
    [
        (grid("{c}/{k}/{i}.jpg", ("cats", "dogs"), 2, k=("wild", "show")), {"cats": 4, "dogs": 4}),
        (["cats/1.jpg", "cats/more/2.jpg", "cats/more/old/3.jpg", "dogs/1.jpg"], {"cats": 3, "dogs": 1}),
        (grid("{c}/{i}.jpg", ("train", "bus"), 2), {"bus": 2, "train": 2}),
        (grid("{c}/{i}.jpg", ("train", "bus", "plane"), 2), {"bus": 2, "plane": 2, "train": 2}),
        (["train/steam/1.jpg", "train/diesel/2.jpg", "bus/3.jpg"], {"bus": 1, "train": 2}),
        (["train_cats/1.jpg", "train_dogs/2.jpg", "val_cats/3.jpg"], {"cats": 2, "dogs": 1}),
        (grid("{c}/{i}.jpg", ("valid", "invalid", "torn"), 2), {"invalid": 2, "torn": 2, "valid": 2}),
        (grid("{c}/{i}.jpg", ("test", "control"), 2), {"control": 2, "test": 2}),
        (grid("{c}/{i}.jpg", ("mask", "no_mask"), 2), {"mask": 2, "no_mask": 2}),
        (grid("{c}/{i}.jpg", ("images", "drawings"), 2), {"drawings": 2, "images": 2}),
        (grid("a/b/c d/{c}/{i}.jpg", PETS, 2), {"cat": 2, "dog": 2}),
        (grid("{s}/{c}/{i}.jpg", PETS, 2, s=("Trainingsdaten", "Testdaten")), {"cat": 4, "dog": 4}),
        (grid("{s}/{c}/{i}.jpg", ("猫", "狗"), 2, s=("训练集", "测试集")), {"狗": 4, "猫": 4}),
        ([*grid("{c}/{i}.jpg", PETS, 4), *grid("test/{c}/{i}.jpg", PETS, 2)], {"cat": 6, "dog": 6}),
        ([*grid("train/{c}/{i}.jpg", PETS, 4), *grid("test/{c}.{i}.jpg", PETS, 2)], {"cat": 6, "dog": 6}),
        ([*grid("pets/{c}/{i}.jpg", PETS, 4), *grid("pets/pets/{c}/{i}.jpg", PETS, 4)], {"cat": 4, "dog": 4}),
        ([*grid("{c}/{i}.jpg", PETS, 4), *grid("mirrored/{c}/m{i}.jpg", PETS, 2)], {"cat": 6, "dog": 6}),
        ([*grid("{c}/{i}.jpg", PETS, 4), *grid("masks/{c}/{i}.png", PETS, 4)], {"cat": 4, "dog": 4}),
        (
            [*grid("{c}/{i}.jpg", PETS, 4), *grid("puppy/{c}/{i}.jpg", ("black", "brown"), 2)],
            {"cat": 4, "dog": 4, "puppy": 4},
        ),
    ],
)
def test_folders_are_read_as_they_are_meant(images, classes):
    assert read(images).class_counts == classes


@pytest.mark.parametrize(
    ("images", "splits"),
    [
        (grid("{s}/{c}/{i}.jpg", PETS, 1, s=("TRAIN", "Valid", "testing")), ("train", "validation", "test")),
        (grid("d/{s}/{c}/x/{i}.jpg", PETS, 1, s=("training_set", "dev")), ("train", "validation")),
        (grid("{s}/images/{c}/{i}.jpg", PETS, 1, s=("train", "eval")), ("train", "test")),
        ([*grid("{c}/{i}.jpg", PETS, 1), *grid("test/{c}/{i}.jpg", PETS, 1)], ("train", "test")),
        (grid("train/{c}/{i}.jpg", PETS, 1), ()),
        ([*grid("train/{c}/{i}.jpg", PETS, 1), "test/1.jpg"], ()),
    ],
)
def test_splits_are_those_of_the_folders(images, splits):
    assert tuple(read(images).split_counts) == splits


@pytest.mark.parametrize(
    ("names", "classes", "words"),
    [
        (("Cat", "cat"), ("Cat",), "'Cat' and 'cat'"),
        (("Cat", "Cat "), ("Cat",), "2 ways"),
        (("Zo\u00eb", "Zoe\u0308"), ("Zo\u00eb",), "2 ways"),
        (("A", "a"), ("A", "a"), ""),
        (("papilio_" * 9 + "glaucus", "papilio_" * 9 + "glaucoides"), None, ""),
    ],
)
def test_names_that_differ_in_case_blanks_or_accents_alone_are_one_class(names, classes, words):
    listing = read(
        [f"{split}/{name}/1.jpg" for split, name in zip(("train", "val"), names, strict=True)]
        + grid("{s}/x/{i}.jpg", [""], 1, s=("train", "val"))
    )
    assert set(listing.classes) == {*(classes or names), "x"}
    assert (
        any(words in note for note in listing.notes) if words else not any("merged" in note for note in listing.notes)
    )


def test_a_long_name_is_cut_so_that_two_still_differ():
    first, second = (printable("x" * 300 + end) for end in "ab")
    assert first != second
    assert max(len(first), len(second)) <= 200


@pytest.mark.parametrize(
    ("images", "count"),
    [
        (grid("{c}/{k}/{i}.png", PETS, 2, k=("images", "masks")), 4),
        (grid("{k}/{c}/{i}.png", PETS, 2, k=("images", "masks")), 4),
        (grid("{c}/{k}/{i}.png", PETS, 2, k=("JPEGImages", "SegmentationClass")), 4),
        (grid("{c}/{i}{k}.png", PETS, 2, k=("", "_mask")), 4),
        (grid("{s}/{c}/a{i}.png", PETS, 2, s=("train", "train_masks")), 4),
        (grid("{c}/{i}.png", ("with_mask", "without_mask"), 2), 0),
        (grid("{c}/{i}.png", ("gt", "audi"), 2), 0),
        (grid("{c}/{i}.png", ("depth", "height"), 2), 0),
        (["cat/1.png", "cat/1_mask.png", "cat/2_mask.png", "dog/1.png"], 1),
    ],
)
def test_masks_are_told_from_images(images, count):
    listing = read(images)
    assert list(listing.left_out.values()) == ["segmentation mask or annotation"] * count
    assert len(listing.candidates) == len(images) - count


def test_only_folders_named_like_masks_are_compared_with_all_others(monkeypatch):
    compared = []
    monkeypatch.setattr(masks, "_mirrors", lambda folder, others: compared.append(folder.name))
    read(grid("{c}/{i}.png", (*PETS, "fox", "segmentation", "fox_masks", "depth"), 2))
    assert sorted(compared) == ["fox_masks", "segmentation"]


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (("cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg", "holiday.jpg"), {"cat": 2, "dog": 2}),
        (("cat (1).jpg", "cat (2).jpg", "dog (1).jpg", "dog.jpg"), {"cat": 2, "dog": 2}),
        (("cat-001.jpg", "cat-002.jpg", "dog-1.jpg", "dog-2.jpg"), {"cat": 2, "dog": 2}),
        (("cat1.png", "cat2.png", "dog1.png", "dog22.png"), {"cat": 2, "dog": 2}),
        (
            ("yorkshire_terrier_1.jpg", "yorkshire_terrier_2.jpg", "pug_1.jpg", "pug_2.jpg"),
            {"yorkshire_terrier": 2, "pug": 2},
        ),
        (("001_frog.png", "002_frog.png", "003_cat.png", "004_cat.png"), {"frog": 2, "cat": 2}),
        (("class_1_1.png", "class_1_2.png", "class_2_1.png", "class_2_2.png"), {"class_1": 2, "class_2": 2}),
        (("cat-3f2a1b.jpg", "cat-9e8d7c.jpg", "dog-0a1b2c.jpg", "dog-4d5e6f.jpg"), {"cat": 2, "dog": 2}),
        (("2021-05-03_cat_1.jpg", "2021-05-04_cat_2.jpg", "2021-05-03_dog_1.jpg", "7_dog_2.jpg"), {"cat": 2, "dog": 2}),
        (("cat_2024-01-01T10-00-00.jpg", "cat_2024-01-02T1.jpg", "dog_2T1.jpg", "dog_3T1.jpg"), {"cat": 2, "dog": 2}),
        (("a (cat) 1.jpg", "a (cat) 2.jpg", "a (dog) 1.jpg", "a (dog) 2.jpg"), {"a cat": 2, "a dog": 2}),
        (("cat 1.jpg", "cat 1 - Copy.jpg", "dog 1.jpg", "dog 2.jpg.1"), {"cat": 2, "dog": 2}),
        (("photo_1.jpg", "photo_2.jpg", "drawing_1.jpg", "drawing_2.jpg"), {"photo": 2, "drawing": 2}),
        (("IMG_1.jpg", "IMG_2.jpg", "DSC_1.jpg", "DSC_2.jpg"), {}),
        (("IMG-20200101-WA0001.jpg", "IMG-20200101-WA0002.jpg", "IMG-20200102-WA1.jpg", "IMG-20200102-WA2.jpg"), {}),
        (("photo_1.jpg", "photo_2.jpg", "screen_1.jpg", "screen_2.jpg"), {}),
        (("0cdf5b5_01.jpg", "0cdf5b5_02.jpg", "fff9b3a_01.jpg", "fff9b3a_02.jpg"), {}),
        (("train_class_1_1.png", "test_class_1_2.png", "train_class_2_1.png", "test_class_2_2.png"), {}),
        (("1.jpg", "2.jpg", "3.jpg"), {}),
        (("cat_1.jpg", "cat_2.jpg", "dog_1.jpg", "dog_2.jpg", "a.jpg", "b.jpg"), {}),
        (("x" * 300 + "1.jpg", "x" * 300 + "2.jpg", "y1.jpg", "y2.jpg"), {}),
    ],
)
def test_classes_in_file_names(names, classes):
    class_of = classes_in_names({name: name for name in names})
    assert {name: list(class_of.values()).count(name) for name in class_of.values()} == classes


def test_an_empty_folder_beside_the_classes_is_told():
    listing = read(
        grid("pets/{c}/{i}.jpg", PETS, 2), folders=["pets", "pets/cat", "pets/fox", "pets/.git", "pets/fox/old"]
    )
    assert listing.empty == ("pets/fox",)


def test_a_class_that_a_split_lacks_is_told():
    listing = read([*grid("train/{c}/{i}.jpg", ("cat", "dog", "fox"), 2), *grid("val/{c}/{i}.jpg", PETS, 2)])
    assert listing.notes == ("The validation images hold none of 'fox'.",)


def test_the_same_folders_in_every_class_are_told_and_offered():
    listing = read(grid("{k}/{c}/{i}.jpg", ("apple", "corn", "grape"), 2, k=("color", "segmented")))
    assert listing.class_counts == {"color": 6, "segmented": 6}
    assert "'apple', 'corn' and 'grape'" in listing.notes[0]
    assert {reading.key: reading.class_counts for reading in listing.readings}["level2"] == {
        "apple": 4,
        "corn": 4,
        "grape": 4,
    }
