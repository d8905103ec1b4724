"""What labelling programs and publishers export: read as it is meant, or named with what to do."""

import gzip
import io
import json

import pytest

from core.datasets import understood
from core.datasets.layout import LayoutChoice
from core.errors import DataError
from tests.core.datasets.layout.contents import grid, read, rows
from tests.core.datasets.test_sources import zipped

IMAGES = grid("images/{i}.jpg", [""], 8)
HASH = "0123456789abcdef0123456789abcdef"
IDX = b"\0\0\x08\x03\0\0\0\x0a" + bytes(40)
LABELME = json.dumps({"shapes": [{"label": "cat", "points": [[1, 1]]}], "imagePath": "0.jpg"})


def yes_or_no(split: str) -> str:
    """A table of three columns of which several may be 1."""
    return rows("filename, cat, dog, fox", *(f"{split}{i}.jpg, {int(i % 2 == 0)}, 1, {int(i < 2)}" for i in range(4)))


@pytest.mark.parametrize(
    ("paths", "tables", "classes"),
    [
        (grid("{i}_{c}_jpg.rf." + HASH + ".jpg", ["cat", "dog"], 3), {}, {"cat": 3, "dog": 3}),
        (
            [f"{k}-{name}!-!{i}.jpg" for k, name in enumerate(("mug", "pen")) for i in range(3)],
            {},
            {"mug": 3, "pen": 3},
        ),
        (IMAGES, {"a.csv": rows("image,label", *(f"{i}.jpg,c{i % 2}" for i in range(8))).encode("utf-16-le")}, None),
        (IMAGES, {"a.csv": rows("image,label", *(f"{i}.jpg,c{i % 2}" for i in range(8))).encode("utf-16-be")}, None),
        (
            grid("im/{i} a.jpg", [""], 8),
            {"labels.txt": rows("im/0 a.jpg c0", *(f"im/{i} a.jpg c{i % 2}" for i in range(1, 8)))},
            None,
        ),
        (grid("line\n{c}/{i}.jpg", "ab", 2), {}, {"line a": 2, "line b": 2}),
    ],
    ids=["Roboflow", "Teachable Machine", "UTF-16-LE", "UTF-16-BE", "blanks in file names", "a line break"],
)
def test_it_is_read_as_it_is_meant(paths, tables, classes):
    assert read(paths, tables).class_counts == (classes or {"c0": 4, "c1": 4})


def test_lists_of_two_splits_leave_the_rest_for_training():
    paths = grid("{c}/{i}.jpg", ("cat", "dog"), 5)
    lists = {"validation_list.txt": rows("cat/0.jpg", "dog/0.jpg"), "testing_list.txt": rows("cat/1.jpg", "dog/1.jpg")}
    splits = read(paths, lists).split_counts
    assert {split: sum(counts.values()) for split, counts in splits.items()} == {"train": 6, "validation": 2, "test": 2}
    only = read(paths, {"val.txt": lists["validation_list.txt"]}).split_counts
    assert {split: sum(counts.values()) for split, counts in only.items()} == {"train": 8, "validation": 2}
    assert not read(paths, {"val.txt": rows(*paths)}).split_counts, "nothing would be left to train on"
    assert not read(paths, {"train.txt": rows(*paths[:4])}).split_counts


def test_of_columns_that_may_all_be_true_one_counts_and_the_others_are_named():
    paths = [f"{split}/{split}{i}.jpg" for split in ("train", "valid") for i in range(4)]
    tables = {f"{split}/_classes.csv": yes_or_no(split) for split in ("train", "valid")}
    listing = read(paths, tables)
    assert listing.class_counts == {"cat": 4, "not cat": 4}
    assert any("'cat', 'dog' and 'fox' say yes or no each" in note for note in listing.notes)
    assert read(paths, tables, LayoutChoice(reading="table fox")).class_counts == {"fox": 4, "not fox": 4}


def test_a_cell_of_several_classes_is_none_of_its_own():
    kinds = ("scab", "rust", "scab rust", "healthy")
    listing = read(IMAGES, {"train.csv": rows("image,labels", *(f"{i}.jpg,{kinds[i % 4]}" for i in range(8)))})
    assert listing.class_counts == {"healthy": 2, "rust": 2, "scab": 2}
    assert [path for path, reason in listing.left_out.items() if reason == "several classes"] == [IMAGES[2], IMAGES[6]]


def test_rows_without_an_image_are_counted():
    listing = read(IMAGES, {"labels.csv": rows("image,label", *(f"{i}.jpg,c{i % 2}" for i in range(20)))})
    assert "12 rows of 'labels.csv' name no image here, or several, such as '8.jpg'." in listing.notes


