"""Images in a flat folder beside class folders, where a table or the file names give them these classes."""

from __future__ import annotations

from collections.abc import Mapping

from core.datasets.layout.listing import SPLITS
from core.datasets.layout.naming import same_class, without_zeros
from core.datasets.layout.readings.evidence import Evidence
from core.datasets.layout.readings.file_names import classes_in_names


def labelled_beside(evidence: Evidence, class_of: Mapping[str, str]) -> dict[str, str]:
    """Image -> class for images of a split that lie in no class folder: by a table, or by their names."""
    positions = evidence.skeleton.positions
    rest = {path: at for path, at in positions.items() if path not in class_of and at.split in SPLITS}
    keys = {key: name for name in sorted(set(class_of.values())) for key in (same_class(name), _number(name))}
    in_tables = [
        {path: name for path, name in labels.class_of.items() if path in rest} for labels in evidence.all_labels
    ]
    in_names = classes_in_names({path: path.rsplit("/", 1)[-1] for path in rest})
    for labels in (*in_tables, in_names):
        known = {path: keys[key] for path, name in labels.items() for key in (_key(name, keys),) if key}
        if known and len(known) >= 0.9 * len(labels):
            return known
    return {}


def _key(name: str, keys: Mapping[str, str]) -> str:
    first = name.split(maxsplit=1)[0] if name.split() else ""  # n01440764 111 108 230 366: its box follows
    return next((key for key in (same_class(name), _number(name), same_class(first)) if key in keys), "")


def _number(name: str) -> str:
    """The name as a key of its class, or a number without zeros in front."""
    return without_zeros(name) if name.isdecimal() else same_class(name)
