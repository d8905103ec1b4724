"""The part of a script that reads images: a set by its name from us, anybody's own by pillow alone."""

from __future__ import annotations

from torch import Tensor

from core.datasets import ImageDataset
from core.images import decoding_cost, rgb
from core.training.batches import split_of
from core.training.export.source_extraction import ScriptSource
from core.training.recipe.config import TrainConfig

NAMED = '''
def load_images(where):
    """The training and the validation images, uint8 (N, 3, H, W), with their labels."""
    from core.datasets import load  # CNN Playground's, for these images only

    data = load(where, SIZE)
    {names} = {split}
    return data.images[train], data.labels[train], data.images[val], data.labels[val]
'''
OWN = '''
def decode_image(data):
    """The bytes of a file -> uint8 (3, SIZE, SIZE): upright, in colour, resized to the square."""
    image = Image.open(io.BytesIO(data))
    image.draft(image.mode, (SIZE, SIZE))  # a large JPEG is decoded at a half, a quarter or an eighth
    image.load()
    orientation = orientation_of(image)
    small = as_rgb(image, shrink_factor(image.width * image.height))
    square = upright(small, orientation).resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)


def load_images(where):
    """The training and the validation images, uint8 (N, 3, H, W), with their labels; `where` is a ZIP or a folder."""
    archive = zipfile.ZipFile(where) if zipfile.is_zipfile(where) else None
    parts = []
    for files in (TRAINING, VALIDATION):
        read = (archive.read(path) if archive else Path(where, path).read_bytes() for path, _ in files)
        parts += [torch.stack([decode_image(data) for data in read]), torch.tensor([label for _, label in files])]
    return tuple(parts)
'''


def loader_source(config: TrainConfig, data: ImageDataset, name: str, source: ScriptSource) -> tuple[str, str]:
    """A function `load_images(where)`, and the lists of files that it needs, which come last in a script."""
    if name:
        names, shares = "train, val", f"split({config.val_share!r}, {config.split_seed})"
        if config.test_share:
            names += ", _"
            left = 1 - config.val_share - config.test_share
            shares = f"split_into(({left!r}, {config.val_share!r}, {config.test_share!r}), {config.split_seed})"
        return NAMED.format(names=names, split=f"data.{shares}"), ""
    source.take(decoding_cost.shrink_factor, rgb.orientation_of, rgb.upright, rgb.as_rgb)
    source.imports |= {"import io", "import zipfile", "import numpy as np", "from PIL import Image"}
    train, val, test = split_of(config, data)
    lists = [_files("TRAINING", data, train), _files("VALIDATION", data, val)]
    return OWN, "\n".join(lists + ([_files("TEST", data, test)] if len(test) else []))


def _files(name: str, data: ImageDataset, index: Tensor) -> str:
    """Path and label of each image of a part, one a line."""
    rows = "".join(f"    ({data.paths[i]!r}, {int(data.labels[i])}),\n" for i in index.tolist())
    return f"{name} = [  # file, label\n{rows}]\n"
