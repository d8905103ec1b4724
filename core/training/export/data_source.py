"""The part of a script that reads images: built-in ones are drawn as they are here, all others read by pillow."""

from __future__ import annotations

from torch import Tensor

from core.datasets import BUILT_IN, REMOTE, ImageDataset
from core.datasets.reading.containers.archive import SUFFIXES
from core.datasets.reading.containers.names.encodings import ENCODINGS
from core.datasets.reading.containers.names.paths import safe_path
from core.datasets.splitting import stratified_split
from core.images import decoding_cost, jpeg_2000, rgb
from core.training.batches import shares_of, split_of
from core.training.export.source_extraction import ScriptSource
from core.training.recipe.config import TrainConfig

DRAWN = '''
def load_images():
    """The training and the validation images, uint8 (N, 3, H, W), with their labels."""
    images, labels, _ = {function}(SIZE, {count})
    train, val, _ = stratified_split(labels, torch.arange(len(labels)), {shares!r}, {seed!r})
    return images[train], labels[train], images[val], labels[val]
'''
REPACKED = '''
def class_folders(where):
    """The published archive as a ZIP of class folders, written beside it once."""
    target = Path(where).with_name("{name}.zip")
    if not target.exists():
        {repack}(Path(where), target, lambda: None)
    return target
'''
OWN = '''
UNPACKED = tempfile.TemporaryDirectory(prefix="images-", ignore_cleanup_errors=True)  # goes when the script ends


def decode_image(data):
    """The bytes of a file -> uint8 (3, SIZE, SIZE): upright, in colour, resized to the square."""
    image = Image.open(io.BytesIO(data))
    if image.format == "JPEG2000":
        image.reduce = halvings(image, SIZE, data)
    image.draft(image.mode, (SIZE, SIZE))  # a large JPEG is decoded at a half, a quarter or an eighth
    image.load()
    orientation = orientation_of(image)
    small = as_rgb(image, shrink_factor(image.width * image.height))
    square = upright(small, orientation).resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)


def files_in(where, encoding):
    """Path -> a function that reads the file there, in a folder, a ZIP whose names are in `encoding`, or a tar."""
    if Path(where).is_file() and tarfile.is_tarfile(where):
        folder = tempfile.mkdtemp(dir=UNPACKED.name)
        with tarfile.open(where) as archive:
            archive.extractall(folder, filter="data")
        where = folder
    if Path(where).is_dir():
        paths = (Path(folder, name) for folder, _, names in os.walk(where, followlinks=True) for name in names)
        return {path.relative_to(where).as_posix(): path.read_bytes for path in paths}
    archive = zipfile.ZipFile(where, metadata_encoding=encoding)
    return {safe_path(name): partial(archive.read, name) for name in archive.namelist()}


def with_inner(files, encoding):
    """The same with the files in archives among them; the name of an archive is a folder."""
    inner = {path: ARCHIVE.sub("", path) for path in files if path and ARCHIVE.search(path)}
    for path, folder in inner.items():
        with tempfile.NamedTemporaryFile(dir=UNPACKED.name, delete=False) as copy:
            copy.write(files[path]())
        try:
            inside = files_in(copy.name, encoding)
        except zipfile.BadZipFile:  # of another kind, or damaged: it is left out
            continue
        files = files | {f"{folder}/{name}": read for name, read in inside.items()}
    return files


def open_files(where):
    """A function from a path to the bytes there: in a folder, a ZIP or a tar, or in archives inside of one."""
    for encoding in ENCODINGS:  # of names; a ZIP need not say which
        for add_inner in (False, True):
            try:
                files = files_in(where, encoding)
                files = with_inner(files, encoding) if add_inner else files
            except UnicodeDecodeError:
                break
            if all(path in files for path, _ in TRAINING):
                return lambda path: files[path]()
    sys.exit(f"{TRAINING[0][0]} is not in {where}: unpack it, archives inside it too, and name the folder instead")


def load_images(where):
    """The training and the validation images, uint8 (N, 3, H, W), with their labels; `where` as in `open_files`."""
    read, parts = open_files(where), []
    for files in (TRAINING, VALIDATION):
        contents = (read(path) for path, _ in files)
        parts += [torch.stack([decode_image(data) for data in contents]), torch.tensor([label for _, label in files])]
    return tuple(parts)
'''


def loader_source(config: TrainConfig, data: ImageDataset, name: str, source: ScriptSource) -> tuple[str, str]:
    """A function `load_images`, and the lists of files that it needs, which come last in a script."""
    if name in BUILT_IN:
        function = BUILT_IN[name].images
        source.take(function, stratified_split)
        shares, seed = shares_of(config), config.split_seed
        return DRAWN.format(function=function.__name__, count=len(data), shares=shares, seed=seed), ""
    source.take(decoding_cost.shrink_factor, jpeg_2000.halvings, rgb.orientation_of, rgb.upright, rgb.as_rgb, safe_path)
    source.imports |= {f"import {module}" for module in ("io", "os", "re", "sys", "tarfile", "tempfile", "zipfile")}
    source.imports |= {
        "from functools import partial",
        "import numpy as np",
        "from pathlib import Path",
        "from PIL import Image",
    }
    train, val, test = split_of(config, data)
    lists = [_files("TRAINING", data, train), _files("VALIDATION", data, val)]
    codecs = tuple(dict.fromkeys(["utf-8", *(encoding.codec for encoding in ENCODINGS)]))
    lists.append(f"ENCODINGS = {codecs!r}\nARCHIVE = re.compile({SUFFIXES.pattern!r}, re.IGNORECASE)\n")
    return OWN + _repacked(name, source), "\n".join(lists + ([_files("TEST", data, test)] if len(test) else []))


def _repacked(name: str, source: ScriptSource) -> str:
    """A function `class_folders`, for a set that is published in another form."""
    repack = REMOTE[name].repack if name in REMOTE else None
    if repack is None:
        return ""
    source.take(repack)
    return REPACKED.format(name=name, repack=repack.__name__)


def ending(name: str) -> str:
    """What a script does when it is called: with the archive or folder that it needs, or a sentence on that."""
    if name in BUILT_IN:
        return 'if __name__ == "__main__":\n    main()\n'
    call = "class_folders(sys.argv[1])" if name in REMOTE and REMOTE[name].repack else "sys.argv[1]"
    return f"""if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).exists():
        sys.exit({usage(name)!r})
    main({call})
"""


def usage(name: str) -> str:
    """How a script is called, in a line."""
    if name in BUILT_IN:
        return "usage: python run.py"
    if name in REMOTE:
        return f"usage: python run.py ARCHIVE, where ARCHIVE is the file from {REMOTE[name].url}"
    return "usage: python run.py IMAGES, where IMAGES is the ZIP, the tar or the folder with the images"


def _files(name: str, data: ImageDataset, index: Tensor) -> str:
    """Path and label of each image of a part, one a line."""
    rows = "".join(f"    ({data.paths[i]!r}, {int(data.labels[i])}),\n" for i in index.tolist())
    return f"{name} = [  # file, label\n{rows}]\n"
