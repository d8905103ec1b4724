"""Folders of this machine: links are followed, no further than visitors may read, and nothing goes round."""

import os

import pytest

from core.datasets.reading.containers import folder as folders
from core.datasets.reading.containers import open_folder
from core.errors import DataError, PictureError
from tests.core.datasets.containers.archives import FILES, png


@pytest.fixture
def root(tmp_path):
    for name, data in FILES.items():
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "set"


def test_files_folders_and_first_bytes(root):
    (root / "fox").mkdir()
    (root / "large.bin").write_bytes(bytes(9000))
    opened = open_folder(root)
    assert opened.name == "set"
    assert set(opened.folders) == {"cat", "dog", "fox"}
    assert {path: file.read() for path, file in opened.files.items()} == {**FILES, "large.bin": bytes(9000)}
    assert len(opened.files["large.bin"].head()) == 4096
    assert opened.files["cat/0.png"].size == len(FILES["cat/0.png"])


@pytest.fixture
def links(root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/9.png").write_bytes(png(99))
    (root / "puppy").symlink_to(root / "dog")
    (root / "first.png").symlink_to("cat/0.png")
    (root / "fox").symlink_to(tmp_path / "elsewhere")
    (root / "cat/9.png").symlink_to(tmp_path / "elsewhere/9.png")
    (root / "cat/gone.png").symlink_to(root / "nowhere.png")


def test_links_are_followed_and_those_that_lead_out_are_named(root, links, monkeypatch):
    monkeypatch.delenv(folders.SHARED_FOLDERS, raising=False)
    opened = open_folder(root)
    assert opened.files["puppy/1.png"].read() == FILES["dog/1.png"]
    assert opened.files["first.png"].read() == FILES["cat/0.png"]
    assert opened.files["fox/9.png"].read() == opened.files["cat/9.png"].read() == png(99)
    assert opened.left_out == {"cat/gone.png": "a link to nothing"}
    assert opened.notes[0].startswith("Left out: cat/gone.png; these links point to nothing")
    assert opened.notes[1] == "Read from elsewhere, through links: cat/9.png, fox."


@pytest.mark.parametrize("shared", [".", "set", "another"])
def test_no_link_leads_out_of_what_visitors_may_read(root, links, tmp_path, monkeypatch, shared):
    monkeypatch.setenv(folders.SHARED_FOLDERS, str(tmp_path / shared))
    opened = open_folder(root)
    is_allowed = shared == "."
    assert ("fox/9.png" in opened.files) == ("cat/9.png" in opened.files) == is_allowed
    assert "puppy/1.png" in opened.files
    if not is_allowed:
        assert opened.left_out["fox"] == opened.left_out["cat/9.png"] == "a link out of what may be read"
        assert opened.notes[0].startswith("Left out: cat/9.png, fox; links that lead out of what this server may read")


def test_a_folder_that_is_a_link_itself_is_read(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    assert set(open_folder(tmp_path / "link").files) == set(FILES)


def test_links_that_go_round_end(root):
    (root / "cat/up").symlink_to(root)
    (root / "dog/self").symlink_to(root / "dog")
    (root / "dog/other").symlink_to(root / "cat")
    (root / "cat/out").symlink_to(root.parent)
    opened = open_folder(root)
    assert set(FILES) < set(opened.files)
    loops = ("cat/up", "dog/self", "cat/out")
    assert {opened.left_out[path] for path in loops} == {"a link back to a folder above it"}


def test_links_that_make_many_folders_of_a_few_end(root, monkeypatch):
    for name in "abcdef":
        (root / name).mkdir()
        for other in "abcdef":
            (root / name / f"to_{other}").symlink_to(root / other)
    monkeypatch.setattr(folders, "ENTRY_CAP", 300)
    with pytest.raises(DataError, match="more than 300 files or folders"):
        open_folder(root)


def test_folders_without_end_are_gone_into_so_far_only(root):
    (root / ("d/" * 300)).mkdir(parents=True)
    opened = open_folder(root)
    assert set(opened.files) == set(FILES)
    assert list(opened.left_out.values()) == ["a folder too deep in others"]


def test_what_cannot_be_opened_is_told(root, monkeypatch):
    scandir = os.scandir

    def deny_dog(path):
        if os.path.basename(path) == "dog":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(folders.os, "scandir", deny_dog)
    opened = open_folder(root)
    assert opened.left_out == {"dog": "cannot be opened"}
    assert opened.notes == ("Left out: dog; these cannot be opened, change their permissions.",)
    (root / "cat/0.png").unlink()
    with pytest.raises(PictureError, match=r"0\.png cannot be opened"):
        opened.files["cat/0.png"].read()
    assert opened.files["cat/0.png"].head() == b""


def test_pipes_are_not_waited_for_and_names_that_are_not_utf8_are_decoded(root):
    os.mkfifo(root / "cat/pipe.png")
    (root / os.fsdecode("dog/Stra\u00dfe.png".encode("latin-1"))).write_bytes(png(3))
    opened = open_folder(root)
    assert set(opened.files) == {*FILES, "dog/Straße.png"}
    assert opened.files["dog/Straße.png"].read() == png(3)


def test_a_missing_folder_and_one_with_too_many_files_are_refused(root, monkeypatch):
    with pytest.raises(DataError, match="does not exist"):
        open_folder(root / "nothing")
    monkeypatch.setattr(folders, "ENTRY_CAP", 5)
    with pytest.raises(DataError, match="more than 5 files"):
        open_folder(root)
