"""What the columns of a table are: files, classes, splits."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.datasets.layout.folders.roles import PREDICT, role_of
from core.datasets.layout.listing import TEST, TRAIN, VALIDATION
from core.datasets.layout.naming import stem, words_of
from core.datasets.layout.tables.matching import FileIndex
from core.datasets.layout.tables.parsing import LabelTable

ONE_HOT = "*"  # the label column's name where every class has a column of its own
FILES = ("file", "filename", "image", "img", "path", "id", "name", "picture", "photo")
LABELS = (
    *("label", "labels", "class", "classes", "category", "target", "species", "breed", "diagnosis", "dx", "finding"),
    *("type", "variety", "emotion", "expression", "character", "disease", "style", "artist", "genre", "kind", "tag"),
    *("scene", "name", "tags", "y", "sex", "gender", "level", "grade"),
)
SPLITS = ("split", "set", "subset", "partition", "usage", "phase", "fold")
TRUE, FALSE = {"1", "true", "yes", "1.0", "t", "y"}, {"0", "false", "no", "0.0", "f", "n", "-1"}
NUMBERED = {"0": TRAIN, "1": VALIDATION, "2": TEST}  # as CelebA and WILDS number them
UNASSIGNED = "unassigned"  # as Vertex AI says that an image has no split
WHOLE = re.compile(r"(\d+)\.0+")
PROBE = 400  # rows by which the column of files is chosen


def file_column(table: LabelTable, index: FileIndex) -> str | None:
    """The column whose cells name the most images, at least two; None if there is none.

    Cells that repeat, such as ages, are no names of files unless the column says so.
    """
    least = min(len(table.rows), 2)
    for rows in (table.rows[:: max(1, len(table.rows) // PROBE)], table.rows):  # all of them if a few do not do
        hits = {
            name: len({path for row in rows if (path := index.find(row[number], table.path))})
            for number, name in enumerate(table.columns)
            if len({row[number] for row in rows}) >= 0.5 * len(rows) or _rank(name, FILES) < len(FILES)
        }
        best = max(hits, key=lambda name: (hits[name], -_rank(name, FILES)), default=None)
        if best is not None and hits[best] >= least:
            return best
    return None


def label_columns(table: LabelTable, rows: Mapping[str, tuple[str, ...]], files: str) -> list[str]:
    """The columns that could be classes, the likeliest first: their cells repeat, but are not all the same.

    Args: `rows` of the table by the image they are about. A column for each class is written `ONE_HOT`.
    """
    columns = {
        name: [row[number] for row in rows.values()] for number, name in enumerate(table.columns) if name != files
    }
    kinds = {name: {cell for cell in cells if cell} for name, cells in columns.items()}
    most = max(2, len(rows) / 2)
    usable = [
        name
        for name in columns
        if 2 <= len(kinds[name]) <= most and not _tells_split(_called(table, name), kinds[name])
    ]
    hot = one_hot_columns(table, files)
    hinted = [name for name in usable if _rank(name, LABELS) < len(LABELS) and name not in hot]
    rest = [name for name in usable if name not in hinted and name not in hot]
    rest.sort(key=lambda name: (all(map(_is_number, kinds[name])), len(kinds[name])))
    hinted.sort(key=lambda name: (_rank(name, LABELS), all(map(_is_number, kinds[name]))))
    return [*hinted, *([ONE_HOT] if hot else []), *rest]


def one_hot_columns(table: LabelTable, files: str) -> list[str]:
    """Columns of 0 and 1 of which each row has exactly one 1, but for one row in twenty; empty if there are not two."""
    flags = {
        name: cells
        for name in table.columns
        if name != files and set(map(str.lower, cells := table.column(name))) <= TRUE | FALSE
    }
    if len(flags) < 2:
        return []
    sums = [sum(cell.lower() in TRUE for cell in row) for row in zip(*flags.values(), strict=True)]
    used = [name for name, cells in flags.items() if any(cell.lower() in TRUE for cell in cells)]
    return list(flags) if sums.count(1) >= 0.95 * len(sums) and len(used) > 1 else []


def flag_columns(table: LabelTable, files: str) -> tuple[str, ...]:
    """The columns that say yes or no of each image, under a name that says to what."""
    return tuple(
        name
        for name in table.columns
        if name != files and _is_flag(table, name) and not _tells_split(name, set(table.column(name)))
    )


def labels_in(table: LabelTable, rows: Mapping[str, tuple[str, ...]], column: str, files: str) -> dict[str, str]:
    """Image -> class, from one column or from one-hot columns. Images without a class are not in it.

    Where a column such as has_cactus says yes or no, the classes are "has_cactus" and "not has_cactus".
    """
    if column != ONE_HOT:
        number = table.columns.index(column)
        if _is_flag(table, column):
            names = {row: column if row.lower() in TRUE else f"not {column}" for row in set(table.column(column))}
            return {path: names[row[number]] for path, row in rows.items() if row[number]}
        names = _whole_numbers({row[number] for row in rows.values()})
        return {path: names.get(row[number], row[number]) for path, row in rows.items() if row[number]}
    hot = {name: table.columns.index(name) for name in one_hot_columns(table, files)}
    named = {path: [name for name, number in hot.items() if row[number].lower() in TRUE] for path, row in rows.items()}
    return {path: names[0] for path, names in named.items() if len(names) == 1}


def _whole_numbers(cells: set[str]) -> dict[str, str]:
    """Cell -> the number without its zeros behind the point, where all cells are such numbers.

    >>> _whole_numbers({"1.000000", "12.0"}) == {"1.000000": "1", "12.0": "12"}, _whole_numbers({"1.0", "1.5"})
    (True, {})
    """
    whole = {cell: match.group(1) for cell in cells if (match := WHOLE.fullmatch(cell))}
    return whole if len(whole) == len(cells - {""}) else {}


def splits_in(table: LabelTable, rows: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Image -> split, from a column named split or is_valid; empty if there is none."""
    for number, name in enumerate(table.columns):
        cells = {path: row[number] for path, row in rows.items()}
        if is_numbered_split(_called(table, name), set(cells.values())):
            return {path: NUMBERED[cell] for path, cell in cells.items()}
        if _is_split(name, set(cells.values())):
            roles = {cell: role_of(cell) for cell in set(cells.values())}
            return {path: role.split for path, cell in cells.items() if (role := roles[cell]) and role.split != PREDICT}
        role = role_of(name.lower().removeprefix("is"))
        if name.lower().startswith("is") and role and set(map(str.lower, cells.values())) <= TRUE | FALSE:
            other = TRAIN if role.split in (VALIDATION, TEST) else TEST
            return {path: role.split if cell.lower() in TRUE else other for path, cell in cells.items()}
    return {}


