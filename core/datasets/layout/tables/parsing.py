"""Reading small tables as strangers write them: commas, semicolons or tabs, any Unicode mark, JSON records."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

TABLE_CAP = 20_000_000  # bytes
MOST_ROWS, MOST_CELLS = 400_000, 4_000_000  # what follows these rows is not read; a table of more cells is none
DELIMITERS = ",;\t|"
LINES_OF_JSON = ("jsonl", "ndjson", "manifest")
SUFFIXES = ("csv", "tsv", "tab", "lst", "txt", "json", *LINES_OF_JSON)
HEAD = 400  # bytes by which an encoding is recognised
NOTHING = {"nan", "NaN", "#N/A"}  # what programs write for no value
IMAGE_NAME = re.compile(r"\.(?:jpe?g|png|bmp|gif|webp|tiff?)$", re.IGNORECASE)
FILE_FIRST = re.compile(r"(\S.*\.(?:jpe?g|png|bmp|gif|webp|tiff?))\s+(\S.*)", re.IGNORECASE)  # a b.jpg cat
FILE_AND_CLASS = re.compile(r"(\S.*\.(?:jpe?g|png|bmp|gif|webp|tiff?))\s*[:=]\s*(\S.*)", re.IGNORECASE)
QUOTED_LIST = re.compile(r"\[\s*([\"'])[^\"']*\1(\s*,\s*([\"'])[^\"']*\3)*\s*\]")  # ['cat', 'dog']
EVEN = 0.8  # of the lines of a table with blanks that have as many words as most, or the words make a name
MOST_NESTED = 6  # records in each other
ONE_PAIR = re.compile(r'\{\s*"[^"]*"\s*:\s*"([^"]*)"\s*\}')  # {"class": "cat"}
EXCEL = re.compile(r"\Asep=.\r?\n")  # a first line by which Excel knows the delimiter
csv.field_size_limit(1_000_000)


@dataclass(frozen=True)
class LabelTable:
    """A file's path, the names of its columns, and its rows, each as long as the columns are many.

    What a row holds beyond its last column is part of that one. `first_row` is the first one as it stands there, which
    may be no header. `is_spaced` says that blanks are the delimiter.
    """

    path: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_spaced: bool = False
    first_row: tuple[str, ...] = ()

    @property
    def all_rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows with the one that may be a header."""
        return (self.first_row or self.columns, *self.rows)

    def column(self, name: str) -> list[str]:
        """The cells of one column."""
        number = self.columns.index(name)
        return [row[number] for row in self.rows]

    @property
    def file_name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


def read_table(path: str, data: bytes) -> LabelTable | None:
    """The table in a file; None if there is none of two columns and one row."""
    text = EXCEL.sub("", _text(data))
    suffix = path.rpartition(".")[2].lower()
    try:
        mark = "" if suffix in ("json", *LINES_OF_JSON) else _delimiter(text)
        rows = _cells(text, mark) if mark else _records(text, suffix)
    except (ValueError, RecursionError, csv.Error):
        return None
    rows = [[_plain(cell) for cell in row] for row in rows[:MOST_ROWS] if any(cell.strip() for cell in row)]
    while rows and len(rows[0]) == 1 and re.match(r"#|\d+$", rows[0][0]):  # a comment, or the number of rows
        del rows[0]
    if (
        rows and not rows[0][0].isdecimal() and {len(row) for row in rows[1:]} == {len(rows[0]) + 1}
    ):  # a header without a name for the files
        rows[0] = ["file", *rows[0]]
    if len(rows) < 2 or len(rows[0]) < 2 or len(rows) * len(rows[0]) > MOST_CELLS:
        return None
    width = len(rows[0])
    columns = _unique(rows[0])
    filled = ([*row, *[""] * (width - len(row))] for row in rows[1:])
    cells = ((*row[: width - 1], " ".join(row[width - 1 :])) for row in filled)
    return LabelTable(path, columns, tuple(cells), mark == " ", tuple(rows[0]))


def _plain(cell: str) -> str:
    """A cell without blanks around it; a list as programs print it with bars between its items, nothing for no number.

    >>> _plain(" cat "), _plain("['cat']"), _plain('["cat", "dog"]'), _plain("nan"), _plain('{"class": "cat"}')
    ('cat', 'cat', 'cat|dog', '', 'cat')
    """
    cell = cell.strip()
    if cell.startswith("{") and (match := ONE_PAIR.fullmatch(cell)):
        return match.group(1)
    if cell.startswith("[") and QUOTED_LIST.fullmatch(cell):
        return "|".join(re.findall(r"[\"']([^\"']*)[\"']", cell))
    return "" if cell in NOTHING else cell


def with_first_row(table: LabelTable) -> LabelTable:
    """The same table without a header: what was taken for one is its first row."""
    names = tuple(f"column {number}" for number in range(1, len(table.columns) + 1))
    return LabelTable(table.path, names, table.all_rows, table.is_spaced)


def lines_of(data: bytes) -> list[str]:
    """The lines of a text file that are not empty."""
    return [line.strip() for line in _text(data).splitlines() if line.strip()]


