"""Rows or subtotals as files: CSV, Markdown, HTML and JSON, the same from the page and from the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from markupsafe import Markup

from core.profiler.figures import FIGURES
from core.profiler.rows import Row, Shape
from core.profiler.setting import Setting
from core.profiler.size_text import shape_text
from core.profiler.subtotals import Subtotal

COLUMNS = {
    "layer": "Layer",
    "kind": "Type",
    "input": "Input",
    "output": "Output",
}
COLUMNS |= {name: figure.column for name, figure in FIGURES.items()}
UNITS = "bytes for the whole batch; MACs (multiply-adds, without bias) per image"
Line = Row | Subtotal
Record = Mapping[str, str | int]
STYLE = "table{border-collapse:collapse;font:14px system-ui}td,th{padding:3px 10px;border-bottom:1px solid #ddd}"


@dataclass(frozen=True)
class Table:
    """What a file of a network holds.

    Attributes:
        rows: of the profile, all of them; `lines`: what the table shows, rows or modules down to some depth.
        input_shape: without the batch; `setting` has the batch that the bytes are for.
    """

    rows: Sequence[Row]
    lines: Sequence[Line]
    input_shape: Shape
    setting: Setting

    @property
    def records(self) -> list[Record]:
        """One flat record a line; shapes are those of one image."""
        return [record(line) for line in self.lines]

    @property
    def totals(self) -> dict[str, int]:
        """Sums over all rows."""
        return {name: sum(getattr(row, name) for row in self.rows) for name in FIGURES}

    @property
    def total_record(self) -> Record:
        return {"layer": "total", "kind": "", "input": "", "output": "", **self.totals}


def record(line: Line) -> Record:
    """A row or a module as a flat record, its keys those of `COLUMNS`."""
    name = line.label if isinstance(line, Subtotal) else line.name or "(network)"
    shapes = (shape_text(shape[1:], sign="x") for shape in (line.input_shape, line.output_shape))
    figures = (getattr(line, name) for name in FIGURES)
    return dict(zip(COLUMNS, (name, line.kind, *shapes, *figures), strict=True))


def as_csv(table: Table) -> str:
    """Comma-separated, the totals last; modules above a line are told by `depth` where modules are shown."""
    has_depth = any(isinstance(line, Subtotal) for line in table.lines)
    columns = [*COLUMNS, "depth"] if has_depth else list(COLUMNS)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    depths = [{"depth": _depth(line)} if has_depth else {} for line in table.lines]
    writer.writerows([{**one, **depth} for one, depth in zip(table.records, depths, strict=True)])
    writer.writerow({**table.total_record, **({"depth": 0} if has_depth else {})})
    return buffer.getvalue()


def as_markdown(table: Table) -> str:
    """A table for a README, the totals last."""
    lines = ["| " + " | ".join(COLUMNS.values()) + " |", "|---|---|---|---|---:|---:|---:|---:|"]
    for cells in _cells(table, indent="\u00a0\u00a0"):
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def as_html(table: Table) -> str:
    """A page that holds the table alone."""
    row = Markup("<tr>{}</tr>\n")
    cell, number = Markup("<td>{}</td>"), Markup('<td style="text-align:right">{}</td>')
    head = Markup().join(Markup("<th>{}</th>").format(title) for title in COLUMNS.values())
    body = Markup().join(
        row.format(Markup().join((cell if place < 4 else number).format(text) for place, text in enumerate(cells)))
        for cells in _cells(table, indent="\u2003")
    )
    page = '<!doctype html><meta charset="utf-8"><title>Layers</title><style>{}</style>\n<table>\n{}{}</table>\n'
    return str(Markup(page).format(Markup(STYLE), row.format(head), body))


def as_json(table: Table) -> str:
    """Everything a row knows, with the input and the batch that the bytes are for."""
    modules = [line for line in table.lines if isinstance(line, Subtotal)]
    whole = {
        "input": list(table.input_shape),
        "batch_size": table.setting.batch_size,
        "units": UNITS,
        **{f"total_{name}": value for name, value in table.totals.items()},
        "layers": [asdict(row) for row in table.rows],
    }
    if modules:
        whole["modules"] = [{**record(line), "depth": line.depth, "repeats": line.repeats} for line in modules]
    return json.dumps(whole, indent=1)


FORMATS: dict[str, Callable[[Table], str]] = {"csv": as_csv, "markdown": as_markdown, "html": as_html, "json": as_json}


def _cells(table: Table, indent: str) -> Iterable[list[str]]:
    """The text of each line, digits in groups of three, the totals last."""
    for line, one in zip(table.lines, table.records, strict=True):
        first, *others = [f"{cell:,}" if isinstance(cell, int) else cell for cell in one.values()]
        yield [indent * max(0, _depth(line) - 1) + first, *others]
    yield [f"{cell:,}" if isinstance(cell, int) else cell for cell in table.total_record.values()]


def _depth(line: Line) -> int:
    return line.depth if isinstance(line, Subtotal) else 1
