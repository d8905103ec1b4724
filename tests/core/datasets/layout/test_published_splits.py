"""Splits that tables and lists give beside the classes, in the forms in which public datasets have them."""

import pytest

from core.datasets.layout import LayoutChoice
from tests.core.datasets.layout.contents import grid, read, rows

PETS = ("cat", "dog")
PHOTOS = grid("birds/images/{c}/{c}_{i}.jpg", ("001.Auk", "002.Ani"), 6)
FLAT = [f"images/{i:04}.jpg" for i in range(24)]


def totals(listing):
    return {split: sum(counts.values()) for split, counts in listing.split_counts.items()}


def of_birds(numbers=range(12), flags=(1, 1, 0)):
    return {
        "birds/images.txt": "".join(f"{n + 1} {path.split('images/')[1]}\n" for n, path in enumerate(PHOTOS)),
        "birds/train_test_split.txt": "".join(f"{n + 1} {flags[n % len(flags)]}\n" for n in numbers),
    }


def test_a_flag_for_each_number_of_an_image_is_a_split():
    assert totals(read(PHOTOS, of_birds())) == {"train": 8, "test": 4}
    assert not read(PHOTOS, of_birds(), LayoutChoice(split="redraw")).split_counts


@pytest.mark.parametrize(
    ("numbers", "flags"), [(range(50, 90), (1, 0)), (range(12), (1,)), (range(12), (1, 2))], ids=["others", "one", "2"]
)
def test_numbers_of_other_images_and_other_flags_are_no_split(numbers, flags):
    assert not read(PHOTOS, of_birds(numbers, flags)).split_counts


def test_a_partition_is_numbered_from_training_to_test():
    tables = {
        "attributes.csv": rows("image_id,Smiling,Hat", *(f"{i:04}.jpg,{i % 2},{i % 3 // 2}" for i in range(24))),
        "partition.csv": rows("image_id,partition", *(f"{i:04}.jpg,{(i > 11) + (i > 17)}" for i in range(24))),
    }
    listing = read(FLAT, tables)
    assert listing.class_counts == {"Smiling": 12, "not Smiling": 12}
    assert totals(listing) == {"train": 12, "validation": 6, "test": 6}
    assert "table partition" not in {reading.key for reading in listing.readings}


def test_a_partition_without_a_header_is_called_by_its_file():
    tables = {
        "list_attr.txt": "24\nSmiling Hat\n"
        + "".join(f"{i:04}.jpg {i % 2 * 2 - 1:>2} {i % 3 - 1:>2}\n" for i in range(24)),
        "list_eval_partition.txt": "".join(f"{i:04}.jpg {(i > 11) + (i > 17)}\n" for i in range(24)),
    }
    listing = read(FLAT, tables)
    assert listing.class_counts == {"Smiling": 12, "not Smiling": 12}
    assert totals(listing) == {"train": 12, "validation": 6, "test": 6}


def test_public_and_private_tests_are_tests():
    usage = ("Training", "PublicTest", "PrivateTest")
    table = rows("file,label,Usage", *(f"{i:04},{PETS[i % 2]},{usage[i // 8]}" for i in range(24)))
    assert totals(read(FLAT, {"a.csv": table})) == {"train": 8, "test": 16}


def test_numbered_folds_are_no_split():
    listing = read(FLAT, {"a.csv": rows("file,label,fold", *(f"{i:04},{PETS[i % 2]},{i % 3}" for i in range(24)))})
    assert not listing.split_counts
    assert "table fold" in {reading.key for reading in listing.readings}


def test_lists_of_a_part_of_the_images_leave_the_others_without_a_split():
    paths = grid("{c}/{i}.jpg", PETS, 10)
    lists = {"TrainImages.txt": rows(*paths[:4], *paths[10:14]), "TestImages.txt": rows(*paths[4:6])}
    listing = read(paths, lists)
    assert totals(listing) == {"train": 8, "test": 2}
    assert any("10 images are in no part of the given split and are taken for training" in n for n in listing.notes)


def test_lists_that_are_not_used_are_named():
    paths = grid("{c}/{i}.jpg", PETS, 6)
    lists = {f"{split}{k}.txt": rows(*paths[o::2]) for k in range(4) for o, split in enumerate(("train", "test"))}
    listing = read(paths, lists)
    assert not listing.split_counts
    assert any("'test0.txt', 'test1.txt', 'test2.txt', 'test3.txt' and 4 more list images" in n for n in listing.notes)


def test_a_list_of_training_and_validation_together_hides_neither():
    paths = grid("{c}/{i}.jpg", PETS, 6)
    parts = {"train": paths[::3], "val": paths[1::3], "test": paths[2::3], "trainval": paths[::3] + paths[1::3]}
    assert totals(read(paths, {f"{name}.txt": rows(*own) for name, own in parts.items()})) == {
        "train": 4,
        "validation": 4,
        "test": 4,
    }


def test_tables_on_other_subjects_are_read_apart_and_offered():
    names = {"family": ("Boeing 737", "A320"), "maker": ("Boeing Co", "Airbus")}
    spans = {"train": range(8), "val": range(8, 16), "trainval": range(16), "test": range(16, 24)}
    tables = {
        f"data/{subject}_{split}.txt": "".join(f"{i:04} {kinds[i % 2]}\n" for i in span)
        for subject, kinds in names.items()
        for split, span in spans.items()
    }
    listing = read(FLAT, tables)
    assert listing.class_counts == {"A320": 12, "Boeing 737": 12}
    assert totals(listing) == {"train": 8, "validation": 8, "test": 8}
    assert any("Other tables give these images other classes: 'maker'" in note for note in listing.notes)
    assert read(FLAT, tables, LayoutChoice("table maker")).class_counts == {"Airbus": 12, "Boeing Co": 12}
