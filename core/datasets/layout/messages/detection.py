"""Recognising sets for object detection, whose labels are boxes and not one class for each image."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.datasets.layout.listing import SourceContents, SourceFile
from core.datasets.layout.naming import counted, natural, stem
from core.datasets.layout.readings.evidence import Evidence
from core.datasets.layout.tables.parsing import TABLE_CAP
from core.errors import PlaygroundError

YOLO_LINE = re.compile(rb"\s*\d+(?:\s+[\d.eE+-]+){4,}\s*$")
ANNOTATIONS = (
    ("txt", "text", "the boxes of objects"),
    ("xml", "XML", "the boxes of objects"),
    ("json", "JSON", "the outlines of objects (LabelMe)"),
)
COCO_NAME = re.compile(r"(^|[_\W])(instances|coco|keypoints|person_keypoints|panoptic)", re.IGNORECASE)
CORNERS = ({"xmin", "ymin"}, {"x_min", "y_min"}, {"x1", "y1"}, {"bbox"}, {"bbox_x", "bbox_y"}, {"left", "top"})


def boxes_in(contents: SourceContents, evidence: Evidence) -> str:
    """Where the boxes are, in words; empty if there are none."""
    images = {stem(path.rsplit("/", 1)[-1]) for path in evidence.plain.positions}
    for suffix, kind, what in ANNOTATIONS:
        paths = sorted((path for path in contents.files if path.lower().endswith(f".{suffix}")), key=natural)
        own = [path for path in paths if stem(path.rsplit("/", 1)[-1]) in images]
        if own and len(own) >= 0.5 * len(images) and _are_boxes(suffix, (contents.files[path] for path in own[:5])):
            return f"{counted(len(own), f'{kind} file')} such as {own[0]} hold {what}"
    for path in sorted((path for path in contents.files if path.lower().endswith(".json")), key=natural):
        if COCO_NAME.search(path.rsplit("/", 1)[-1]) or _is_coco(contents.files[path]):
            return f"{path} holds the boxes of objects (COCO)"
    for table in evidence.tables:
        if any(corners <= set(map(str.lower, table.columns)) for corners in CORNERS):
            return f"the table {table.path} holds the boxes of objects"
    return ""


def _are_boxes(suffix: str, files: Iterable[SourceFile]) -> bool:
    """Whether files look like YOLO's lines, XML annotations or LabelMe's JSON; an empty one has no object."""
    heads = [file.head() for file in files]
    if suffix == "xml":
        return any(b"<object" in head or b"<annotation" in head for head in heads)
    if suffix == "json":  # LabelMe
        return any(b'"imagePath"' in head and b'"points"' in head for head in heads)
    lines = [head.splitlines()[0] for head in heads if head.strip()]
    return bool(lines) and all(YOLO_LINE.match(line) for line in lines)


def _is_coco(file: SourceFile) -> bool:
    if file.size > TABLE_CAP:
        return False
    try:
        data = file.read()
    except PlaygroundError:
        return False
    has_lists = all(key in data for key in (b'"annotations"', b'"categories"', b'"images"'))
    has_boxes = b'"bbox"' in data or b'"segmentation"' in data
    return has_lists and (has_boxes or b'"category_id"' not in data)
