"""What annotation programs and cloud services write about whole images, and what tables leave open."""

import json

import pytest

from tests.core.datasets.layout.contents import grid, read, rows

PETS = ("cat", "dog")
IMAGES = [f"images/{i}.jpg" for i in range(12)]
KIND = [PETS[i % 2] for i in range(12)]


def categories(**more):
    """COCO's lists with a category and no box for each image."""
    return json.dumps(
        {
            "images": [{"id": 100 + i, "file_name": f"{i}.jpg"} for i in range(12)],
            "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
            "annotations": [{"image_id": 100 + i, "category_id": 1 + i % 2, **more} for i in range(12)],
        }
    )


def manifest(i):
    return json.dumps({"source-ref": f"s3://bucket/{i}.jpg", "job": i % 2, "job-metadata": {"class-name": KIND[i]}})


def project(i):
    result = [{"value": {"choices": [KIND[i]]}, "type": "choices"}]
    return {"id": i, "annotations": [{"result": result}], "data": {"image": f"/data/upload/{i}.jpg"}}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("train.json", categories()),
        ("output.manifest", rows(*(manifest(i) for i in range(12)))),
        ("project.json", json.dumps([project(i) for i in range(12)])),
        ("via.csv", rows("filename,file_attributes", *(f'{i}.jpg,"{{""class"":""{KIND[i]}""}}"' for i in range(12)))),
        ("import.csv", rows(*(f"{('TRAIN', 'UNASSIGNED')[i % 2]},gs://b/{i}.jpg,{KIND[i]}" for i in range(12)))),
        ("all.json", json.dumps({f"{i}.jpg": {"label": KIND[i], "width": 3} for i in range(12)})),
        ("dataset.json", json.dumps({"labels": [[f"images/{i}.jpg", KIND[i]] for i in range(12)]})),
        ("labels.txt", rows(*(f"{i}.jpg: {KIND[i]}" for i in range(12)))),
        ("train.lst", rows(*(f"{i}\t{i % 2:.6f}\timages/{i}.jpg" for i in range(12)))),
    ],
    ids=[
        "COCO without boxes",
        "SageMaker",
        "Label Studio",
        "VIA",
        "Vertex AI",
        "records by file",
        "pairs",
        "colons",
        "MXNet",
    ],
)
def test_the_classes_of_whole_images_are_read(name, text):
    listing = read(IMAGES, {name: text})
    classes = ("0", "1") if name.endswith(".lst") else PETS
    assert listing.class_counts == dict.fromkeys(classes, 6)


def test_boxes_are_still_named():
    assert "holds the boxes of objects (COCO)" in read(IMAGES, {"a.json": categories(bbox=[1, 1, 2, 2])}).refusal


def test_a_table_comes_before_folders_of_one_image_each():
    paths = [f"images/{i:04}/scan.tif" for i in range(12)]
    listing = read(paths, {"labels.csv": rows("file,label", *(f"{path},{KIND[i]}" for i, path in enumerate(paths)))})
    assert listing.class_counts == {"cat": 6, "dog": 6}


def test_a_class_with_its_box_behind_it_labels_validation_images():
    paths = grid("train/{c}/{i}.jpg", PETS, 4) + grid("val/v{i}.jpg", [""], 4)
    listing = read(paths, {"val.csv": rows("ImageId,Answer", *(f"v{i},{KIND[i]} 1 2 30 40" for i in range(4)))})
    assert listing.class_counts == {"cat": 6, "dog": 6}
    assert not listing.unlabelled


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([f"{20 + i // 2}" for i in range(24)], "The 12 classes are numbers such as '20' and '31'"),
        (
            [("haze primary", "clear primary", "clear water", "haze water")[i % 4] for i in range(24)],
            "The cells 'clear primary', 'clear water' and 2 more seem to hold several classes each",
        ),
    ],
    ids=["amounts", "tags"],
)
def test_a_column_that_may_hold_no_classes_is_said(cells, words):
    listing = read(
        grid("images/{i}.jpg", [""], 24), {"a.csv": rows("file,x", *(f"{i},{c}" for i, c in enumerate(cells)))}
    )
    assert any(words in note for note in listing.notes), listing.notes


@pytest.mark.parametrize(
    ("paths", "others", "words"),
    [
        (
            grid("{c}/{i}.jpg", PETS, 3),
            {f"fox/{i}.npy": "x" for i in range(2)},
            "'fox' holds no images that can be read",
        ),
        (
            grid("set2/set2/{s}/{c}/{i}.jpg", PETS, 2, s=("TRAIN", "TEST")) + grid("set1/JPEGImages/{i}.jpg", [""], 4),
            {},
            "The folder 'set2' holds folders named like parts of a dataset, 'TEST' and 'TRAIN'",
        ),
    ],
    ids=["arrays", "a dataset beside another"],
)
def test_a_folder_that_is_none_of_the_classes_is_said(paths, others, words):
    assert any(words in note for note in read(paths, others).notes)


def test_classes_without_names_of_files_are_named():
    refusal = read(IMAGES, {"ground_truth.txt": rows(*(str(i % 2) for i in range(12))).lstrip()}).refusal
    assert "'ground_truth.txt' has a line for each image and names none" in refusal


def test_more_classes_than_can_be_trained_are_refused_before_anything_is_decoded():
    listing = read([f"c{number}/{i}.jpg" for number in range(1_001) for i in range(2)])
    assert "1,001 classes were found and the limit is 1,000" in listing.refusal
