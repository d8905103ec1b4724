"""Folders of the server are named by whoever sits at it, and by nobody else."""

import pytest

from core.datasets.reading.containers.folder import SHARED_FOLDERS
from core.errors import DataError
from playground.training.data.own.folder import allowed_folder, why_not_local

AT_HOME = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


@pytest.mark.parametrize("address", [None, "127.0.0.1", "::1"])
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_who_sits_at_the_server_is_local(address, name):
    assert why_not_local({"Host": f"{name}:8501", "Origin": f"http://{name}:8501"}, address, is_headless=False) == ""


@pytest.mark.parametrize(
    ("headers", "address", "is_headless", "reason"),
    [
        (AT_HOME, "192.168.1.7", False, "another computer"),
        (AT_HOME | {"X-Forwarded-For": "10.0.0.1"}, None, False, "proxy"),
        (AT_HOME | {"FORWARDED": "for=10.0.0.1"}, None, False, "proxy"),
        (AT_HOME | {"Origin": "https://school.example"}, None, False, "school.example"),
        ({"Host": "school.example"}, None, False, "school.example"),
        (AT_HOME | {"Origin": "https://localhost.school.example"}, None, False, "localhost.school.example"),
        (AT_HOME | {"Origin": "null"}, None, False, "null"),
        (AT_HOME, None, True, "headless"),
    ],
)
def test_every_sign_of_somebody_else_counts(headers, address, is_headless, reason):
    assert reason in why_not_local(headers, address, is_headless)


def test_whoever_is_local_names_any_folder(tmp_path, monkeypatch):
    monkeypatch.delenv(SHARED_FOLDERS, raising=False)
    assert allowed_folder(f'  "{tmp_path}" ', is_local=True) == tmp_path
    for text, sentence in (("", "Enter a folder"), (str(tmp_path / "none"), "does not exist")):
        with pytest.raises(DataError, match=sentence):
            allowed_folder(text, is_local=True)
    with pytest.raises(DataError, match="No folder can be opened"):
        allowed_folder(str(tmp_path), is_local=False)


def test_everybody_else_stays_under_the_folder_that_was_allowed(tmp_path, monkeypatch):
    inside, outside = tmp_path / "sets" / "pets", tmp_path / "secret"
    inside.mkdir(parents=True)
    outside.mkdir()
    (tmp_path / "sets" / "link").symlink_to(outside)
    monkeypatch.setenv(SHARED_FOLDERS, str(tmp_path / "sets"))
    assert allowed_folder(str(inside), is_local=False) == inside
    for text in (outside, inside / ".." / ".." / "secret", tmp_path / "sets" / "link", "/", "~"):
        with pytest.raises(DataError, match="Only folders under"):
            allowed_folder(str(text), is_local=False)
    with pytest.raises(DataError, match="Only folders under"):
        allowed_folder(str(tmp_path / "not there"), is_local=False)  # and it is not told what exists elsewhere
