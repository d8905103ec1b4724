"""Shapes that a text gives its data tell the input of its network, though nobody knows the values."""

from __future__ import annotations

import pytest

from core.errors import MissingShapeError, ParseError
from core.parsing import parse

HEAD = (
    "import cv2, os\nimport numpy as np\nimport pandas as pd\nfrom keras.models import Sequential\n"
    "from keras.layers import Conv2D, Dense, Flatten, LSTM\nfrom sklearn.preprocessing import MinMaxScaler\n"
    "from sklearn.model_selection import train_test_split\n"
)
TABLE = "table = pd.read_csv('rates.csv')\n"
ROWS = "net = Sequential([Dense(4, input_dim=X.shape[1]), Dense(1)])"
WHOLE = "net = Sequential([Dense(4, input_shape=X.shape[1:]), Dense(1)])"
STEPS = "net = Sequential([LSTM(4, input_shape=(X.shape[1], X.shape[2]))])"
IMAGES = "net = Sequential([Conv2D(4, 3, input_shape=X.shape[1:]), Flatten(), Dense(2)])"


def input_of(text: str, **options) -> tuple[int, ...]:
    return parse(HEAD + text, **options).input_shape


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (f"{TABLE}X = table.iloc[:, 3:13].values\n{ROWS}", (10,)),
        (f"{TABLE}X = table.values[:, 0:8].astype(float)\n{ROWS}", (8,)),
        (f"{TABLE}X = table[['age', 'weight', 'height']]\nX = X / 100\n{ROWS}", (3,)),
        (f"{TABLE}X = MinMaxScaler().fit_transform(table.iloc[:, -5:])\n{ROWS}", (5,)),
        (f"{TABLE}X, X_, y, y_ = train_test_split(table.iloc[:, :6].values, table.y, test_size=0.2)\n{ROWS}", (6,)),
        (f"X = pd.read_csv('r.csv', usecols=[1, 2]).values\n{WHOLE}", (2,)),
        (f"{TABLE}X = np.reshape(table.Close.values, (-1, 30, 1))\n{STEPS}", (1, 30)),
        (f"X = np.array(frames).reshape(-1, 32, 32, 1)\n{IMAGES}", (1, 32, 32)),
        (f"X = np.expand_dims(frames.reshape(len(frames), 20, 24), axis=3)\n{IMAGES}", (1, 20, 24)),
        (f"X = frames.reshape(len(frames), 20, 24)[:100, ..., None]\n{IMAGES}", None),
    ],
)
def test_slices_and_new_shapes_are_followed(text, shape):
    if shape is None:
        with pytest.raises(MissingShapeError):
            input_of(text)
    else:
        assert input_of(text) == shape


WINDOWS = """
rows = MinMaxScaler().fit_transform(table.iloc[:, 1:2].values)
X, y = [], []
for i in range(60, {end}):
    X.append(rows[i - 60 : i, 0])
    y.append(rows[i, 0])
X = np.array(X)
X = np.reshape(X, (X.shape[0], X.shape[1], 1))
"""


@pytest.mark.parametrize("end", ["1258", "len(rows)", "70"])
def test_windows_over_a_series_are_as_long_as_their_slices(end):
    assert input_of(TABLE + WINDOWS.format(end=end) + STEPS) == (1, 60)


def test_windows_that_a_function_makes_are_followed_with_what_it_is_called_with():
    text = (
        "def windows(series, steps=1):\n    found, after = [], []\n"
        "    for i in range(len(series) - steps - 1):\n        end = i + steps\n        if end > len(series) - 1:\n"
        "            break\n        found.append(series[i:end, 0])\n        after.append(series[end, 0])\n"
        "    return np.array(found), np.array(after)\n"
        "X, y = windows(series, 24)\nX = X.reshape(X.shape[0], 1, X.shape[1])\n"
    )
    assert input_of(text + STEPS) == (24, 1)


LOADED = """
X = []
for name in os.listdir('cats'):
    picture = cv2.imread(os.path.join('cats', name){flag})
    if picture is None:
        continue
    X.append(cv2.resize(picture, (48, 48)))
X = np.array(X) / 255.0
"""


def test_pictures_of_a_folder_are_as_large_as_they_are_made():
    assert input_of(LOADED.format(flag="") + IMAGES) == (3, 48, 48)
    grey = LOADED.format(flag=", cv2.IMREAD_GRAYSCALE") + "X = X.reshape(-1, 48, 48, 1)\n"
    assert input_of(grey + IMAGES) == (1, 48, 48)


