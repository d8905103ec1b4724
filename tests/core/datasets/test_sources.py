"""Folders and archives of strangers: what is inside is used, passed over or refused, and nothing escapes."""

import contextlib
import io
import struct
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.datasets import load
from core.datasets.reading.containers import folder, limits
from core.datasets.reading.containers.folder import SHARED_FOLDERS
from core.errors import DataError
from core.images import to_square
from tests.core.datasets.containers.archives import zipped
from tests.core.test_images import png_claiming


def png(seed: int = 0) -> bytes:
    buffer = io.BytesIO()
    picture = np.random.default_rng(seed).integers(0, 255, (12, 20, 3), dtype=np.uint8)
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


GOOD = {f"pets/{kind}/{n}.png": png(10 * label + n) for label, kind in enumerate(("Cat", "Dog")) for n in range(4)}


def unzipped(files: dict[str, bytes], folder) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_folder_zip_bytes_and_open_file_give_the_same_set(tmp_path):
    unzipped(GOOD, tmp_path / "folder")
    data = zipped(GOOD)
    (tmp_path / "pets.zip").write_bytes(data)
    half_read = io.BytesIO(data)
    half_read.read(7)
    sources_ = (tmp_path / "folder", str(tmp_path / "folder"), tmp_path / "pets.zip", data, half_read)
    sets = [load(source, 16) for source in sources_]
    for pictures in sets:
        assert pictures.classes == ("Cat", "Dog")
        assert pictures.class_counts == {"Cat": 4, "Dog": 4}
        assert torch.equal(pictures.images, sets[0].images)
        assert torch.equal(pictures.labels, sets[0].labels)


def test_pictures_are_squashed_to_the_square_in_natural_order():
    pictures = load(zipped({f"{kind}/{n}.png": png(n) for kind in "ab" for n in (2, 10, 1)}), 16)
    assert pictures.paths == ("a/1.png", "a/2.png", "a/10.png", "b/1.png", "b/2.png", "b/10.png")
    raw = np.asarray(Image.open(io.BytesIO(png(2))))
    assert np.array_equal(pictures.images[1].permute(1, 2, 0).numpy(), to_square(raw, 16))


def test_copies_are_found_whatever_their_class():
    files = {**GOOD, "pets/Dog/copy.png": GOOD["pets/Cat/0.png"]}
    groups = dict(zip((pictures := load(zipped(files), 16)).paths, pictures.groups.tolist(), strict=True))
    assert groups["pets/Dog/copy.png"] == groups["pets/Cat/0.png"]
    assert len(set(groups.values())) == len(GOOD)


def test_system_files_readmes_and_nested_archives_are_passed_over_and_named():
    passed_over = {
        "__MACOSX/pets/Cat/._0.png": b"x",
        "pets/.DS_Store": b"x",
        "pets/Cat/Thumbs.db": b"x",
        "pets/Cat/.hidden.png": png(),
        "pets/more.zip": zipped(GOOD),
        "pets/beside_the_classes.png": png(),
        "readme.txt": b"x",
        "loose.png": png(),
    }
    pictures = load(zipped({**GOOD, **passed_over}), 16)
    assert len(pictures) == len(GOOD)
    assert set(pictures.ignored) == set(passed_over)
    assert not pictures.refused


def test_an_archive_made_on_windows_or_with_dots_has_its_classes():
    for before, after in (("/", "\\"), ("pets/", "./pets/")):
        assert load(zipped({name.replace(before, after): data for name, data in GOOD.items()}), 16).classes == (
            "Cat",
            "Dog",
        )


def test_single_pictures_by_class_make_a_set():
    half_read = io.BytesIO(png(3))
    half_read.read(9)
    pictures = load({"mug": [png(1), half_read], "plant": [png(4), io.BytesIO(png(5)), io.BytesIO(b"")]}, 16)
    assert pictures.class_counts == {"mug": 2, "plant": 2}
    assert [(refusal.class_name, refusal.reason) for refusal in pictures.refused] == [("plant", "empty file")]
    with pytest.raises(DataError, match="Only one class"):
        load({"mug": [png(1), png(2)]}, 16)


