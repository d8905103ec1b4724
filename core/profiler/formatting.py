"""A profile as people read it: a table for the terminal, another for a notebook."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from core.profiler.figures import FIGURES
from core.profiler.rows import Row
from core.profiler.size_text import shape_text
from core.profiler.subtotals import Subtotal

MemoryLines = Sequence[tuple[str, str]]  # name, amount
HEADINGS = ("layer", "type", "output shape", *(figure.heading for figure in FIGURES.values()))


def readable(nbytes: int) -> str:
    """Bytes in binary units, three digits.

    >>> readable(12_000_000), readable(512)
    ('11.4 MiB', '512 B')
    """
    if nbytes < 1024:
        return f"{nbytes} B"
    value = float(nbytes)
    units = iter(("KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB"))
    while (value := value / 1024) >= 1000:
        next(units)
    return f"{value:.{max(0, 3 - len(str(int(value))))}f} {next(units)}"


def _cells(line: Row | Subtotal) -> tuple[str, ...]:
    if isinstance(line, Subtotal):
        name = "  " * (line.depth - 1) + line.label
    else:
        name = line.label if line.called else f"{line.label} (never called)"
    amounts = (f"{line.params:,}", f"{line.macs:,}", readable(line.output_bytes), readable(line.saved_bytes))
    return (name, line.kind, shape_text(line.output_shape, "-"), *amounts)


def _totals(rows: Sequence[Row]) -> tuple[str, ...]:
    params, macs, *sizes = (sum(getattr(row, name) for row in rows) for name in FIGURES)
    return ("total", "", "", f"{params:,}", f"{macs:,}", *map(readable, sizes))


def readable_and_exact(nbytes: int) -> str:
    """Bytes in binary units, and all digits.

    >>> readable_and_exact(12_000_000)
    '11.4 MiB = 12,000,000 B'
    """
    return f"{readable(nbytes)} = {nbytes:,} B"


def as_text(title: str, rows: Sequence[Row], memory: MemoryLines, modules: Sequence[Subtotal] | None = None) -> str:
    """The table for a terminal: of every row, or of the modules given; its totals are those of the rows."""
    body = [_cells(line) for line in (rows if modules is None else modules)]
    table = [HEADINGS, *body, _totals(rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS))]

    def line(cells: tuple[str, ...]) -> str:
        left = [cell.ljust(width) for cell, width in zip(cells[:3], widths[:3], strict=True)]
        right = [cell.rjust(width) for cell, width in zip(cells[3:], widths[3:], strict=True)]
        return "  ".join([*left, *right]).rstrip()

    rule = "─" * len(line(tuple("x" * width for width in widths)))
    lines = [title, rule, line(HEADINGS), rule, *map(line, body), rule, line(_totals(rows)), rule]
    width = max(len(name) for name, _ in memory)
    return "\n".join(lines + [f"{name.ljust(width)}  {amount}" for name, amount in memory])


def as_html(title: str, rows: Sequence[Row], memory: MemoryLines) -> Markup:
    """The table for a notebook."""
    lines = (Markup('<tr><td style="text-align:left">{}</td><td>{}</td></tr>').format(*line) for line in memory)
    return Markup(
        "<p><b>{}</b></p><table><thead>{}</thead><tbody>{}</tbody><tfoot>{}</tfoot></table><table>{}</table>"
    ).format(
        title,
        _html_row(HEADINGS, "th"),
        Markup().join(_html_row(_cells(row), "td") for row in rows),
        _html_row(_totals(rows), "th"),
        Markup().join(lines),
    )


def _html_row(cells: tuple[str, ...], tag: str) -> Markup:
    cell = Markup(f'<{tag} style="text-align:{{}}">{{}}</{tag}>')
    sides = ["left"] * 3 + ["right"] * 4
    return Markup("<tr>{}</tr>").format(Markup().join(cell.format(*pair) for pair in zip(sides, cells, strict=True)))