def _called(table: LabelTable, column: str) -> str:
    """The name of a column, or that of the file where the table has no header."""
    return stem(table.file_name) if column.startswith("column ") else column


def _tells_split(name: str, cells: set[str]) -> bool:
    is_flag = name.lower().startswith("is") and role_of(name.lower().removeprefix("is"))
    return bool(is_flag) or _is_split(name, cells) or is_numbered_split(name, cells)


def _is_flag(table: LabelTable, column: str) -> bool:
    """Whether a column says yes or no, under a name that says to what: not just label or target."""
    cells = set(map(str.lower, table.column(column)))
    return cells <= TRUE | FALSE | {""} and _rank(column, LABELS) == len(LABELS) and not column.startswith("column ")


def is_numbered_split(name: str, cells: set[str]) -> bool:
    """Whether a column called split or partition holds 0, 1 and 2, and nothing else.

    >>> is_numbered_split("partition", {"0", "1", "2"}), is_numbered_split("fold", {"0", "1", "2"})
    (True, False)
    """
    return words_of(name)[-1:] in (["split"], ["partition"]) and cells == set(NUMBERED)


def _is_split(name: str, cells: set[str]) -> bool:
    """Whether all cells are splits; a single one may be anything unless the column is called so."""
    words = words_of(name)
    is_called_so = bool(words) and words[-1] in SPLITS
    cells = cells - {""}
    roles = [role_of(cell) for cell in cells if cell.lower() != UNASSIGNED]
    return bool(roles) and len(cells) > 1 - is_called_so and all(role is not None and role.is_exact for role in roles)


def _rank(name: str, hints: tuple[str, ...]) -> float:
    """The place of the first hint among a column's words, a little later if it is not all; past the last if none is."""
    words = {*words_of(name), name.lower()}
    words |= {hint for hint in hints for word in words if len(hint) > 4 and word.startswith(hint)}  # classname, labelid
    places = (place + (name.lower() != hint) / 2 for place, hint in enumerate(hints) if hint in words)
    return min(places, default=len(hints))


def is_named_label(column: str) -> bool:
    """Whether a column is called like the classes themselves, or is one for each class."""
    return column == ONE_HOT or _rank(column, LABELS) < LABELS.index("type")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
