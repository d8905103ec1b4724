"""Archives that mean harm: names that lead out, links, bombs, claims, copies of names, and damage of every kind."""

from __future__ import annotations

import gzip
import io
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable

from tests.core.datasets.containers.archives import FILES, png, raw_zip, tarred, zipped

ESCAPED = "escaped-by-a-hostile-archive"  # what must never come to be, anywhere
LEADING_OUT = (
    *(f"../../{ESCAPED}", f"/tmp/{ESCAPED}", f"cat/../../../{ESCAPED}", f"C:\\{ESCAPED}", f"..\\..\\{ESCAPED}"),
    *(f"\\\\host\\share\\{ESCAPED}", f"~/{ESCAPED}", f"./././../{ESCAPED}", f"cat/\0/../{ESCAPED}"),
    f"a/{'b/' * 500}{ESCAPED}",
)
STRANGE = (
    *(*LEADING_OUT, "", ".", "/", "CON", "a" * 5000, "\u202egnp.exe", "cat/\n.png", "cat//0.png", "cat/0.PNG"),
    "%2e%2e/x",
)
TWO_GB = 2**31 - 1


def with_names(dice: random.Random) -> bytes:
    """An honest archive with files under names that lead out, or that no file can have."""
    names = {dice.choice(STRANGE): png(dice.randrange(9)) for _ in range(dice.randint(1, 6))}
    if dice.random() < 0.5:
        return raw_zip({name.encode("utf-8", "surrogatepass"): data for name, data in (FILES | names).items()})
    return tarred(
        {**FILES, **{name.replace("\0", "_"): data for name, data in names.items()}}, dice.choice(("w", "w:gz"))
    )


def with_links(dice: random.Random) -> bytes:
    """Links to files of the server, to themselves, and devices, in a tar archive or as a ZIP marks them."""
    target = dice.choice(("/etc/passwd", "../../../etc/passwd", "loop", "/dev/zero", "cat/0.png", "."))
    if dice.random() < 0.5:
        return raw_zip({b"cat/loop": target.encode(), b"dog/a.png": png()}, mode=0o120777)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for number, kind in enumerate((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)):
            member = tarfile.TarInfo(f"cat/{dice.choice(('loop', '0.png'))}{number}")
            member.type, member.linkname = kind, target
            archive.addfile(member)
    return buffer.getvalue()


def nested(dice: random.Random) -> bytes:
    """Archives in archives in archives."""
    data = zipped(FILES)
    for depth in range(dice.choice((1, 3, 30))):
        data = zipped({f"{depth}.zip": data}) if dice.random() < 0.7 else tarred({f"{depth}.tar": data}, "w:gz")
    return data


def bomb(dice: random.Random) -> bytes:
    """Megabytes of nothing that pack to kilobytes, or thousands of files of no bytes."""
    if dice.random() < 0.3:
        return zipped(
            {f"{kind}/{n}.png": b"" for kind in "ab" for n in range(dice.choice((50, 5000)))}, zipfile.ZIP_STORED
        )
    nothing = bytes(dice.choice((1_000_000, 20_000_000)))
    if dice.random() < 0.3:
        return gzip.compress(nothing)
    return zipped({f"cat/{n}.png": nothing for n in range(2)} | {f"dog/{n}.png": png(n) for n in range(2)})


def claiming(dice: random.Random) -> bytes:
    """A directory that claims sizes, counts and places that are not there: 2 GB, encrypted, unknown methods."""
    data = bytearray(zipped(FILES, dice.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))))
    field = dice.choice(((8, 2), (10, 2), (20, 4), (24, 4), (28, 2), (30, 2), (38, 4), (42, 4)))
    at = 0
    while (at := data.find(b"PK\x01\x02", at + 1)) > 0:
        if dice.random() < 0.6:
            value = dice.choice((0, 1, 9, 99, TWO_GB, 2**32 - 1))
            data[at + field[0] : at + sum(field)] = struct.pack("<I", value)[: field[1]]
    if dice.random() < 0.3:
        data[-12:-2] = struct.pack("<HII", dice.randrange(65_536), dice.choice((0, TWO_GB)), dice.choice((0, TWO_GB)))
    return bytes(data)


def encrypted(dice: random.Random) -> bytes:
    return raw_zip({name.encode(): data for name, data in FILES.items()}, dice.choice((0, 8, 99)), flags=1)


def twice(dice: random.Random) -> bytes:
    """The same name again and again, and names that differ in nothing but their letters' case."""
    name = dice.choice(sorted(FILES)).encode()
    again = {name.upper(): png(1), name.replace(b"/", b"//"): png(2), b"./" + name: png(3), name: png(4)}
    data = raw_zip({**{key.encode(): value for key, value in FILES.items()}, **again})
    return data.replace(b"./" + name, b"a/" + name) if dice.random() < 0.3 else data


def damaged(dice: random.Random) -> bytes:
    """An honest archive, cut or with bytes changed."""
    ways = (zipped, tarred, lambda files: tarred(files, "w:gz"), lambda files: tarred(files, "w:bz2"))
    data = bytearray(dice.choice(ways)(FILES))
    if dice.random() < 0.4:
        return bytes(data[: dice.randrange(len(data))])
    for _ in range(dice.randint(1, 30)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


WAYS: tuple[Callable[[random.Random], bytes], ...] = (
    *(with_names, with_names, with_links, nested, bomb, claiming, claiming, encrypted, twice, damaged, damaged),
)


def hostile_archive(seed: int) -> bytes:
    """One of them; the same seed gives the same bytes."""
    dice = random.Random(seed)
    return dice.choice(WAYS)(dice)