def _text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    if data[:HEAD].count(0) > 0.3 * len(data[:HEAD]):  # UTF-16 without a mark, of a text that is mostly Latin
        return data.decode(
            "utf-16-le" if data[1::2][:HEAD].count(0) > data[::2][:HEAD].count(0) else "utf-16-be", "replace"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """The mark that cuts the first lines into the same number of cells, the most of them."""
    head = text.splitlines()[:20]
    return max((*DELIMITERS, " "), key=lambda mark: _evenness(head, mark))


def _cells(text: str, mark: str) -> list[list[str]]:
    if pairs := _pairs_of_lines(text):
        return pairs
    if mark == " ":
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        named = [match.groups() for line in lines if (match := FILE_FIRST.fullmatch(line))]
        if len(named) == len(lines) and any(" " in file for file, _ in named):  # blanks in the names of files
            return [list(pair) for pair in named]
        words = [line.split() for line in lines]
        _, most = Counter(map(len, words)).most_common(1)[0]
        if most < EVEN * len(lines) and len({row[0] for row in words}) == len(lines):
            return [line.split(maxsplit=1) for line in lines]  # 0034309 Boeing 737
        return words
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True))


def _pairs_of_lines(text: str) -> list[list[str]]:
    """File and class where each line has a colon or an equals sign between them; none if one has not."""
    pairs = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if (match := FILE_AND_CLASS.fullmatch(line)) is None:
            return []
        pairs.append(list(match.groups()))
    return pairs


def _evenness(lines: list[str], mark: str) -> tuple[float, int]:
    """The share of lines that have the most frequent number of cells, and that number; nothing for a single cell."""
    cells = (line.split() for line in lines) if mark == " " else csv.reader(lines, delimiter=mark)
    lengths = Counter(len(row) for row in cells if row)
    if not lengths:
        return 0.0, 0
    width, count = lengths.most_common(1)[0]
    share = count / sum(lengths.values())
    return (0.0, 0) if width < 2 else (share - 0.01 * (mark == " "), width)


def _records(text: str, suffix: str) -> list[list[str]]:
    """JSON as rows: records one a line, a list of them, or one object of files and their classes."""
    if suffix == "json":
        content = json.loads(text)
        if isinstance(content, dict) and all(isinstance(value, str | int) for value in content.values()):
            return [["file", "label"], *([key, str(value)] for key, value in content.items())]
        if isinstance(content, dict) and (pairs := _pairs(content) or _categories(content)):
            return [["file", "label"], *pairs]
        if isinstance(content, dict) and content and all(isinstance(value, dict) for value in content.values()):
            content = [{"file": key, **value} for key, value in content.items()]
        lists_of_pairs = (value for value in (*(content.values() if isinstance(content, dict) else ()), content))
        listed = next((value for value in lists_of_pairs if _are_pairs(value)), None)
        if listed is not None:
            return [["file", "label"], *(list(map(str, pair)) for pair in listed)]
        lists = [value for value in content.values() if _are_records(value)] if isinstance(content, dict) else [content]
        records = lists[0] if len(lists) == 1 and isinstance(lists[0], list) else []
    else:
        records = [json.loads(line) for line in text.splitlines() if line.strip()]
    flat = [_flat(record) for record in records if isinstance(record, dict)]
    columns = list(dict.fromkeys(key for record in flat for key, value in record.items() if _is_plain(value)))
    return [columns, *([_cell(record.get(name)) for name in columns] for record in flat)]


def _pairs(content: dict[str, object]) -> list[list[str]]:
    """Rows of file and class, from lists of files by class or of classes by file; none if it is anything else."""
    lists = [value for value in content.values() if isinstance(value, list)]
    if not lists or len(lists) < len(content) or not all(isinstance(item, str) for value in lists for item in value):
        return []
    if all(IMAGE_NAME.search(key) for key in content):
        return [[key, "|".join(value)] for key, value in zip(content, lists, strict=True)]
    return [[file, key] for key, value in zip(content, lists, strict=True) for file in value]


def _categories(content: dict[str, object]) -> list[list[str]]:
    """Rows of file and class from COCO's lists, as iNaturalist has them, where annotations hold no boxes."""
    images, annotations, kinds = (content.get(key) for key in ("images", "annotations", "categories"))
    if not (_are_records(images) and _are_records(annotations) and _are_records(kinds)):
        return []
    if any("bbox" in one or "segmentation" in one for one in annotations):
        return []
    names = {str(one.get("id")): str(one.get("name", "")) for one in kinds}
    files = {str(one.get("id")): str(one.get("file_name", "")) for one in images}
    pairs = ((files.get(str(one.get("image_id"))), names.get(str(one.get("category_id")), "")) for one in annotations)
    return [[file, name] for file, name in pairs if file]


def _are_records(value: object) -> TypeGuard[list[dict[str, object]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _are_pairs(value: object) -> TypeGuard[list[list[str | int]]]:
    """Whether a value is a list of files with their classes: [["1.jpg", "cat"], ["2.jpg", 0]]."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], str | int)
            for pair in value
        )
    )


def _flat(record: dict[str, object], depth: int = MOST_NESTED) -> dict[str, object]:
    """A record with what records inside it say, as columns of their own: label.name. A list of one is that one.

    >>> _flat({"file": "1.jpg", "result": [{"choices": ["cat"]}]})["result.choices"]
    'cat'
    """
    single = {key: _only(value) for key, value in record.items()}
    inner = {
        f"{key}.{name}": item
        for key, value in single.items()
        if isinstance(value, dict) and depth
        for name, item in _flat(value, depth - 1).items()
    }
    return single | inner


def _only(value: object) -> object:
    """The only item of a list; of several names those, with bars between them."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "|".join(value)
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def _cell(value: object) -> str:
    return str(value) if _is_plain(value) else ""


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    """Names of columns, none empty and none twice."""
    unique: list[str] = []
    for number, name in enumerate(names, start=1):
        base = name or f"column {number}"
        unique.append(base if base not in unique else f"{base} ({number})")
    return tuple(unique)
