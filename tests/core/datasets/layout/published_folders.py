"""Layouts of public datasets whose classes are folders, made small."""

from tests.core.datasets.layout.contents import grid, rows

PETS = ("cat", "dog")
NUMBERS = ("0", "1", "2")
WORDNET = ("n02085620-Chihuahua", "n02085782-Japanese_spaniel")

# name -> (images, other files, reading, classes, splits, number of images to be predicted)
BY_FOLDERS = {
    "PetImages": (
        grid("PetImages/{c}/{i}.jpg", ("Cat", "Dog"), 4),
        {"readme[1].txt": "x", "PetImages/Cat/Thumbs.db": "x"},
        "folders",
        {"Cat": 4, "Dog": 4},
        {},
        0,
    ),
    "cats_and_dogs_filtered": (
        grid("cats_and_dogs_filtered/{s}/{c}s/{c}.{i}.jpg", PETS, 3, s=("train", "validation")),
        {"cats_and_dogs_filtered/vectorize.py": "import os"},
        "folders",
        {"cats": 6, "dogs": 6},
        {"train": 6, "validation": 6},
        0,
    ),
    "ImageNet": (
        grid("train/{c}/{c}_{i}.JPEG", ("n01440764", "n01443537"), 4)
        + grid("val/{c}/ILSVRC2012_val_{i:08}.JPEG", ("n01440764", "n01443537"), 2),
        {},
        "folders",
        {"n01440764": 6, "n01443537": 6},
        {"train": 8, "validation": 4},
        0,
    ),
    "CIFAR-10 folders": (
        grid("cifar10/{s}/{c}/{i:04}.png", ("airplane", "frog"), 3, s=("train", "test")),
        {"cifar10/labels.txt": "airplane\nfrog\n"},
        "folders",
        {"airplane": 6, "frog": 6},
        {"train": 6, "test": 6},
        0,
    ),
    "MNIST png": (
        grid("mnist_png/{s}/{c}/{i}.png", NUMBERS, 3, s=("training", "testing")),
        {},
        "folders",
        {"0": 6, "1": 6, "2": 6},
        {"train": 9, "test": 9},
        0,
    ),
    "Intel scenes": (
        grid("{s}/{s}/{c}/{i}.jpg", ("forest", "sea"), 3, s=("seg_train", "seg_test"))
        + grid("seg_pred/seg_pred/{i}.jpg", [""], 5),
        {},
        "folders",
        {"forest": 6, "sea": 6},
        {"train": 6, "test": 6},
        5,
    ),
    "chest_xray": (
        [
            *grid(
                "chest_xray/{d}{s}/{c}/{i}.jpeg",
                ("NORMAL", "PNEUMONIA"),
                2,
                d=("", "chest_xray/"),
                s=("train", "val", "test"),
            ),
            "chest_xray/__MACOSX/train/._1.jpeg",
        ],
        {},
        "folders",
        {"NORMAL": 6, "PNEUMONIA": 6},
        {"train": 4, "validation": 4, "test": 4},
        0,
    ),
    "Fruits-360": (
        grid("fruits-360/{s}/{c}/{i}_100.jpg", ("Apple Braeburn", "Kiwi"), 3, s=("Training", "Test"))
        + grid("fruits-360/test-multiple_fruits/x{i}.jpg", [""], 2),
        {"fruits-360/LICENSE": "MIT"},
        "folders",
        {"Apple Braeburn": 6, "Kiwi": 6},
        {"train": 6, "test": 6},
        0,
    ),
    "EuroSAT": (
        grid("2750/{c}/{c}_{i}.jpg", ("AnnualCrop", "Forest"), 4),
        {},
        "folders",
        {"AnnualCrop": 4, "Forest": 4},
        {},
        0,
    ),
    "GTSRB": (
        grid("Train/{c}/{i:05}_0.png", NUMBERS, 4) + grid("Test/{i:05}.png", [""], 6) + grid("Meta/{i}.png", [""], 3),
        {
            "Train.csv": rows(
                "Width,Height,ClassId,Path", *(f"30,31,{c},Train/{c}/{i:05}_0.png" for c in NUMBERS for i in range(4))
            ),
            "Test.csv": rows("Width,Height,ClassId,Path", *(f"30,31,{i % 3},Test/{i:05}.png" for i in range(6))),
            "Meta.csv": rows("Path,ClassId,ShapeId", *(f"Meta/{c}.png,{c},1" for c in NUMBERS)),
        },
        "folders",
        {"0": 6, "1": 6, "2": 6},
        {"train": 12, "test": 6},
        0,
    ),
    "Stanford dogs": (
        grid("Images/{c}/{i}.jpg", WORDNET, 3),
        {f"Annotation/{c}/{c[:9]}_{i}": "<annotation>" for c in WORDNET for i in range(3)},
        "folders",
        dict.fromkeys(WORDNET, 3),
        {},
        0,
    ),
    "Caltech-101": (
        grid("101_ObjectCategories/{c}/image_{i:04}.jpg", ("accordion", "ant", "BACKGROUND_Google"), 3),
        {},
        "folders",
        {"BACKGROUND_Google": 3, "accordion": 3, "ant": 3},
        {},
        0,
    ),
    "CUB-200": (
        grid("CUB_200_2011/images/{c}/{i}.jpg", ("001.Black_footed_Albatross", "002.Laysan_Albatross"), 3),
        {"CUB_200_2011/classes.txt": "1 001.Black_footed_Albatross\n2 002.Laysan_Albatross\n"},
        "folders",
        {"001.Black_footed_Albatross": 3, "002.Laysan_Albatross": 3},
        {},
        0,
    ),
    "LFW": (
        grid("lfw/{c}/{c}_{i:04}.jpg", ("Aaron_Eckhart", "George_Bush"), 3),
        {},
        "folders",
        {"Aaron_Eckhart": 3, "George_Bush": 3},
        {},
        0,
    ),
    "Food-101": (
        grid("food-101/images/{c}/{i}.jpg", ("apple_pie", "ramen"), 4),
        {
            "food-101/meta/train.txt": "".join(f"{c}/{i}\n" for c in ("apple_pie", "ramen") for i in range(3)),
            "food-101/meta/test.txt": "apple_pie/3\nramen/3\n",
        },
        "folders",
        {"apple_pie": 4, "ramen": 4},
        {"train": 6, "test": 2},
        0,
    ),
    "rock paper scissors": (
        grid("rps/{c}/{c}01-{i:03}.png", ("paper", "rock"), 4)
        + grid("rps-test-set/{c}/test{c}-{i}.png", ("paper", "rock"), 2),
        {},
        "folders",
        {"paper": 6, "rock": 6},
        {"train": 8, "test": 4},
        0,
    ),
    "horse-or-human": (
        grid("horse-or-human/{c}/{i}.png", ("horses", "humans"), 4)
        + grid("validation-horse-or-human/{c}/v{i}.png", ("horses", "humans"), 2),
        {},
        "folders",
        {"horses": 6, "humans": 6},
        {"train": 8, "validation": 4},
        0,
    ),
    "Roboflow classification export": (
        grid("{s}/{c}/{i}_jpg.rf.0a{i}.jpg", PETS, 2, s=("train", "valid", "test")),
        {"README.roboflow.txt": "x", "README.dataset.txt": "x"},
        "folders",
        {"cat": 6, "dog": 6},
        {"train": 4, "validation": 4, "test": 4},
        0,
    ),
    "hymenoptera_data": (
        grid("hymenoptera_data/{s}/{c}/{i}_ab.jpg", ("ants", "bees"), 3, s=("train", "val")),
        {},
        "folders",
        {"ants": 6, "bees": 6},
        {"train": 6, "validation": 6},
        0,
    ),
    "Udacity flowers": (
        grid("flowers/{s}/{c}/image_{i}.jpg", ("1", "21"), 2, s=("train", "valid", "test")),
        {"cat_to_name.json": '{"21": "fire lily", "1": "primrose"}'},
        "folders",
        {"1": 6, "21": 6},
        {"train": 4, "validation": 4, "test": 4},
        0,
    ),
    "COVID-19 radiography": (
        grid("COVID-19_Radiography_Dataset/{c}/{k}/{c}-{i}.png", ("COVID", "Normal"), 4, k=("images", "masks")),
        {"COVID-19_Radiography_Dataset/COVID.metadata.xlsx": "x"},
        "folders",
        {"COVID": 4, "Normal": 4},
        {},
        0,
    ),
    "breast ultrasound (BUSI)": (
        grid("Dataset_BUSI_with_GT/{c}/{c} ({i}){m}.png", ("benign", "normal"), 3, m=("", "_mask")),
        {},
        "folders",
        {"benign": 3, "normal": 3},
        {},
        0,
    ),
    "MVTec AD, one object": (
        grid("bottle/train/good/{i:03}.png", [""], 5)
        + grid("bottle/test/{c}/{i:03}.png", ("good", "broken"), 3)
        + grid("bottle/ground_truth/broken/{i:03}_mask.png", [""], 3),
        {},
        "folders",
        {"broken": 3, "good": 8},
        {"train": 5, "test": 6},
        0,
    ),
    "face masks": (
        grid("data/{c}/{i}.jpg", ("with_mask", "without_mask"), 4),
        {},
        "folders",
        {"with_mask": 4, "without_mask": 4},
        {},
        0,
    ),
    "Keras test folder": (
        grid("data/train/{c}/{i}.jpg", PETS, 4) + grid("data/test/unknown/{i}.jpg", [""], 3),
        {},
        "folders",
        {"cat": 4, "dog": 4},
        {},
        3,
    ),
    "classes before splits": (
        grid("{c}/{s}/{i}.jpg", PETS, 2, s=("train", "test")),
        {},
        "folders",
        {"cat": 4, "dog": 4},
        {"train": 4, "test": 4},
        0,
    ),
    "splits in the names of folders": (
        grid("{s}_{c}s/{i}.jpg", PETS, 3, s=("train", "test")),
        {},
        "folders",
        {"cats": 6, "dogs": 6},
        {"train": 6, "test": 6},
        0,
    ),
    "numbered folds": (
        grid("{s}/{c}/{i}.jpg", PETS, 2, s=("fold1", "fold2", "fold3")),
        {},
        "folders",
        {"cat": 6, "dog": 6},
        {},
        0,
    ),
    "images, then documents": (
        [*grid("data/{c}/{i}.jpg", PETS, 9), "docs/figure1.png", "docs/figure2.png"],
        {"README.md": "x"},
        "folders",
        {"cat": 9, "dog": 9},
        {},
        0,
    ),
    "Tiny ImageNet": (
        [
            *grid("tiny-imagenet-200/train/{c}/images/{c}_{i}.JPEG", ("n01443537", "n01629819"), 4),
            *grid("tiny-imagenet-200/val/images/val_{i}.JPEG", [""], 6),
            *grid("tiny-imagenet-200/test/images/test_{i}.JPEG", [""], 3),
        ],
        {
            "tiny-imagenet-200/wnids.txt": "n01443537\nn01629819\n",
            "tiny-imagenet-200/words.txt": "n01443537\tgoldfish, Carassius auratus\nn01629819\tfire salamander\n",
            "tiny-imagenet-200/val/val_annotations.txt": "".join(
                f"val_{i}.JPEG\t{('n01443537', 'n01629819')[i % 2]}\t0\t32\t44\t62\n" for i in range(6)
            ),
        },
        "folders",
        {"n01443537": 7, "n01629819": 7},
        {"train": 8, "validation": 6},
        3,
    ),
    "dogscats of fast.ai": (
        [
            *grid("dogscats/{s}/{c}s/{c}.{i}.jpg", PETS, 3, s=("train", "valid", "sample/train", "sample/valid")),
            *grid("dogscats/test1/{i}.jpg", [""], 4),
        ],
        {},
        "folders",
        {"cats": 6, "dogs": 6},
        {"train": 6, "validation": 6},
        4,
    ),
    "distracted drivers": (
        [*grid("imgs/train/{c}/img_{c}{i}.jpg", ("c0", "c1"), 4), *grid("imgs/test/img_{i}.jpg", [""], 3)],
        {
            "driver_imgs_list.csv": "subject,classname,img\n"
            + "".join(f"p{i % 2},{c},img_{c}{i}.jpg\n" for c in ("c0", "c1") for i in range(4))
        },
        "folders",
        {"c0": 4, "c1": 4},
        {},
        3,
    ),
}