def test_names_of_any_length_and_letters_are_sorted_and_shown():
    names = ["9" * 5000, "\u202ehidden", "naïve 猫", "007", "7"]
    pictures = load(zipped({f"{kind}/{name}.png": png() for kind in ("a\x07b", "c") for name in names}), 16)
    assert pictures.class_counts == {"ab": 5, "c": 5}


def test_what_cannot_be_decoded_is_refused_with_its_class():
    files = {**GOOD, "pets/Cat/9.jpg": b"", "pets/Dog/x.webp": b"nothing", "pets/Dog/y.heic": b"\0\0\0\x18ftypheic"}
    pictures = load(zipped(files), 16)
    assert [(refusal.class_name, refusal.reason) for refusal in pictures.refused] == [
        ("Cat", "empty file"),
        ("Dog", "not an image"),
        ("Dog", "an HEIC photo"),
    ]
    assert len(pictures) == len(GOOD)


def test_a_limit_takes_evenly_from_the_classes_and_depends_on_the_seed():
    files = {f"{kind}/{n}.png": png(n) for kind in "ab" for n in range(20)} | {"a/21.png": png(), "a/22.png": png()}
    first, again, other = (load(zipped(files), 16, seed=seed, limit=10) for seed in (1, 1, 2))
    assert first.class_counts == {"a": 5, "b": 5}
    assert first.paths == again.paths
    assert first.paths != other.paths


def test_progress_counts_up_to_all_files():
    seen = []
    load(
        zipped({f"{kind}/{n}.png": png(n) for kind in "ab" for n in range(40)}), 8, progress=lambda *at: seen.append(at)
    )
    assert seen == [(32, 80), (64, 80), (80, 80)]


def test_a_caller_can_cancel_from_its_progress():
    def cancel(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(zipped(GOOD), 16, progress=cancel)


# ------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "No images"),
        ({"readme.txt": b"x"}, "No images"),
        ({"1.png": png(), "2.png": png()}, "No images"),
        ({"Cat/1.png": png(), "Cat/2.png": png()}, "Only one class was found, 'Cat'"),
        ({f"{n}/1.png": b"" for n in range(1_001)}, "1,001 classes were found and the limit is 1,000"),
        ({"Cat/1.png": png(), "Cat/2.png": png(1), "Fox/1.png": png()}, "Class 'Fox' has 1 usable image:"),
        (
            {"a/1.png": png(), "a/2.png": png(1), "b/1.png": b"", "b/2.png": b""},
            "usable images, 2 left out: empty file",
        ),
    ],
)
def test_a_source_that_yields_no_set_says_why(files, message):
    with pytest.raises(DataError, match=message):
        load(zipped(files), 16)


def test_300_million_pixels_among_good_pictures_are_refused_and_cost_no_memory():
    files = {**GOOD, "pets/Cat/huge.png": png_claiming(20_000, 15_000)}
    pictures = load(zipped(files), 16)
    assert [(refusal.path, refusal.reason) for refusal in pictures.refused] == [
        ("pets/Cat/huge.png", "too many pixels")
    ]
    assert "300 million pixels" in pictures.refused[0].message
    assert len(pictures) == len(GOOD)


@pytest.mark.parametrize("name", ["../../{}/1.png", "..\\{}\\1.png", "a/../{}/1.png"])
def test_paths_that_lead_out_of_the_archive_are_passed_over(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    escapes = {name.format(kind): png() for kind in ("Cat", "Dog")}
    pictures = load(zipped({**GOOD, **escapes}), 16)
    assert len(pictures) == len(GOOD)
    assert len(pictures.ignored) == 2
    assert not list(tmp_path.iterdir())


def test_an_encrypted_archive_is_refused():
    data = bytearray(zipped(GOOD))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 1)
    with pytest.raises(DataError, match="password"):
        load(bytes(data), 16)


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", zipped(GOOD)[:-30]])
def test_what_is_no_archive_is_refused(data):
    with pytest.raises(DataError, match="zip"):
        load(data, 16)


