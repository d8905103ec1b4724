"""Tables in the forms in which people save them, and what their columns are taken for."""

import pytest

from core.datasets import LayoutChoice
from tests.core.datasets.layout.contents import grid, read, rows

PETS = ("cat", "dog")
IMAGES = grid("photos/{i:03}.jpg", [""], 6)
PLAIN = [(f"{i:03}.jpg", PETS[i % 2]) for i in range(6)]


def lines(mark, header=("file", "animal"), names=PLAIN):
    return rows(mark.join(header), *(mark.join(pair) for pair in names))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.csv", lines(",")),
        ("labels.csv", lines(";")),
        ("labels.csv", lines("|")),
        ("labels.csv", "sep=;\n" + lines(";")),
        ("labels.tsv", lines("\t")),
        ("labels.txt", lines(" ")),
        ("labels.csv", "\ufeff" + lines(",")),
        ("labels.csv", lines(",").encode("utf-16")),
        ("labels.csv", lines(",").replace("\n", "\r\n")),
        ("labels.csv", rows('"file","animal"', *(f'"{file}","{animal}"' for file, animal in PLAIN))),
        ("labels.csv", lines(",", names=[(file.removesuffix(".jpg"), animal) for file, animal in PLAIN])),
        ("labels.csv", lines(",", names=[(file.replace(".jpg", ".PNG"), animal) for file, animal in PLAIN])),
        (
            "labels.csv",
            lines(",", names=[(file.lstrip("0").removesuffix(".jpg"), animal) for file, animal in PLAIN[1:]]),
        ),
        ("labels.csv", lines(",", names=[(f"C:\\me\\photos\\{file}", animal) for file, animal in PLAIN])),
        ("labels.csv", lines(",", names=[(f"./photos/{file}", animal) for file, animal in PLAIN])),
        ("photos/labels.csv", lines(",")),
        ("labels.csv", "".join(f"{file},{animal}\n" for file, animal in PLAIN)),
        ("labels.json", "{" + ", ".join(f'"{file}": "{animal}"' for file, animal in PLAIN) + "}"),
        ("labels.json", "[" + ", ".join(f'{{"file": "{file}", "animal": "{animal}"}}' for file, animal in PLAIN) + "]"),
        ("labels.jsonl", "".join(f'{{"file": "{file}", "animal": "{animal}"}}\n' for file, animal in PLAIN)),
    ],
)
def test_a_table_is_read_in_any_form(name, text):
    listing = read(IMAGES, {name: text})
    assert listing.reading == "table"
    assert {one.path: one.class_name for one in listing.candidates}.items() <= {
        f"photos/{file}": animal for file, animal in PLAIN
    }.items()
    assert set(listing.class_counts) == {"cat", "dog"}
    assert len(listing.candidates) >= 5


@pytest.mark.parametrize(
    ("header", "row", "column", "classes"),
    [
        ("id,width,class", lambda i: f"{i:03},{300 + i % 2},{PETS[i % 2]}", "class", PETS),
        ("class_id,class_name,image", lambda i: f"{i % 2},{PETS[i % 2]},{i:03}.jpg", "class_name", PETS),
        ("image,has_tail", lambda i: f"{i:03},{i % 2}", "has_tail", ("has_tail", "not has_tail")),
        ("image,target", lambda i: f"{i:03},{i % 2}", "target", ("0", "1")),
        ("image,cats,dogs", lambda i: f"{i:03},{i % 2}.0,{1 - i % 2}.0", "*", ("cats", "dogs")),
        ("image,age,species", lambda i: f"{i:03},{20 + i // 2},{PETS[i % 2]}", "species", PETS),
    ],
)
def test_the_column_of_classes_is_the_one_that_repeats_and_is_called_so(header, row, column, classes):
    listing = read(IMAGES, {"data.csv": rows(header, *(row(i) for i in range(6)))})
    assert listing.readings[0].columns[1] == column
    assert listing.classes == classes
    assert any(column in note or column == "*" for note in listing.notes)


def test_a_first_row_that_repeats_a_value_is_no_header():
    listing = read(
        grid("photos/{i}.jpg", [""], 6), {"labels.csv": rows(*(f"{i},{(i + 1) % 2}" for i in range(1, 6)), "0,1")}
    )
    assert listing.class_counts == {"0": 3, "1": 3}
    listing = read(grid("photos/{i}.jpg", [""], 6), {"labels.csv": rows(*(f"{i},{i % 2}" for i in range(1, 6)), "0,0")})
    assert listing.class_counts == {"0": 3, "1": 3}


def test_a_table_of_files_gives_classes_no_other_names():
    readings = read(IMAGES, {"labels.csv": lines(",")}).readings
    assert [reading.key for reading in readings] == ["table"]


