"""Names are read in the encoding they were written in: one for a whole archive, and a note says which."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.reading.containers import open_archive
from core.datasets.reading.containers.names.encodings import decoded_names
from core.datasets.reading.containers.names.paths import safe_path
from tests.core.datasets.containers.archives import png, raw_zip

# fmt: off
CLASSES = {
    "gbk": [
        ("猫", "狗"),
        ("苹果", "香蕉", "梨"),
        ("正常", "划痕", "裂纹"),
        ("新建文件夹", "照片"),
        ("誠", "狗"),
        ("晴天", "阴天"),
    ],
    "cp932": [
        ("猫", "犬"),
        ("りんご", "みかん"),
        ("バナナ", "ソース"),
        ("良品", "不良品"),
        ("表", "裏"),
        ("新しいフォルダー", "写真"),
    ],
    "big5": [("貓", "狗"), ("蘋果", "香蕉"), ("正常", "異常"), ("許功蓋", "照片"), ("可回收", "不可回收")],
    "cp949": [("고양이", "강아지"), ("사과", "바나나"), ("정상", "불량"), ("새 폴더", "사진"), ("호랑이", "사자")],
    "cp437": [("café", "thé"), ("Straße", "Häuser"), ("niño", "niña"), ("Zoë", "naïve")],
    "cp850": [("São Tomé", "maçã"), ("À gauche", "à droite")],
    "cp1252": [("élève", "forêt"), ("Bäume", "Löwe")],
    "cp866": [("кошка", "собака"), ("Яблоко", "Груша")],
    "cp1251": [("кошка", "собака"), ("Норма", "Брак")],
    "cp1250": [("żółw", "słoń"), ("łódź", "źródło")],
    "utf-8": [("猫", "狗"), ("café", "thé"), ("кошка", "собака"), ("Zoe\u0308", "dog")],
}
# fmt: on


@pytest.mark.parametrize(
    ("codec", "classes"), [(codec, classes) for codec, sets in CLASSES.items() for classes in sets], ids=str
)
def test_class_names_come_back_and_what_was_assumed_is_said(codec, classes):
    paths = [f"pets/{name}/{number}.png" for name in classes for number in range(2)]
    opened = open_archive(io.BytesIO(raw_zip({path.encode(codec): png() for path in paths})))
    assert set(opened.files) == set(paths)
    assert len(opened.notes) == (codec != "utf-8")
    assert all("were read as" in note for note in opened.notes)


def test_the_utf8_flag_and_the_unicode_field_overrule_everything():
    name, stored = "猫/1.png", b"??/1.png"
    assert list(open_archive(io.BytesIO(raw_zip({name.encode(): png()}, flags=1 << 11))).files) == [name]
    field = b"\1" + struct.pack("<I", zlib.crc32(stored)) + name.encode()
    extra = struct.pack("<HH", 0x7075, len(field)) + field
    assert list(open_archive(io.BytesIO(raw_zip({stored: png()}, extra=extra))).files) == [name]
    assert list(open_archive(io.BytesIO(raw_zip({b"!!/1.png": png()}, extra=extra))).files) == ["!!/1.png"]  # another's


def test_a_backslash_that_is_half_a_character_is_no_separator_and_any_other_is():
    paths = {"表\\ソ.png".encode("cp932"): png(), "猫\\1.png".encode("cp932"): png()}
    assert set(open_archive(io.BytesIO(raw_zip(paths))).files) == {"表/ソ.png", "猫/1.png"}


def test_utf8_beyond_doubt_stays_beside_names_in_something_else():
    decoded, notes = decoded_names(["猫/1.png".encode(), "café/1.png".encode("latin-1")])
    assert decoded == ["猫/1.png", "café/1.png"]
    assert "Windows-1252" in notes[0]


def test_one_name_from_another_system_does_not_spoil_the_rest():
    names = [f"{kind}/{n}.png".encode("gbk") for kind in ("猫", "狗", "苹果") for n in range(20)]
    decoded, _ = decoded_names([*names, b"caf\x82/1.png"])
    assert decoded == [*(name.decode("gbk") for name in names), "café/1.png"]


@given(st.lists(st.binary(max_size=12), max_size=6))
def test_any_bytes_become_text_that_can_be_shown(names):
    decoded, notes = decoded_names(names)
    assert len(decoded) == len(names)
    assert "".join([*decoded, *notes]).encode().decode() == "".join([*decoded, *notes])
    again = dict(zip(names[::-1], decoded_names(names[::-1])[0], strict=True))
    assert again == dict(zip(names, decoded, strict=True))  # the order of names does not matter


@given(st.text())
def test_a_safe_path_stays_inside(name):
    path = safe_path(name)
    assert path is None or not {"", ".", ".."} & set(path.split("/"))
    assert path is None or safe_path(path) == path
