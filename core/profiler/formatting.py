"""A profile as people read it: a table for the terminal, another for a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.profiler.results import Profile, Row, Shape

HEADINGS = ("layer", "kind", "output", "parameters", "MACs / picture", "output", "kept for backward")


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


def _shape(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "-"


def _cells(row: Row) -> tuple[str, ...]:
    name = row.label if row.called else f"{row.label} (never called)"
    amounts = (f"{row.params:,}", f"{row.macs:,}", readable(row.output_bytes), readable(row.saved_bytes))
    return (name, row.kind, _shape(row.output_shape), *amounts)


def _totals(profile: Profile) -> tuple[str, ...]:
    amounts = (f"{profile.total_params:,}", f"{profile.total_macs:,}")
    return ("total", "", "", *amounts, readable(profile.output_bytes), readable(profile.saved_bytes))


def memory_lines(profile: Profile) -> tuple[tuple[str, str], ...]:
    """What is worth saying about memory, as (name, amount)."""
    peak = profile.training.peak
    where = " ".join(part for part in (peak.phase, peak.name, peak.kind) if part)
    return (
        ("parameters", readable(profile.parameter_bytes)),
        ("gradients", readable(profile.gradient_bytes)),
        (f"state of {profile.optimizer}", readable(profile.optimizer_bytes)),
        ("input and target", readable(profile.input_bytes)),
        ("kept for backward", readable(profile.kept_bytes)),
        (f"peak of training (in {where})", _both(profile.training_peak_bytes)),
        ("peak of inference", _both(profile.inference_peak_bytes)),
    )


def _both(nbytes: int) -> str:
    return f"{readable(nbytes)} = {nbytes:,} B"


def title(profile: Profile) -> str:
    """What was profiled, in a line."""
    setting = profile.setting
    return (
        f"{profile.model}, batch of {setting.batch_size} × {_shape(profile.input_shape)}, {setting.precision}, "
        f"{setting.optimizer}; MACs of one picture, bytes of the whole batch"
    )


def as_text(profile: Profile) -> str:
    """The table for a terminal."""
    body = [_cells(row) for row in profile.rows]
    table = [HEADINGS, *body, _totals(profile)]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS))]

    def line(cells: tuple[str, ...]) -> str:
        left = [cell.ljust(width) for cell, width in zip(cells[:3], widths[:3], strict=True)]
        right = [cell.rjust(width) for cell, width in zip(cells[3:], widths[3:], strict=True)]
        return "  ".join([*left, *right]).rstrip()

    rule = "─" * len(line(tuple("x" * width for width in widths)))
    lines = [title(profile), rule, line(HEADINGS), rule, *map(line, body), rule, line(_totals(profile)), rule]
    memory = memory_lines(profile)
    width = max(len(name) for name, _ in memory)
    return "\n".join(lines + [f"{name.ljust(width)}  {amount}" for name, amount in memory])


def as_html(profile: Profile) -> str:
    """The table for a notebook."""

    def cells(line: tuple[str, ...], tag: str) -> str:
        style = ' style="text-align:{}"'
        sides = ["left"] * 3 + ["right"] * 4
        pairs = zip(line, sides, strict=True)
        return "".join(f"<{tag}{style.format(side)}>{html.escape(cell)}</{tag}>" for cell, side in pairs)

    body = "".join(f"<tr>{cells(_cells(row), 'td')}</tr>" for row in profile.rows)
    pairs = [(html.escape(name), html.escape(amount)) for name, amount in memory_lines(profile)]
    memory = "".join(f'<tr><td style="text-align:left">{name}</td><td>{amount}</td></tr>' for name, amount in pairs)
    return (
        f"<p><b>{html.escape(title(profile))}</b></p>"
        f"<table><thead><tr>{cells(HEADINGS, 'th')}</tr></thead><tbody>{body}</tbody>"
        f"<tfoot><tr>{cells(_totals(profile), 'th')}</tr></tfoot></table><table>{memory}</table>"
    )
