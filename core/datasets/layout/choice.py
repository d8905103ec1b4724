"""What a person decided about a layout, as a value that fits into a link, a job or a command line."""

from __future__ import annotations

from dataclasses import dataclass, fields
from urllib.parse import quote, unquote

AUTO, AS_GIVEN, REDRAW = "auto", "given", "redraw"


@dataclass(frozen=True)
class LayoutChoice:
    """How to read the folders of a source; the default leaves everything to what is there.

    `reading` is the key of a `LayoutReading`; `columns` are the table's columns of files and of labels; `dropped`
    are classes left out, `only` the classes kept (none named: all); `split` is "given" (train, validation and test
    folders are used as they are) or "redraw".
    """

    reading: str = AUTO
    columns: tuple[str, str] | None = None
    dropped: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    split: str = AS_GIVEN

    def __str__(self) -> str:
        """A short text; empty for the default.

        >>> str(LayoutChoice(reading="leaf", only=("cat", "dog")))
        'reading=leaf;only=cat,dog'
        """
        values = {
            "reading": [] if self.reading == AUTO else [self.reading],
            "columns": list(self.columns or ()),
            "dropped": list(self.dropped),
            "only": list(self.only),
            "split": [] if self.split == AS_GIVEN else [self.split],
        }
        return ";".join(f"{key}={','.join(map(_quoted, items))}" for key, items in values.items() if items)

    @classmethod
    def parse(cls, text: str) -> LayoutChoice:
        """The choice that `str` wrote. What it does not know is passed over, so that any link opens.

        >>> LayoutChoice.parse("split=redraw;colour=red;columns=id")
        LayoutChoice(reading='auto', columns=None, dropped=(), only=(), split='redraw')
        """
        known = {field.name for field in fields(cls)}
        pairs = (part.partition("=") for part in text.split(";"))
        values = {
            key.strip(): tuple(unquote(item) for item in items.split(",") if item)
            for key, _, items in pairs
            if key.strip() in known
        }
        columns = values.get("columns", ())
        return cls(
            reading=next(iter(values.get("reading", ())), AUTO),
            columns=(columns[0], columns[1]) if len(columns) == 2 else None,
            dropped=values.get("dropped", ()),
            only=values.get("only", ()),
            split=REDRAW if values.get("split") == (REDRAW,) else AS_GIVEN,
        )


def parts_passed_over(text: str) -> list[str]:
    """The parts of a text that `LayoutChoice.parse` passes over, because they say nothing it knows.

    >>> parts_passed_over("reading=leaf;colour=red;split=given;split=no")
    ['colour=red', 'split=no']
    """
    defaults = (f"reading={AUTO}", f"split={AS_GIVEN}")
    parts = [part for part in text.split(";") if part.strip() not in ("", *defaults)]
    return [part for part in parts if LayoutChoice.parse(part) == LayoutChoice()]


def _quoted(text: str) -> str:
    return quote(text, safe=" /.-_()", errors="surrogatepass")
