"""An upload of any size raises the server by a few megabytes; what a page gets behaves as Streamlit's own file."""

import copy
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile, UploadedFileRec

from playground.server import disk_uploads
from playground.server.disk_uploads import DiskUploadedFile, FileBytes

pytestmark = pytest.mark.skipif(not hasattr(os, "preadv"), reason="files are kept in memory on this system")

ROOT = Path(__file__).parents[2]
UPLOAD = r"""
import asyncio, re, sys
from pathlib import Path
from types import SimpleNamespace
from streamlit import config
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile
from streamlit.web.server.starlette.starlette_routes import create_upload_routes
from playground.server import disk_uploads

PIECE, COUNT = bytes(1 << 20), 200
HEAD = b'--edge\r\nContent-Disposition: form-data; name="f"; filename="pets.zip"\r\nContent-Type: a/zip\r\n\r\n'

def peak() -> int:
    return 1024 * int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])

async def put(route) -> int:
    pieces = iter((HEAD, *[PIECE] * COUNT, b"\r\n--edge--\r\n"))
    async def receive():
        piece = next(pieces, b"")
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}
    sent = []
    async def send(message):
        sent.append(message)
    scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/session/file", "query_string": b"",
             "path_params": {"session_id": "session", "file_id": "file"},
             "headers": [(b"content-type", b"multipart/form-data; boundary=edge")]}
    await route.handle(scope, receive, send)
    return sent[0]["status"]

config.set_option("server.enableXsrfProtection", False)
disk_uploads.keep_on_disk()
manager = MemoryUploadedFileManager("/upload")
put_route = create_upload_routes(SimpleNamespace(is_active_session=lambda one: True), manager, None)[0]
before = peak()
status = asyncio.run(put(put_route))
(record,) = manager.get_files("session", ["file"])
file = UploadedFile(record, FileURLs())
read = sum(len(piece) for piece in iter(lambda: file.read(1 << 16), b""))
print(status, file.name, file.size == read == COUNT * len(PIECE), config.get_option("server.maxUploadSize"))
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells a process its peak")
def test_two_hundred_megabytes_take_no_memory():
    environment = os.environ | {"CNN_PLAYGROUND_LIMIT_UPLOAD_BYTES": "300000000"}
    done = subprocess.run(
        [sys.executable, "-c", UPLOAD], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    *words, grown = done.stdout.split()
    assert words == ["204", "pets.zip", "True", "300"]
    assert int(grown) < 20_000_000


@pytest.fixture
def on_disk():
    """The same bytes as an upload on disk, and as the file that Streamlit would give."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("cat/1.txt", "first\nsecond\nthird")
    with tempfile.TemporaryFile() as file:
        file.write(archive.getvalue())
        file.flush()
        content = FileBytes(file.fileno())
    record = UploadedFileRec("id", "pets.zip", "application/zip", content)
    return DiskUploadedFile(record, FileURLs()), archive


def test_it_reads_as_a_file_in_memory_does(on_disk):
    ours, theirs = on_disk
    assert ours.size == len(theirs.getvalue())
    for how in (
        lambda file: file.seek(0) or file.read(10),
        lambda file: (file.seek(-5, os.SEEK_END), file.read(), file.tell(), file.read()),
        lambda file: (file.seek(3), file.readline(), file.seek(2, os.SEEK_CUR), file.tell()),
        lambda file: (file.seek(0), file.readlines()),
        lambda file: (file.seek(0), list(file)),
        lambda file: (file.seek(7), file.getvalue(), file.tell(), bytes(file.getbuffer())),
        lambda file: (file.seek(1), file.readinto(buffer := bytearray(4)), bytes(buffer)),
    ):
        assert how(ours) == how(theirs)
    assert zipfile.ZipFile(ours).read("cat/1.txt") == b"first\nsecond\nthird"
    target = io.BytesIO()
    ours.seek(0)
    shutil.copyfileobj(ours, target)
    assert target.getvalue() == theirs.getvalue()


def test_two_who_read_one_upload_do_not_disturb_each_other(on_disk):
    first, archive = on_disk
    first.seek(4)
    second = copy.deepcopy(first)
    first.seek(0)
    assert (first.read(4), second.read(4)) == (archive.getvalue()[:4], archive.getvalue()[4:8])
    assert (second.name, second.size, second == first) == (first.name, first.size, True)


CHANGED = """
from streamlit import config
from playground.server import disk_uploads
disk_uploads.keep_on_disk()
print(config.get_option("server.maxUploadSize"))
config.get_config_options(force_reparse=True)
print(config.get_option("server.maxUploadSize"))
"""


def test_the_limit_holds_when_the_configuration_is_changed_under_a_running_server():
    small = os.environ | {"CNN_PLAYGROUND_SIZE": "small"}
    run = subprocess.run(
        [sys.executable, "-c", CHANGED], cwd=ROOT, env=small, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["100", "100"]


@pytest.mark.skipif(not disk_uploads.OPEN_FILES.exists(), reason="only Linux gives open files a path")
def test_a_file_without_a_name_has_a_path_to_map_it(on_disk):
    file, archive = on_disk
    file.seek(5)
    path = disk_uploads.path_of(file)
    assert path.read_bytes() == archive.getvalue()
    assert file.tell() == 5


def test_a_file_in_memory_is_as_before_and_can_be_copied(monkeypatch):
    monkeypatch.setattr(UploadedFile, "__new__", staticmethod(disk_uploads._new))
    file = UploadedFile(UploadedFileRec("id", "cat.png", "image/png", b"cat"), FileURLs())
    assert type(file) is UploadedFile
    assert (copy.deepcopy(file).read(), file.size) == (b"cat", 3)
    assert disk_uploads.path_of(file) is None


def test_files_that_this_server_does_not_have_are_left_out(monkeypatch):
    here, gone = UploadedFile(UploadedFileRec("a", "a.png", "image/png", b"a"), FileURLs()), DeletedFile("b")
    for value, files in ((None, []), (gone, []), (here, [here]), ([gone, here, gone], [here])):
        monkeypatch.setattr(disk_uploads.st, "session_state", {"files": value})
        assert disk_uploads.files_of("files") == files
