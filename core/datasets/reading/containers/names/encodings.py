"""In which encoding the names in an archive are written, where the archive does not say.

A ZIP without the UTF-8 flag holds whatever its maker's system used: GBK in China, Shift-JIS in Japan, code page 437 by
the specification. All names are written by one system, so all together decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from core.datasets.reading.containers.names import frequent

SAMPLE = 400  # names that are scored: more change nothing
USUAL, POSSIBLE, UNUSUAL, WRONG, UNREADABLE = 1.0, 0.45, -0.3, -1.0, -3.0
SYLLABLE = 0.6  # of Hangul, and of usual parts: numbers of its consonants and vowels in the order of Unicode
TENSE, SELDOM_VOWELS, USUAL_FINALS = (1, 4, 8, 10, 13), (3, 7, 10, 15, 19), (0, 1, 4, 8, 16, 17, 19, 21)
STRANGE = 0.6  # taken off for what hardly occurs in words


@dataclass(frozen=True)
class Encoding:
    """A codec of Python, what to call it, and how usual a character is in the texts written in it."""

    codec: str
    title: str
    score: Callable[[str, bytes], float]  # of a character and its bytes
    handicap: float = 0.0  # taken off, for what hardly anybody writes names in any more


def _chinese(usual: set[str], level_1: tuple[int, int]) -> Callable[[str, bytes], float]:
    """GBK and Big5 keep their most used characters in the rows between two first bytes."""

    def score(character: str, stored: bytes) -> float:
        if character in usual:
            return USUAL
        if not "\u4e00" <= character <= "\u9fff":
            return WRONG
        return POSSIBLE if level_1[0] <= stored[0] <= level_1[1] and stored[1] >= 0xA1 else UNUSUAL

    return score


def _big5(character: str, stored: bytes) -> float:
    if character in frequent.TRADITIONAL:
        return USUAL
    if not "\u4e00" <= character <= "\u9fff":
        return WRONG
    return POSSIBLE if b"\xa4\x40" <= stored <= b"\xc6\x7e" else UNUSUAL


def _japanese(character: str, stored: bytes) -> float:
    if "\u3041" <= character <= "\u30fe" or character in frequent.KANJI:
        return USUAL
    if not "\u4e00" <= character <= "\u9fff":
        return WRONG
    return POSSIBLE if b"\x88\x9f" <= stored <= b"\x98\x72" or b"\xb0\xa1" <= stored <= b"\xcf\xd3" else UNUSUAL


def _korean(character: str, stored: bytes) -> float:
    if character in frequent.HANGUL:
        return USUAL
    if not ("\uac00" <= character <= "\ud7a3" and stored[0] >= 0xB0 and stored[1] >= 0xA1):
        return WRONG
    initial, (vowel, final) = (index := ord(character) - 0xAC00) // 588, divmod(index % 588, 28)
    return SYLLABLE if initial not in TENSE and vowel not in SELDOM_VOWELS and final in USUAL_FINALS else 0.0


def _letters(usual: set[str], seldom: set[str] | None = None) -> Callable[[str, bytes], float]:
    def score(character: str, stored: bytes) -> float:
        if character in usual:
            return 0.9
        return 0.5 if character in (seldom or ()) else UNUSUAL if character.isalpha() else WRONG

    return score


_WESTERN = _letters(frequent.WESTERN)
_CENTRAL = _letters(frequent.CENTRAL)
_CYRILLIC = _letters(frequent.CYRILLIC, frequent.CYRILLIC_SELDOM)
CODE_PAGE_437 = Encoding("cp437", "code page 437 (Western Europe, DOS)", _WESTERN)
ENCODINGS = (  # of two that score the same, the first
    CODE_PAGE_437,
    Encoding("cp850", "code page 850 (Western Europe, DOS)", _WESTERN),
    Encoding("cp1252", "Windows-1252 (Western Europe)", _WESTERN),
    Encoding("gb18030", "GBK (simplified Chinese)", _chinese(frequent.SIMPLIFIED, (0xB0, 0xD7))),
    Encoding("cp932", "Shift-JIS (Japanese)", _japanese),
    Encoding("big5", "Big5 (traditional Chinese)", _big5),
    Encoding("cp949", "EUC-KR (Korean)", _korean),
    Encoding("euc_jp", "EUC-JP (Japanese)", _japanese, 0.2),
    Encoding("cp866", "code page 866 (Cyrillic, DOS)", _CYRILLIC),
    Encoding("cp1251", "Windows-1251 (Cyrillic)", _CYRILLIC),
    Encoding("koi8_r", "KOI8-R (Cyrillic)", _CYRILLIC, 0.2),
    Encoding("cp852", "code page 852 (Central Europe, DOS)", _CENTRAL),
    Encoding("cp1250", "Windows-1250 (Central Europe)", _CENTRAL),
)


def decoded_names(names: list[bytes]) -> tuple[list[str], list[str]]:
    """Names as text, all in one encoding, and a note on which was assumed if that is not certain.

    >>> decoded_names([b"cat/1.jpg"]), decoded_names(["狗/1.jpg".encode("gbk")])[0]
    ((['cat/1.jpg'], []), ['狗/1.jpg'])
    """
    undecided = [name for name in names if not name.isascii() and not _is_utf8(name)]
    if all(_is_valid_utf8(name) for name in undecided):  # by chance that is rare
        return [name.decode() for name in names], []
    encoding = encoding_of(undecided)
    undecided_names = set(undecided)
    decoded = [_decoded(name, encoding.codec if name in undecided_names else "utf-8") for name in names]
    example = next(text for text, name in zip(decoded, names, strict=True) if name in undecided_names)
    shown = "".join(letter for letter in example if letter.isprintable())
    return decoded, [f"Names that are not in UTF-8 were read as {encoding.title}, such as {shown}."]


def _decoded(name: bytes, codec: str) -> str:
    try:
        return name.decode(codec)
    except UnicodeDecodeError:  # one name among many, written by another system
        return name.decode(CODE_PAGE_437.codec)


def _is_valid_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_utf8(name: bytes) -> bool:
    """Beyond doubt: some character takes three bytes. Two bytes that fit may be one character of GBK."""
    return _is_valid_utf8(name) and any(character > "\u07ff" for character in name.decode())


def encoding_of(names: list[bytes]) -> Encoding:
    """The encoding in which names that are not ASCII look most usual; code page 437 can read any."""
    parts = sorted({part for name in names for part in name.split(b"/") if not part.isascii()})
    sample = parts[:: -(-len(parts) // SAMPLE)]
    return max(ENCODINGS, key=lambda encoding: _score(encoding, sample))


def _score(encoding: Encoding, sample: Iterable[bytes]) -> float:
    """How usual the foreign characters are on average, each counted by its bytes."""
    total, length = 0.0, 0
    for part in sample:
        try:
            points = list(_points(encoding, part.decode(encoding.codec)))
        except UnicodeError:
            points = [(UNREADABLE * len(part), len(part))]
        total += sum(point for point, _ in points)
        length += sum(stored for _, stored in points)
    return total / max(length, 1) - encoding.handicap


def _points(encoding: Encoding, text: str) -> Iterator[tuple[float, int]]:
    """For each foreign character its score times its bytes, and its bytes."""
    for before, character, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if not character.isascii():
            stored = character.encode(encoding.codec)
            yield _in_context(encoding.score(character, stored), before, character, after) * len(stored), len(stored)


def _in_context(score: float, before: str, character: str, after: str) -> float:
    """Words are of one script and do not begin to be large in their middle."""
    latin = [side.isascii() and side.isalpha() for side in (before, after)]
    if character > "\u2e7f":  # Chinese, Japanese, Korean
        return score - STRANGE * sum(latin) / 2
    if not (before.isalpha() or after.isalpha()):
        return min(score, 0.0)
    if before.isupper() and character.isupper():
        score -= STRANGE / 2
    if (before.islower() and character.isupper()) or (character.islower() and after.isupper()) or after == "\\":
        score -= STRANGE
    if "\u0400" <= character <= "\u04ff":
        has_vowel = any(side.lower() in frequent.CYRILLIC_VOWELS for side in (before, character, after))
        return score - STRANGE * any(latin) - STRANGE * (not has_vowel)
    accented = sum(side.isalpha() and not side.isascii() for side in (before, after))
    share = 0.25 if character in frequent.CENTRAL - frequent.WESTERN else 1.0  # Polish puts three in a row
    return score - share * STRANGE * (accented + 0.5 * (not any(latin)))