def test_somebody_can_choose_the_columns():
    table = rows("image,species,owner", *(f"{i:03},{PETS[i % 2]},{('Ann', 'Bo')[i // 3]}" for i in range(6)))
    listing = read(IMAGES, {"data.csv": table}, LayoutChoice(reading="table", columns=("image", "owner")))
    assert listing.class_counts == {"Ann": 3, "Bo": 3}
    assert "owner" in {reading.columns[1] for reading in read(IMAGES, {"data.csv": table}).readings}


def test_a_column_of_splits_is_used():
    parts = ("train", "train", "val", "train", "test", "test")
    table = rows("file;label;split", *(f"{i:03};{PETS[i % 2]};{parts[i]}" for i in range(6)))
    totals = {split: sum(counts.values()) for split, counts in read(IMAGES, {"data.csv": table}).split_counts.items()}
    assert totals == {"train": 3, "validation": 1, "test": 2}
    table = rows("file,label,is_valid", *(f"{i:03},{PETS[i % 2]},{i > 3}" for i in range(6)))
    totals = {split: sum(counts.values()) for split, counts in read(IMAGES, {"data.csv": table}).split_counts.items()}
    assert totals == {"train": 4, "validation": 2}


def test_a_table_is_found_in_by_far_more_rows_than_there_are_images():
    table = rows("id,label", *(f"{number:05},{PETS[number % 2]}" for number in range(40_000)))
    listing = read([f"photos/{number:05}.jpg" for number in (17, 20_018, 31_007, 39_998)], {"labels.csv": table})
    assert listing.class_counts == {"cat": 2, "dog": 2}


def test_numbers_that_are_no_names_of_files_label_nothing():
    table = rows("age,label", *(f"{20 + i % 5},{PETS[i % 2]}" for i in range(60)))
    assert "'photos'" in read(grid("photos/2{i}.jpg", [""], 5), {"people.csv": table}).refusal


def test_a_column_called_label_comes_before_a_larger_table_without_one():
    ages = rows("id,age,sex", *(f"{i:03},{20 + i % 2},{'mf'[i % 2]}" for i in range(6)))
    labels = rows("id,label", *(f"{i:03},{PETS[i % 2]}" for i in range(4)))
    listing = read(IMAGES, {"a_people.csv": ages, "labels.csv": labels})
    assert (listing.class_counts, len(listing.unlabelled)) == ({"cat": 2, "dog": 2}, 2)


def test_an_image_with_several_classes_is_left_out_with_a_reason():
    listing = read(IMAGES, {"labels.csv": lines(",", names=[*PLAIN, ("000.jpg", "dog")])})
    assert (listing.class_counts, listing.left_out["photos/000.jpg"]) == ({"cat": 2, "dog": 3}, "several classes")
    joint = [(f"{i:03}", ("cat", "dog", "cat|dog")[i % 3]) for i in range(6)]
    listing = read(IMAGES, {"labels.csv": lines(",", names=joint)})
    assert (listing.class_counts, len(listing.left_out)) == ({"cat": 2, "dog": 2}, 3)


def test_images_that_a_table_does_not_name_are_to_be_predicted():
    listing = read([*IMAGES, "photos/006.jpg"], {"labels.csv": lines(",")})
    assert [one.path for one in listing.unlabelled] == ["photos/006.jpg"]


def test_folders_that_tell_classes_apart_come_before_a_table_which_is_offered():
    images = grid("{c}/{i}.jpg", PETS, 4)
    table = rows("file,weather", *(f"{path},{('sun', 'rain')[n // 2 % 2]}" for n, path in enumerate(images)))
    listing = read(images, {"weather.csv": table})
    assert listing.class_counts == {"cat": 4, "dog": 4}
    assert {reading.key: reading.class_counts for reading in listing.readings}["table"] == {"rain": 4, "sun": 4}


def test_numbered_folders_that_a_table_contradicts_are_no_classes():
    images = grid("{c}/{i}.jpg", ("0", "1"), 4)
    table = rows("file,label", *(f"{path},{PETS[n % 2]}" for n, path in enumerate(images)))
    assert read(images, {"labels.csv": table}).class_counts == {"cat": 4, "dog": 4}


@pytest.mark.parametrize(
    "text", ["", "\0", "a", "a,b", "a,b\n", "a,b\n1,2\n", '"' * 99, "[1, [2]]", "{", "\ufeff,\n,\n"]
)
@pytest.mark.parametrize("name", ["labels.csv", "labels.json", "labels.jsonl", "labels.txt"])
def test_a_file_that_is_no_table_does_no_harm(name, text):
    listing = read(IMAGES, {name: text})
    assert "Only one class was found, 'photos'" in listing.refusal


def test_a_fingerprint_changes_with_the_table_that_labels_the_images():
    fingerprints = {read(IMAGES, {"labels.csv": lines(",", names=names)}).fingerprint for names in (PLAIN, PLAIN[::-1])}
    assert len(fingerprints) == 2