def test_pictures_and_labels_in_pairs_are_taken_apart():
    pairs = (
        "pairs = []\nfor name in os.listdir('cats'):\n"
        "    pairs.append([cv2.resize(cv2.imread(name, 0), (50, 50)), 1])\n"
        "X, y = [], []\nfor picture, label in pairs:\n    X.append(picture)\n    y.append(label)\n"
        "X = np.expand_dims(np.array(X), -1)\n"
    )
    assert input_of(pairs + IMAGES) == (1, 50, 50)


def test_a_list_in_brackets_is_followed_as_well():
    assert input_of(f"X = np.array([cv2.resize(cv2.imread(p), (64, 64)) for p in paths])\n{IMAGES}") == (3, 64, 64)


def test_a_network_without_an_input_takes_that_of_the_images_it_is_trained_on():
    text = (
        "from keras.preprocessing.image import ImageDataGenerator\n"
        "batches = ImageDataGenerator(rescale=1 / 255).flow_from_directory('cats', target_size=(60, 40))\n"
        "net = Sequential([Conv2D(4, 3), Flatten(), Dense(2)])\nnet.fit(batches, epochs=3)"
    )
    assert input_of(text) == (3, 60, 40)


FOLDER = "import tensorflow as tf\nbatches = tf.keras.utils.image_dataset_from_directory('cats'{}).cache()\n"
OPEN = "net = Sequential([Conv2D(4, 3), Flatten(), Dense(2)])"


def test_a_network_without_an_input_takes_that_of_the_only_images_of_the_text():
    parsed = parse(HEAD + FOLDER.format(", image_size=(60, 40)") + OPEN)
    assert parsed.input_shape == (3, 60, 40)
    assert any("3×60×40" in note for note in parsed.notes)
    assert input_of(FOLDER.format("") + OPEN) == (3, 256, 256)
    assert input_of(FOLDER.format("") + OPEN, input_shape=(1, 9, 9)) == (1, 9, 9)
    other = "others = tf.keras.utils.image_dataset_from_directory('dogs', image_size=(30, 30))\n"
    with pytest.raises(MissingShapeError):  # images of two sizes
        input_of(FOLDER.format("") + other + OPEN)


@pytest.mark.parametrize(
    "text",
    [
        f"{TABLE}X = table.drop('y', axis=1)\n{ROWS}",  # nobody knows how many columns are left
        f"{TABLE}X = table.values @ weights\n{ROWS}",
        f"X = np.array([cv2.resize(cv2.imread(p), (64, 48)) for p in paths])\n{IMAGES}",  # OpenCV turns the sides
        "X = []\nfor row in rows:\n    X.append(row)\nX = np.array(X)\n" + ROWS,
    ],
)
def test_what_no_line_tells_is_asked_for(text):
    with pytest.raises(MissingShapeError):
        input_of(text)
    shape = (3, 9, 9) if text.endswith(IMAGES) else (7,)
    assert input_of(text, input_shape=shape) == shape


def test_layers_in_a_loop_over_data_are_still_refused():
    with pytest.raises(ParseError):
        parse("import torch.nn as nn\nparts = []\nfor n in range(len(rows)):\n    parts.append(nn.Linear(4, 4))\n"
              "net = nn.Sequential(*parts)")  # fmt: skip


def test_numbers_that_a_long_loop_lists_are_counted_one_by_one():
    loop = "sizes = []\nfor n in range(200):\n    sizes.append(n + 1)\n"
    text = f"import torch.nn as nn\n{loop}net = nn.Linear(sizes[-1], 2)"
    assert sum(p.numel() for p in parse(text).module.parameters()) == 200 * 2 + 2


@pytest.mark.parametrize(
    "loops",
    [
        "".join(f"b{n} = []\nfor e in b{n - 1}:\n    b{n}.append([e, e])\n" for n in range(1, 60)),  # 2 ** 60 items
        "for n in range(len(rows)):\n    b0.append(b0)\n",  # a list in itself
        "for n in range(len(rows)):\n" * 1 + "".join(f"{' ' * n}for i{n} in range(len(rows)):\n" for n in range(1, 18))
        + f"{' ' * 18}b0.append(rows[i1:9])\n",
    ],
)  # fmt: skip
def test_lists_in_lists_are_followed_a_few_axes_deep(loops):
    start = "import torch.nn as nn\nb0 = []\nfor row in rows:\n    b0.append(row[:9])\n"
    assert sum(p.numel() for p in parse(f"{start}{loops}net = nn.Linear(3, 2)").module.parameters()) == 8


def test_layers_that_a_function_makes_in_such_a_loop_are_refused_too():
    with pytest.raises(ParseError):
        parse("import torch.nn as nn\ndef block(n):\n    return nn.Linear(4, 4)\nparts = []\n"
              "for n in range(len(rows)):\n    parts.append(block(n))\nnet = parts[0]")  # fmt: skip