def test_a_damaged_member_is_refused_and_the_others_stay():
    data = bytearray(zipped(GOOD, zipfile.ZIP_STORED))
    at = data.find(GOOD["pets/Cat/2.png"])
    data[at + 60] ^= 255  # the checksum no longer fits
    pictures = load(bytes(data), 16)
    assert [(r.path, r.reason) for r in pictures.refused] == [("pets/Cat/2.png", "damaged in the archive")]


def test_an_archive_without_its_beginning_gives_what_is_left():
    pictures = load(zipped(GOOD)[200:], 16)
    assert [(r.path, r.reason) for r in pictures.refused] == [("pets/Cat/0.png", "damaged in the archive")]
    assert len(pictures) == len(GOOD) - 1


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_damaged_archive_gives_a_set_or_a_data_error_and_nothing_else(data):
    damaged = bytearray(WHOLE)
    directory = WHOLE.find(b"PK\x01\x02")
    for place in data.draw(st.lists(st.integers(directory, len(damaged) - 1), min_size=1, max_size=6)):
        damaged[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DataError):
        assert len(load(bytes(damaged), 16)) >= 4


WHOLE = zipped(GOOD)


def test_a_bomb_is_refused_by_its_ratio():
    with pytest.raises(DataError, match="times its size"):
        load(zipped({**GOOD, "pets/Cat/bomb.bmp": bytes(60_000_000)}), 16)


def test_a_member_that_lies_about_its_size_is_read_no_further():
    honest = zipped({**GOOD, "pets/Cat/liar.png": bytes(100_000)})
    at = honest.rfind(b"PK\x01\x02")
    lying = honest[: at + 24] + struct.pack("<I", 10) + honest[at + 28 :]
    pictures = load(lying, 16)
    assert [refusal.path for refusal in pictures.refused] == ["pets/Cat/liar.png"]


def test_caps_on_entries_and_on_the_table_of_contents(monkeypatch, tmp_path):
    unzipped(GOOD, tmp_path)
    with monkeypatch.context() as patch:
        for module in (folder, limits):
            patch.setattr(module, "ENTRY_CAP", 5)
        for source in (zipped(GOOD), tmp_path):
            with pytest.raises(DataError, match="5"):
                load(source, 16)
    monkeypatch.setattr(limits, "DIRECTORY_CAP", 200)
    with pytest.raises(DataError, match="too many files"):
        load(zipped(GOOD), 16)


def test_the_64_bit_table_of_contents_is_capped_too():
    data = zipped(GOOD)
    long_end = b"PK\x06\x06" + bytes(36) + struct.pack("<QQ", 10**12, 0)
    locator = b"PK\x06\x07" + bytes(16)
    with pytest.raises(DataError, match="too many files"):
        load(data[:-22] + long_end + locator + data[-22:], 16)


@pytest.mark.parametrize("size", [0, 7, 513])
def test_a_size_out_of_range_is_refused(size):
    with pytest.raises(DataError, match="choose 8 to 512"):
        load("digits", size)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(DataError, match="sketches, digits"):
        load("hamsters", 16)


def test_links_lead_no_further_than_visitors_may_name_folders(tmp_path, monkeypatch):
    unzipped(GOOD, tmp_path / "set")
    secret = tmp_path / "secret.png"
    secret.write_bytes(png())
    (tmp_path / "set/pets/Cat/link.png").symlink_to(secret)
    monkeypatch.setenv(SHARED_FOLDERS, str(tmp_path / "set"))
    assert len(load(tmp_path / "set", 16)) == len(GOOD)
    monkeypatch.setenv(SHARED_FOLDERS, str(tmp_path))
    assert len(load(tmp_path / "set", 16)) == len(GOOD) + 1
