"""Layouts of public datasets whose classes are in tables or in file names, made small."""

from tests.core.datasets.layout.contents import grid, rows

PETS = ("cat", "dog")
BREEDS = ("Abyssinian", "beagle", "yorkshire_terrier")

# name -> (images, other files, reading, classes, splits, number of images to be predicted)
BY_LABELS = {
    "Kaggle dogs-vs-cats": (
        grid("train/{c}.{i}.jpg", PETS, 4) + grid("test1/{i}.jpg", [""], 5),
        {"sampleSubmission.csv": "id,label\n0,0\n"},
        "names",
        {"cat": 4, "dog": 4},
        {},
        5,
    ),
    "Kaggle dogs-vs-cats, archives within": (
        grid("train/train/{c}.{i}.jpg", PETS, 4) + grid("test1/test1/{i}.jpg", [""], 5),
        {},
        "names",
        {"cat": 4, "dog": 4},
        {},
        5,
    ),
    "Kaggle dog breeds": (
        grid("train/{i}a0.jpg", [""], 6) + grid("test/{i}b1.jpg", [""], 4),
        {
            "labels.csv": rows("id,breed", *(f"{i}a0,{PETS[i % 2]}" for i in range(6))),
            "sample_submission.csv": rows("id,boxer,beagle", *(f"{i}b1,0.5,0.5" for i in range(4))),
        },
        "table",
        {"cat": 3, "dog": 3},
        {},
        4,
    ),
    "Kaggle CIFAR-10": (
        grid("train/{i}.png", [""], 6) + grid("test/{i}.png", [""], 9),
        {
            "trainLabels.csv": rows("id,label", *(f"{i},{('frog', 'ship')[i % 2]}" for i in range(6))),
            "sampleSubmission.csv": rows("id,label", *(f"{i},cat" for i in range(9))),
        },
        "table",
        {"frog": 3, "ship": 3},
        {},
        9,
    ),
    "Plant Pathology": (
        grid("images/Train_{i}.jpg", [""], 8) + grid("images/Test_{i}.jpg", [""], 3),
        {
            "train.csv": rows(
                "image_id,healthy,rust,scab",
                *(f"Train_{i},{i % 3 == 0:d},{i % 3 == 1:d},{i % 3 == 2:d}" for i in range(8)),
            ),
            "test.csv": rows("image_id", *(f"Test_{i}" for i in range(3))),
        },
        "table",
        {"healthy": 3, "rust": 3, "scab": 2},
        {},
        3,
    ),
    "HAM10000": (
        [f"HAM10000_images_part_{1 + i % 2}/ISIC_{i:07}.jpg" for i in range(12)],
        {
            "HAM10000_metadata.csv": rows(
                "lesion_id,image_id,dx,dx_type,age,sex",
                *(
                    f"HAM_{i},ISIC_{i:07},{('nv', 'mel', 'nv')[i % 3]},histo,{40 + 5 * (i % 4)}.0,male"
                    for i in range(12)
                ),
            )
        },
        "table",
        {"mel": 4, "nv": 8},
        {},
        0,
    ),
    "NIH chest X-rays": (
        [f"images_{1 + i % 3:03}/images/{i:08}_000.png" for i in range(12)],
        {
            "Data_Entry_2017.csv": rows(
                "Image Index,Finding Labels,Patient Age",
                *(
                    f"{i:08}_000.png,{('No Finding', 'Mass', 'Mass|Hernia', 'Hernia')[i % 4]},{50 + i}"
                    for i in range(12)
                ),
            )
        },
        "table",
        {"Hernia": 3, "Mass": 3, "No Finding": 3},
        {},
        0,
    ),
    "Oxford-IIIT pets": (
        grid("images/{c}_{i}.jpg", BREEDS, 4)
        + grid("annotations/trimaps/{c}_{i}.png", BREEDS, 4)
        + ["annotations/trimaps/._beagle_0.png"],
        {
            "annotations/list.txt": rows(
                "#Image CLASS-ID SPECIES BREED ID",
                "#ID: 1:37 Class ids",
                *(f"{b}_{i} {n + 1} {1 + (n > 0)} 1" for n, b in enumerate(BREEDS) for i in range(4)),
            ),
            "annotations/trainval.txt": "".join(
                f"{b}_{i} {n + 1} 1 1\n" for n, b in enumerate(BREEDS) for i in range(2)
            ),
            "annotations/test.txt": "".join(
                f"{b}_{i} {n + 1} 1 1\n" for n, b in enumerate(BREEDS) for i in range(2, 4)
            ),
        },
        "names",
        dict.fromkeys(BREEDS, 4),
        {"train": 6, "test": 6},
        0,
    ),
    "ImageFolder with metadata": (
        grid("train/{i}.png", [""], 6) + grid("test/{i}.png", [""], 4),
        {
            f"{s}/metadata.jsonl": "".join(f'{{"file_name": "{i}.png", "label": {i % 2}}}\n' for i in range(n))
            for s, n in (("train", 6), ("test", 4))
        },
        "table",
        {"0": 5, "1": 5},
        {"train": 6, "test": 4},
        0,
    ),
    "aerial cactus": (
        [*grid("train/train/{i}a.jpg", [""], 6), *grid("test/test/{i}b.jpg", [""], 2)],
        {"train.csv": rows("id,has_cactus", *(f"{i}a.jpg,{i % 2}" for i in range(6)))},
        "table",
        {"has_cactus": 3, "not has_cactus": 3},
        {},
        2,
    ),
    "cassava leaves": (
        [*grid("train_images/{i}.jpg", [""], 6), *grid("test_images/9{i}.jpg", [""], 1)],
        {
            "train.csv": rows("image_id,label", *(f"{i}.jpg,{i % 2}" for i in range(6))),
            "label_num_to_disease_map.json": '{"0": "Bacterial Blight", "1": "Brown Streak"}',
            "sample_submission.csv": rows("image_id,label", "90.jpg,4"),
        },
        "table",
        {"0": 3, "1": 3},
        {},
        1,
    ),
    "ISIC 2019": (
        grid("ISIC_2019_Training_Input/ISIC_{i:07}.jpg", [""], 8),
        {
            "ISIC_2019_Training_GroundTruth.csv": rows(
                "image,MEL,NV,UNK", *(f"ISIC_{i:07},{i % 2}.0,{1 - i % 2}.0,0.0" for i in range(8))
            ),
            "ISIC_2019_Training_Metadata.csv": rows(
                "image,age_approx", *(f"ISIC_{i:07},{50 + i % 2}" for i in range(8))
            ),
        },
        "table",
        {"MEL": 4, "NV": 4},
        {},
        0,
    ),
}
