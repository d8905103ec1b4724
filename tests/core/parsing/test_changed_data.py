"""Data that a text changes on the way: colours of images, columns of tables, lists under several names."""

from __future__ import annotations

import pytest

from core.errors import MissingShapeError, ParseError
from core.parsing import parse

HEAD = (
    "import cv2, os\nimport numpy as np\nimport pandas as pd\nfrom keras.models import Sequential\n"
    "from keras.layers import Conv2D, Dense, Flatten\n"
)
IMAGES = "X = np.array(X)\nnet = Sequential([Conv2D(4, 3, input_shape=X.shape[1:]), Flatten(), Dense(2)])"
ROWS = "net = Sequential([Dense(4, input_dim=X.shape[1]), Dense(1)])"
LOADED = "X = []\nfor name in os.listdir('cats'):\n    picture = {}\n    X.append(cv2.resize(picture, (24, 24)))\n"


@pytest.mark.parametrize(
    ("picture", "channels"),
    [
        ("cv2.cvtColor(cv2.imread(name), cv2.COLOR_BGR2RGB)", 3),
        ("cv2.cvtColor(cv2.imread(name), cv2.COLOR_BGR2HSV)", 3),
        ("cv2.cvtColor(cv2.imread(name, 0), cv2.COLOR_GRAY2RGB)", 3),
        ("cv2.cvtColor(cv2.imread(name), cv2.COLOR_BGR2RGBA)", 4),
        ("cv2.cvtColor(cv2.imread(name), cv2.COLOR_BGR2GRAY)[:, :, None]", 1),
        ("cv2.cvtColor(load(name), cv2.COLOR_BGR2LAB)", 3),
    ],
)
def test_colours_say_how_many_channels_an_image_has(picture, channels):
    last = "X = np.expand_dims(np.array(X), -1)\n" if channels == 1 else ""
    picture = picture.removesuffix("[:, :, None]")
    assert parse(HEAD + LOADED.format(picture) + last + IMAGES).input_shape == (channels, 24, 24)


def test_only_opencv_always_gives_three_channels():
    with pytest.raises(MissingShapeError):
        parse(HEAD + "import matplotlib.pyplot as plt\n" + LOADED.format("plt.imread(name)") + IMAGES)
    grey = LOADED.format("imread(name, as_gray=True)") + "X = np.array(X).reshape(-1, 24, 24, 1)\n"
    assert parse(f"{HEAD}from skimage.io import imread\n{grey}{IMAGES}").input_shape == (1, 24, 24)


@pytest.mark.parametrize(
    "change",
    [
        "table['sum'] = table['a'] + table['b']",
        "y = table.pop('y')",
        "del table['y']",
        "table.drop('y', axis=1, inplace=True)",
        "table.set_index('y', inplace=True)",
        "table.insert(0, 'c', 1)",
        "table = table.reset_index()",
        "table = table.dropna(axis=1)",
    ],
)
def test_columns_that_come_or_go_are_not_counted(change):
    begin = "table = pd.read_csv('t.csv', usecols=['a', 'b', 'y'])\n"
    with pytest.raises(MissingShapeError):
        parse(f"{HEAD}{begin}{change}\nX = table.values\n{ROWS}")


@pytest.mark.parametrize(
    ("X", "width"),
    [
        ("table.dropna().reset_index(drop=True).values", 3),
        ("table.loc[:, ['a', 'b']].values", 2),
        ("pd.read_csv('t.csv').iloc[:, 0:4].values", 4),
        ("pd.read_csv('t.csv', header=None).loc[:, 0:4].values", None),  # from label to label, which are five
    ],
)
def test_columns_that_stay_are_counted(X, width):
    text = f"{HEAD}table = pd.read_csv('t.csv', usecols=['a', 'b', 'y'])\ntable.dropna(inplace=True)\nX = {X}\n{ROWS}"
    if width is None:
        with pytest.raises(MissingShapeError):
            parse(text)
    else:
        assert parse(text).input_shape == (width,)


@pytest.mark.parametrize(("end", "shape"), [("i + 4", (4,)), ("i", None)])
def test_slices_that_are_longer_at_each_turn_have_no_length(end, shape):
    begin = "0" if end == "i" else "i"
    text = f"{HEAD}X = []\nfor i in range(3, len(rows)):\n    X.append(rows[{begin}:{end}])\nX = np.array(X)\n{ROWS}"
    if shape is None:
        with pytest.raises(MissingShapeError):
            parse(text)
    else:
        assert parse(text).input_shape == shape


def test_images_of_folders_have_the_size_that_stands_second():
    text = (
        "from keras.preprocessing.image import ImageDataGenerator\n"
        "batches = ImageDataGenerator().flow_from_directory('cats', (40, 40))\n"
        "net = Sequential([Conv2D(4, 3), Flatten(), Dense(2)])\nnet.fit(batches)"
    )
    assert parse(HEAD + text).input_shape == (3, 40, 40)


@pytest.mark.parametrize(
    "loop",
    [
        "def collect():\n    for name in os.listdir('d'):\n        names.append(name)\ncollect()",
        "def collect(into):\n    for name in os.listdir('d'):\n        into.append(name)\ncollect(names)",
        "other = names\nfor name in os.listdir('d'):\n    other.append(name)",
    ],
)
def test_a_list_is_as_open_under_its_other_names(loop):
    parsed = parse(f"import os\nimport torch.nn as nn\nnames = []\n{loop}\nnet = nn.Linear(4, len(names))")
    assert len(parsed.assumed) == 1  # how long it is


@pytest.mark.parametrize(
    ("change", "count"), [("n['turns'] += 1", "n['turns']"), ("n['all'].append(i)", "len(n['all'])")]
)
def test_a_turn_that_is_followed_to_see_what_it_adds_counts_once(change, count):
    text = f"n = {{'turns': 0, 'all': []}}\nfound = []\nfor i in range(200):\n    {change}\n    found.append(i)\n"
    assert parse(f"import torch.nn as nn\n{text}net = nn.Linear({count}, 2)").module[0].in_features == 200


def test_a_list_that_a_function_hands_another_to_fill_is_never_one_item_long():
    text = (
        "import os\nimport torch.nn as nn\ndef fill(found):\n    for name in os.listdir('cats'):\n"
        "        found.append(name)\ndef labels():\n    found = []\n    fill(found)\n    return found\n"
        "names = labels()\nnet = nn.Linear(10, len(names))\n"
    )
    with pytest.raises(ParseError, match="Line 4"):
        parse(text)
