"""Why a source gives no two classes: what was seen, and the nearest way out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from core.datasets.layout.folders.levels import Position
from core.datasets.layout.folders.masks import MASK
from core.datasets.layout.listing import ARCHIVE_BESIDE, MAX_CLASSES, SourceFile
from core.datasets.layout.messages.detection import boxes_in
from core.datasets.layout.messages.outcome import Outcome
from core.datasets.layout.naming import counted, natural, quoted_list
from core.datasets.layout.readings.file_names import number_classes
from core.datasets.layout.tables.parsing import TABLE_CAP, lines_of
from core.errors import PlaygroundError
from core.images.signatures import is_system_file, kind_of

WAY_OUT = "put the images of each class into a folder of their own, such as Cat/1.jpg and Dog/1.jpg"
TABLES = ("csv", "tsv")
MARKUP = ("json", "xml", "yaml", "yml")
SHORTCUTS = ("lnk", "url", "webloc", "desktop", "icloud")
COMPANIONS = ("txt", "cls", "json", "xml")
PART = re.compile(r"\.(zip|7z|rar|tar|t?gz)\.\d{2,3}$|\.z\d\d$", re.IGNORECASE)
LOOKED_AT = 20  # files, to see what they are
UNREAD = (
    *("mat", "npy", "npz", "pkl", "xlsx", "xls", "ods", "numbers", "docx", "odt", "h5", "hdf5", "parquet", "arrow"),
    *("feather", "tfrecord", "tfrecords", "db", "sqlite", "mdb"),
)
SHARD = re.compile(r"-\d+-of-\d+$")  # of a TFRecord file


def refusal_of(outcome: Outcome) -> str:
    """One message, or nothing if there are two classes or more.

    What the container had to say, such as a link that was not followed, may be the reason: it comes after it.
    """
    message = _message(outcome)
    return " ".join([message, *outcome.contents.notes]) if message else ""


def _message(outcome: Outcome) -> str:
    classes = sorted(set(outcome.class_of.values()), key=natural)
    if len(classes) > MAX_CLASSES:
        return f"{len(classes):,} classes were found and the limit is {MAX_CLASSES:,}: leave some of them out."
    if len(classes) > 1:
        return ""
    if outcome.taken:
        left = f"only {classes[0]!r} is left" if classes else "none is left"
        return f"Of the classes chosen, {left}: keep at least two."
    hints = list(_hints(outcome))
    way_out = "; ".join(hints) if hints else WAY_OUT
    if not outcome.evidence.plain.positions:
        unread = _unread(outcome)
        return f"No images in class folders were found ({_files(outcome)}): {unread or WAY_OUT}."
    if classes:
        return f"Only one class was found, {classes[0]!r} ({_seen(outcome)}), and at least two are needed: {way_out}."
    return f"No images in class folders were found ({_seen(outcome)}): {way_out}."


def _seen(outcome: Outcome) -> str:
    """The folders of images, the fullest first: "one folder, pics, with 8 images"."""
    folders = Counter("/".join(path.split("/")[:-1]) for path in outcome.evidence.skeleton.positions)
    loose = folders.pop("", 0)
    shown = sorted(folders, key=lambda folder: (-folders[folder], natural(folder)))
    parts = [f"{folder} with {counted(folders[folder], 'image')}" for folder in shown[:3]]
    if len(folders) == 1:
        parts = [f"one folder, {shown[0]}, with {counted(folders[shown[0]], 'image')}"]
    if len(folders) > 3:
        parts.append(f"{counted(len(folders) - 3, 'more folder')}")
    return ", ".join([*parts, *([f"{counted(loose, 'image')} in no folder"] if loose else [])])


def _files(outcome: Outcome) -> str:
    """The kinds of files, the most frequent first: "3 files .mat"."""
    if not outcome.contents.files:
        return "no files at all"
    names = Counter(_suffix(path) for path in outcome.contents.files)
    return ", ".join(f"{counted(count, 'file')} {suffix}" for suffix, count in names.most_common(4))


def _suffix(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return f".{name.rsplit('.', 1)[1]}" if "." in name.lstrip(".") else f"such as {name}"


def _hints(outcome: Outcome) -> Iterator[str]:
    """What the source may mean instead, and what to do then."""
    evidence = outcome.evidence
    if boxes := boxes_in(outcome.contents, evidence):
        yield f"{boxes}: that is a set for object detection, and each image needs one class here: {WAY_OUT}"
        return
    if MASK in outcome.left_out.values():
        yield f"the masks make this a set for segmentation, and each image needs one class here: {WAY_OUT}"
        return
    if empty := _empty(outcome):
        yield f"the folder {quoted_list(empty)} holds no images: fill it"
    if evidence.tables:
        names = quoted_list([table.path for table in evidence.tables], limit=3)
        needed = "a column that names one image in each row, and one of classes"
        yield f"the table {names} gives these files no classes: it needs {needed}"
    if packed := [path for path, reason in outcome.left_out.items() if reason == ARCHIVE_BESIDE]:
        what = "is an archive" if len(packed) == 1 else "are archives"
        yield f"{quoted_list(packed, limit=3)} {what} beside the images and not opened: unpack first"
    if lines := _lines_without_names(outcome):
        yield lines
    if unread := _unread(outcome):
        yield unread
    if numbers := number_classes(evidence.flat_names):
        places = " or ".join(f"number{place + 1}" for place in numbers)
        yield f"the file names are numbers, of which one may be the class: choose the reading {places}"
    if evidence.skeleton.has_splits and not outcome.class_of:
        yield "these folders are splits, not classes: put class folders into each of them"
        return
    names = _example_names(evidence.skeleton.positions)
    if names and not numbers:
        yield f"file names such as {names} tell no classes apart: {WAY_OUT}, or name the files cat_1.jpg and dog_1.jpg"


def _unread(outcome: Outcome) -> str:
    """Files that may hold images or classes in a form that is not read."""
    has_images = bool(outcome.evidence.plain.positions)
    if has_images and (shown := _shown(outcome, UNREAD)):
        return f"{shown} cannot be read here: save the file names and classes as labels.csv"
    if has_images and (companions := _companions(outcome)):
        return companions
    tables = {table.path for table in outcome.evidence.tables}
    if has_images and (shown := _shown(outcome, MARKUP, tables)):
        return f"no classes were read from {shown}: save the file names and classes as labels.csv"
    if has_images:
        return ""
    if shown := _shown(outcome, UNREAD + TABLES):
        return f"{shown} cannot be read as images: save those as files, each class in a folder of its own"
    if shown := _shown(outcome, SHORTCUTS):
        return f"{shown} only say where something else is: copy the images themselves into the folders"
    if parts := [path for path in outcome.contents.files if PART.search(path)]:
        return f"{quoted_list(sorted(parts, key=natural), limit=3)} are parts of one archive: join them, with 7-Zip"
    kinds = ((path, kind_of(file.head())) for path, file in list(outcome.contents.files.items())[:LOOKED_AT])
    return next((f"{path!r} is {kind.name}: {kind.way_out}" for path, kind in kinds if kind), "")


def _lines_without_names(outcome: Outcome) -> str:
    """A text file with as many lines as there are images, of few kinds: classes without the names of the files."""
    images = len(outcome.evidence.plain.positions)
    texts = (path for path in outcome.contents.files if path.lower().endswith(".txt") and not is_system_file(path))
    for path in sorted(texts, key=natural)[:LOOKED_AT]:
        if images <= outcome.contents.files[path].size <= TABLE_CAP:
            lines = _lines(outcome.contents.files[path])
            if len(lines) == images and 1 < len(set(lines)) <= images / 2:
                return (
                    f"{path!r} has a line for each image and names none: save the file names and classes as labels.csv"
                )
    return ""


def _lines(file: SourceFile) -> list[str]:
    try:
        return lines_of(file.read())
    except PlaygroundError:
        return []


def _companions(outcome: Outcome) -> str:
    """Files of one kind that lie beside the images, one for each."""
    images = {path.rpartition(".")[0] for path in outcome.evidence.plain.positions}
    beside: dict[str, list[str]] = {}
    for path in outcome.contents.files:
        name, _, suffix = path.rpartition(".")
        if suffix.lower() in COMPANIONS and name in images:
            beside.setdefault(suffix.lower(), []).append(path)
    for suffix, paths in beside.items():
        if len(paths) >= 0.5 * len(images):
            files = f"{counted(len(paths), 'file')} .{suffix} such as {min(paths, key=natural)}"
            return f"no classes were read from {files}, one for each image: save all of them in one table, labels.csv"
    return ""


def _shown(outcome: Outcome, suffixes: tuple[str, ...], but: Collection[str] = ()) -> str:
    """The files with one of these suffixes, quoted; a few of them and the number of the others."""
    suffix_of = {path: SHARD.sub("", path).rsplit(".", 1)[-1].lower() for path in outcome.contents.files}
    usable = (path for path in suffix_of if path not in but and (suffixes is SHORTCUTS or not is_system_file(path)))
    paths = [path for path in usable if suffix_of[path] in suffixes]
    return quoted_list(sorted(paths, key=natural), limit=3)


def _empty(outcome: Outcome) -> list[str]:
    """Folders with nothing in them."""
    used = {path[:at] for path in outcome.contents.files for at, letter in enumerate(path) if letter == "/"}
    inner = {path[:at] for path in outcome.contents.folders for at, letter in enumerate(path) if letter == "/"}
    hidden = (".", "__")
    empty = (path for path in outcome.contents.folders if path not in used | inner and not path.startswith(hidden))
    return sorted(empty, key=natural)


def _example_names(positions: dict[str, Position]) -> str:
    flat = [path.rsplit("/", 1)[-1] for path, position in positions.items() if not position.folders]
    return quoted_list(flat[:2]) if flat else ""
