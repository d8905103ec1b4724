"""What gives no two classes is refused by what was seen and by the nearest way out."""

import dataclasses

import pytest

from core.datasets import load
from core.datasets.layout import interpret
from core.errors import DataError
from tests.core.datasets.layout.contents import contents, grid, read, rows
from tests.core.datasets.test_sources import png, zipped

YOLO = {f"labels/{i}.txt": "0 .5 .5 .2 .3\n1 .1 .1 .2 .2\n" for i in range(4)}
VOC = {f"VOC/Annotations/{i}.xml": "<annotation><object/></annotation>" for i in range(4)}
COCO = '{"images": [], "annotations": [], "categories": []}'
BOXES = rows("filename,class,xmin,ymin,xmax,ymax", *(f"{i}.jpg,{c},1,1,2,2" for i in range(4) for c in ("car", "bus")))


@pytest.mark.parametrize(
    ("images", "others", "folders", "words"),
    [
        ([], {}, [], ("No images", "no files at all", "Cat/1.jpg")),
        (
            [],
            {"a.mat": "x", "b.mat": "x", "readme.md": "x"},
            [],
            ("No images", "2 files .mat", "'a.mat' and 'b.mat' cannot be"),
        ),
        ([], {"train.csv": "label,pixels\n1,0 0\n"}, [], ("No images", "'train.csv'")),
        (["1.jpg", "2.jpg"], {}, [], ("No images in class folders", "2 images in no folder", "'1.jpg' and '2.jpg'")),
        (grid("pics/IMG_{i}.jpg", [""], 8), {}, [], ("'pics'", "one folder, pics, with 8 images", "IMG_0.jpg")),
        (
            grid("cat/{i}.jpg", [""], 6),
            {},
            ["cat", "dog"],
            ("Only one class was found, 'cat'", "'dog' holds no images"),
        ),
        (
            grid("{s}/cat/{i}.jpg", [""], 3, s=("train", "val")),
            {},
            [],
            ("Only one class was found, 'cat'", "val/cat with 3"),
        ),
        (grid("{s}/{i}.jpg", [""], 3, s=("train", "test")), {}, [], ("train with 3 images", "splits, not classes")),
        (grid("images/{i}.jpg", [""], 4), YOLO, [], ("4 text files such as labels/0.txt", "object detection")),
        (grid("VOC/JPEGImages/{i}.jpg", [""], 4), VOC, [], ("4 XML files", "object detection")),
        (grid("train2017/{i:012}.jpg", [""], 4), {"annotations/x.json": COCO}, [], ("annotations/x.json", "COCO")),
        (grid("images/{i}.jpg", [""], 4), {"boxes.csv": BOXES}, [], ("the table boxes.csv", "object detection")),
        (
            grid("{k}/{i}.png", [""], 4, k=("images", "masks")),
            {},
            [],
            ("one folder, images, with 4 images", "segmentation"),
        ),
        (
            grid("jpg/image_{i:05}.jpg", [""], 4),
            {"imagelabels.mat": b"MATLAB 5.0"},
            [],
            ("'imagelabels.mat'", "labels.csv"),
        ),
        (
            grid("images/{i}.jpg", [""], 4),
            {"labels.csv": "name,colour\nx,red\ny,blue\n"},
            [],
            ("the table 'labels.csv'",),
        ),
        (grid("images/{i}.jpg", [""], 4), {"labels.xlsx": "x"}, [], ("'labels.xlsx' cannot be read",)),
        ([f"UTK/{20 + i % 3}_{i % 2}_2017{i:04}.jpg.chip.jpg" for i in range(9)], {}, [], ("number1 or number2",)),
    ],
)
def test_a_refusal_names_what_was_seen_and_the_way_out(images, others, folders, words):
    listing = read(images, others, folders=folders)
    assert [word for word in words if word not in listing.refusal] == []


def test_what_is_refused_is_raised_by_the_loader():
    with pytest.raises(DataError, match=r"one folder, pics, with 3 images"):
        load(zipped({f"pics/IMG_{number}.png": png(number) for number in range(3)}), 16)


def test_a_refusal_says_what_the_container_left_out():
    source = contents(grid("cat/{i}.jpg", [""], 3))
    told = dataclasses.replace(source, notes=("Left out: dog, a link out of the folder.",))
    assert interpret(told).refusal.endswith(" Left out: dog, a link out of the folder.")


def test_a_refused_layout_still_offers_its_readings():
    listing = read([f"UTK/{20 + i % 3}_{i % 2}_2017{i:04}.jpg" for i in range(12)])
    assert {reading.key: reading.class_counts for reading in listing.readings} == {
        "number1": {"20": 4, "21": 4, "22": 4},
        "number2": {"0": 6, "1": 6},
    }
