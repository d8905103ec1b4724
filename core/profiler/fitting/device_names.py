"""Devices as people write them: `3060`, `RTX 3060 12GB`, `NVIDIA A100-SXM4-80GB`, `8`, `7.6 GiB`."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

from core.errors import PlaygroundError
from core.profiler.fitting.devices import DEVICES, GIB, Device, read_bytes, this_machine

HERE = ("this", "cpu", "here")
MOST_GB = 999  # a bare number up to this is gigabytes, a larger one the number of a GeForce
EXAMPLES = ("rtx3060", "t4", "a100-80")
_UNSAID = re.compile(
    r"\bof\b|nvidia|geforce|tesla|quadro|graphics|gpu|card|v?ram|memory|sxm\d?|pcie|hbm\d?e?|\((?!shared).*?\)"
)
_SIZE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*g(?:i?b?|igs?|igabytes?)\b")
_GIGABYTES = re.compile(r"gig(?:s|abytes?)?$")
_BARE = re.compile(r"\d+(?:\.\d+)?")


def device(text: str) -> Device:
    """A device by name, "this" for this machine, or a size such as "8GB" (10^9), "8GiB" (2^30) or "8" (GB).

    A size alone is taken as it is typed, as what a program can use; with a name it tells variants of a card apart,
    the smallest being meant without it.

    Raises: PlaygroundError where it is neither, with the names that are nearest.

    >>> device("rtx 3060 12gb").title, device("3060") == device("GeForce RTX 3060"), device("A100").title
    ('GeForce RTX 3060', True, 'A100, 40 GB')
    >>> device("8").memory_bytes, device("NVIDIA A100-SXM4-80GB").title
    (8000000000, 'A100, 80 GB')
    """
    words = text.strip().lower()
    if words in DEVICES:
        return DEVICES[words]
    if words in HERE:
        return this_machine()
    size = _SIZE.search(words)
    name = _squashed(_SIZE.sub(" ", words))
    cards = _families().get(name)
    if cards:
        return _card(cards, size)
    if size and not name:
        words = _GIGABYTES.sub("gb", size[0])
    if _BARE.fullmatch(words):
        if float(words) > MOST_GB:
            raise _unknown(words)
        return Device(f"{words} GB", read_bytes(f"{words} GB"))
    try:
        return Device(text.strip(), read_bytes(words))
    except PlaygroundError:
        raise _unknown(text.strip()) from None


def _card(cards: list[Device], size: re.Match[str] | None) -> Device:
    """The card that has the memory said beside its name; the smallest where nothing is said."""
    if size is None:
        return cards[0]
    nominal = round(float(size[1]) * GIB)
    return next((card for card in cards if card.nominal_bytes == nominal), None) or _variant(cards[0], nominal, size[1])


def _variant(card: Device, nominal: int, size: str) -> Device:
    """The same card with other memory: the same share of it can be used."""
    usable = round(nominal * card.memory_bytes / card.name_plate_bytes)
    source = f"the share that programs can use of {card.title} with {card.name_plate_bytes // GIB} GB"
    title = f"{card.title.partition(',')[0]}, {size} GB"
    return replace(card, title=title, memory_bytes=usable, nominal_bytes=nominal, source=source, url="")


def _families() -> dict[str, list[Device]]:
    """Squashed name -> the cards that may be meant by it, the smallest first."""
    families: dict[str, list[Device]] = {}
    for key, card in sorted(DEVICES.items(), key=lambda item: item[1].memory_bytes):
        title = _squashed(card.title.partition(",")[0])
        for name in {_squashed(key), title, re.sub(r"^[rg]tx(?=a?\d)", "", title)}:
            families.setdefault(name, []).append(card)
    return families


def _squashed(words: str) -> str:
    """A name without maker, connector and punctuation."""
    return re.sub(r"[^a-z0-9]", "", _UNSAID.sub("", words.lower()))


def _unknown(text: str) -> PlaygroundError:
    near = difflib.get_close_matches(_squashed(_SIZE.sub(" ", text.lower())), _families(), n=3, cutoff=0.65)
    keys = {id(card): key for key, card in DEVICES.items()}
    names = list(dict.fromkeys(keys[id(card)] for name in near for card in _families()[name]))
    choice = f"did you mean {' or '.join(names)}? Or" if names else f"name a card, such as {', '.join(EXAMPLES)}, or"
    return PlaygroundError(f"unknown device {text[:40]!r}: {choice} type its memory, such as 8GB")
