"""From the files of a source to labelled candidates."""

from __future__ import annotations

import re

from core.datasets.layout.choice import LayoutChoice
from core.datasets.layout.listing import Candidate, Listing, SourceContents
from core.datasets.layout.naming import is_image_name, natural, path_parts, printable


def interpret(contents: SourceContents, choice: LayoutChoice | None = None) -> Listing:
    """An image's class is the folder it lies in. Folders that hold further folders of images are no classes.

    If that gives no two classes, names such as cat.12.jpg and dog.7.jpg do.
    """
    files, choice = contents.files, choice or LayoutChoice()
    parts_of = {path: parts for path in files if is_image_name(parts := path_parts(path))}
    folder_of = {path: parts[:-1] for path, parts in parts_of.items()}
    above = {folder[:depth] for folder in set(folder_of.values()) for depth in range(len(folder))} | {()}
    class_of = {path: printable(folder[-1]) for path, folder in folder_of.items() if folder not in above}
    if len(set(class_of.values())) < 2:
        class_of = _classes_in_names({path: parts[-1] for path, parts in parts_of.items()}) or class_of
    candidates = [Candidate(path, name, files[path].read, files[path].stamp) for path, name in class_of.items()]
    candidates.sort(key=lambda candidate: (candidate.class_name, natural(candidate.path)))
    ignored = tuple(sorted({*files, *contents.left_out} - class_of.keys(), key=natural))
    left_out = dict.fromkeys(ignored, "not named as an image") | dict(contents.left_out)
    return Listing(contents.name, tuple(candidates), ignored, left_out=left_out, notes=contents.notes)


def _classes_in_names(name_of: dict[str, str]) -> dict[str, str]:
    """The word before the number in every name, by path; empty if a name is not of that form or all have one word."""
    matches = {path: re.match(r"([^\W\d_]+)[ ._-]*\d+\.\w+$", name) for path, name in name_of.items()}
    words = {path: match.group(1) for path, match in matches.items() if match}
    return words if len(words) == len(name_of) and len(set(words.values())) > 1 else {}
