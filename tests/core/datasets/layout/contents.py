"""Sources of files that only have names, and tables with text in them."""

from collections.abc import Iterable, Mapping

from core.datasets.layout import LayoutChoice, Listing, SourceContents, SourceFile, interpret


def contents(
    paths: Iterable[str], tables: Mapping[str, str | bytes] | None = None, folders: Iterable[str] = ()
) -> SourceContents:
    """Images of no bytes at `paths`, further files with their text, and folders."""
    files = {path: SourceFile(bytes, "0") for path in paths}
    for path, text in (tables or {}).items():
        data = text.encode() if isinstance(text, str) else text
        files[path] = SourceFile(lambda data=data: data, str(hash(data)), lambda data=data: data[:256], len(data))
    return SourceContents("set", files, tuple(folders))


def read(paths: Iterable[str], tables=None, choice: LayoutChoice | None = None, folders: Iterable[str] = ()) -> Listing:
    """The listing of such a source."""
    return interpret(contents(paths, tables, folders), choice)


def grid(pattern: str, classes: Iterable[str], count: int, **more: Iterable[str]) -> list[str]:
    """Paths by a pattern with {c} for the class, {i} for a number from 0, and one more name for each of `more`."""
    paths = [(pattern, {})]
    for name, values in {"c": classes, **more}.items():
        paths = [(pattern, {**filled, name: value}) for _, filled in paths for value in values]
    return [pattern.format(**filled, i=i) for _, filled in paths for i in range(count)]


def rows(header: str, *lines: str) -> str:
    """The text of a table."""
    return "\n".join([header, *lines, ""])