LABELS = {f"{i}.jpg": f"c{i % 2}" for i in range(8)}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps({kind: [file for file, own in LABELS.items() if own == kind] for kind in ("c0", "c1")})),
        ("a.json", json.dumps({file: [kind] for file, kind in LABELS.items()})),
        ("a.json", json.dumps({"about": "x", "images": [{"file": f, "label": kind} for f, kind in LABELS.items()]})),
        ("a.json", json.dumps([{"file": file, "label": {"name": kind}} for file, kind in LABELS.items()])),
        ("a.csv", "# made by hand\n" + rows("file,label", *(f"{f},{kind}" for f, kind in LABELS.items()))),
        ("a.csv", rows("file,label", *(f"{file},['{kind}']" for file, kind in LABELS.items()))),
    ],
    ids=["files of a class", "classes of a file", "one list inside", "a record inside", "a comment", "lists as text"],
)
def test_a_table_is_read_in_these_forms_too(name, text):
    assert read(IMAGES, {name: text}).class_counts == {"c0": 4, "c1": 4}


def test_two_classes_of_a_file_are_several_and_no_number_is_none():
    kinds = [["cat"], ["dog"], ["cat", "dog"], ["cat"], ["dog"], ["cat"], ["dog"]]
    listing = read(IMAGES, {"a.json": json.dumps({f"{i}.jpg": kind for i, kind in enumerate(kinds)})})
    assert listing.class_counts == {"cat": 3, "dog": 3}
    assert listing.left_out["images/2.jpg"] == "several classes"
    listing = read(IMAGES, {"a.csv": rows("file,label", *(f"{i}.jpg,{'nan' if i > 5 else i % 2}" for i in range(8)))})
    assert listing.class_counts == {"0": 3, "1": 3}
    assert [one.path for one in listing.unlabelled] == IMAGES[6:]


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        (["cat", "dog", "cat - Copy"], "The class 'cat - Copy' is called a copy of 'cat'"),
        (["2024-01-01", "2024-01-02"], "though the names say nothing of one"),
        (["New folder", "New folder (2)"], "though the names say nothing of one"),
    ],
)
def test_folders_that_may_be_no_classes_are_said(classes, words):
    listing = read(grid("{c}/{i}.jpg", classes, 3))
    assert set(listing.classes) == set(classes)
    assert any(words in note for note in listing.notes)


@pytest.mark.parametrize(
    ("paths", "others", "words"),
    [
        (
            grid("{s}/images/{i}_jpg.rf." + HASH + ".jpg", [""], 3, s=("train", "valid")),
            {f"{s}/labels/{i}_jpg.rf.{HASH}.txt": "0 .5 .5 .2 .3\n" for s in ("train", "valid") for i in range(3)},
            "6 text files",
        ),
        (
            IMAGES,
            {f"images/{i}.json": LABELME for i in range(8)},
            "8 JSON files such as images/0.json hold the outlines",
        ),
        (IMAGES, {"project.json": '[{"data": {"image": "1.jpg"}}]'}, "no classes were read from 'project.json'"),
        (IMAGES, {"ImageSets/Main/cat_val.txt": rows(*(f"{i} {i % 2 * 2 - 1}" for i in range(8)))}, "tell no classes"),
        ([], {"train-images.idx3-ubyte": IDX}, "an array in the IDX format, as MNIST is published: save each image"),
        ([], {"batches/data_batch_1": b"\x80\x04\x95data"}, "a pickle, as CIFAR is published"),
        ([], {"cat/1.jpg.lnk": "L", "dog/1.webloc": "<"}, "'cat/1.jpg.lnk' and 'dog/1.webloc' only say where"),
        ([], {"pets.zip.001": "PK", "pets.zip.002": "x"}, "parts of one archive: join them"),
        (IMAGES, {f"images/{i}.cls": "1" for i in range(8)}, "8 files .cls such as images/0.cls, one for each image"),
        (IMAGES, {"labels.ods": "PK"}, "'labels.ods' cannot be read here: save the file names and classes"),
        ([], {"a.tfrecord-00000-of-00002": "x"}, "'a.tfrecord-00000-of-00002' cannot be read as images"),
        ([], {"run/1.mp4": b"\0\0\0\x18ftypisom"}, "'run/1.mp4' is a video: save some of its frames"),
    ],
    ids=[
        "YOLO",
        "LabelMe",
        "JSON",
        "VOC",
        "IDX",
        "pickle",
        "shortcuts",
        "parts",
        "one each",
        "a spreadsheet",
        "TFRecord",
        "videos",
    ],
)
def test_what_is_not_read_is_named(paths, others, words):
    assert words in read(paths, others).refusal


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (bytes(128) + b"DICM", "cat/0.dat is a DICOM image, which is not read here: export it as PNG first."),
        (b"\0\0\0\x18ftypheic", "cat/0.jpg is an HEIC photo, which is not read here"),
        (b"version https://git-lfs", "cat/0.jpg is a Git LFS pointer, which is not read here: run git lfs pull"),
    ],
)
def test_formats_that_cannot_be_decoded_are_said_before_anything_is(head, words):
    path = words.split(" ")[0]
    files = {path.replace("cat/0", f"{name}/{i}"): head for name in ("cat", "dog") for i in range(2)}
    notes = [note for note in read([], files).notes if words in note]
    assert len(notes) == 1


def test_arrays_in_gzip_are_named_too():
    archive = zipped({"train-images-idx3-ubyte.gz": gzip.compress(IDX)})
    with pytest.raises(DataError, match="an array in the IDX format inside: unpack it, and save each image as a file"):
        understood(io.BytesIO(archive))
