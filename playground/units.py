"""How numbers are written: exact digits in groups of three, and bytes with their unit stated, decimal and binary."""

from __future__ import annotations

import math
from collections.abc import Callable

from core.profiler.formatting import readable

DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB")  # powers of 1000
BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")  # powers of 1024
COUNTS = ("", "thousand", "M", "G", "T", "P")


def exact(value: int) -> str:
    """All digits.

    >>> exact(225_000_000)
    '225,000,000'
    """
    return f"{value:,}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun, which has an s where there are several.

    >>> counted(1, "epoch"), counted(1_000, "image"), counted(2, "class", "classes")
    ('1 epoch', '1,000 images', '2 classes')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def decimal(size_bytes: float) -> str:
    """Bytes in powers of 1000: kB, MB, GB, as disks and networks count.

    >>> decimal(12_000_000), decimal(999), decimal(999_999)
    ('12.00 MB', '999 B', '1.00 MB')
    """
    return _scaled(size_bytes, 1000, DECIMAL)


def binary(size_bytes: float) -> str:
    """Bytes in powers of 1024: KiB, MiB, GiB, as memory is sold and as drivers count.

    >>> binary(12_000_000), binary(1024)
    ('11.44 MiB', '1.00 KiB')
    """
    return _scaled(size_bytes, 1024, BINARY)


def memory(size_bytes: int) -> str:
    """What is held in memory, in binary units and three digits, as PyTorch and drivers tell it: the same everywhere.

    >>> memory(12_000_000), memory(40 * 2**30)
    ('11.4 MiB', '40.0 GiB')
    """
    return readable(size_bytes)


def both(size_bytes: int) -> str:
    """Exact bytes and both scales.

    >>> both(12_000_000)
    '12,000,000 B = 12.00 MB = 11.44 MiB'
    >>> both(12)
    '12 B'
    """
    if size_bytes < 1000:
        return f"{exact(size_bytes)} B"
    scaled = decimal(size_bytes) if size_bytes < 1024 else f"{decimal(size_bytes)} = {binary(size_bytes)}"
    return f"{exact(size_bytes)} B = {scaled}"


def short(count: int) -> str:
    """A count in four digits and a prefix (M, G, T as in GMACs), for headlines; the exact figure stands beside it.

    >>> short(15_200), short(225_000_000), short(640), short(999_999)
    ('15.2 thousand', '225 M', '640', '1 M')
    """
    size, name = _scale(count, 1000, COUNTS, "{:.4g}")
    return f"{size:.4g} {name}".strip()


def significant(value: float, digits: int = 4) -> str:
    """A measured number in so many digits, with a power of ten where it is very small or large.

    >>> significant(24350.2), significant(3.694e-10), significant(-0.25), significant(2.5e11), significant(0.0)
    ('24,350', '3.694e−10', '−0.25', '2.5e11', '0')
    """
    if not math.isfinite(value):
        return str(value).replace("-", "−")
    round_ = float(f"{value:.{digits}g}")
    if round_ == 0 or 1e-4 <= abs(round_) < 1e7:
        return f"{round_:,.10g}".replace("-", "−")
    mantissa, exponent = f"{round_:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def digits_giving(value: float, result: Callable[[float], str], least: int = 4) -> str:
    """A value in just so many digits that what is computed from the digits shown is the result shown.

    >>> digits_giving(1 / 6, lambda factor: f"{factor**19:.2e}")
    '0.16667'
    """
    shown = (f"{value:.{digits}g}" for digits in range(least, 18))
    return next((text for text in shown if result(float(text)) == result(value)), f"{value:.17g}")


def _scaled(size_bytes: float, base: int, names: tuple[str, ...]) -> str:
    size, name = _scale(size_bytes, base, names, "{:.2f}")
    return f"{size:,.0f} B" if name == "B" else f"{size:,.2f} {name}"


def _scale(value: float, base: int, names: tuple[str, ...], shown: str) -> tuple[float, str]:
    """The value in the largest unit that it fills, judged by what will be printed."""
    size, prefix = float(value), 0
    while prefix < len(names) - 1 and abs(float(shown.format(size))) >= base:
        size, prefix = size / base, prefix + 1
    return size, names[prefix]
