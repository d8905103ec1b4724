"""What is refused anywhere on a page is one sentence, and the page goes on; nothing of the server is in it."""

import errno

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.job_manager import JobManager
from core.storage_errors import storage_sentence
from playground import startup
from playground.job_manager import job_manager
from tests.pages.helpers import open_page


def in_parts():
    import streamlit as st

    from core.errors import PlaygroundError
    from playground import lesson, refusal

    @lesson.fragment
    def part(error):
        raise error

    @refusal.toasted()
    def pressed():
        raise OSError(28, "No space left on device", "/srv/secret/path")

    part(OSError(30, "Read-only file system", "/srv/secret/path"))
    part(PlaygroundError("A [link](x) is no number."))
    st.button("press", on_click=pressed)
    st.write("the rest")


def test_fragments_and_buttons_say_what_is_wrong_in_a_sentence():
    app = AppTest.from_function(in_parts, default_timeout=300).run()
    assert [error.value for error in app.error] == [
        storage_sentence(OSError(errno.EROFS, "")),
        "A \\[link\\](x) is no number.",
    ]
    app.button[0].click().run()
    assert "disk is full" in app.toast[0].value
    assert "secret" not in f"{app.toast} {app.error}"
    assert app.markdown[-1].value == "the rest"
    assert not app.exception


def test_an_error_of_ours_is_not_hidden():
    def script():
        from playground import lesson

        with lesson.friendly():
            raise ConnectionResetError("a browser that left")

    assert AppTest.from_function(script, default_timeout=300).run().exception


@pytest.fixture
def _no_folder(tmp_path, monkeypatch):
    """A server whose cache folder is a file."""
    (tmp_path / "cache").write_text("a file")
    job_manager.clear()
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    yield
    job_manager.clear()


@pytest.mark.usefixtures("_no_folder")
def test_the_training_page_without_a_cache_folder_says_so_and_lessons_work():
    app = open_page("training")
    assert not app.exception
    assert "CNN_PLAYGROUND_CACHE" in app.error[0].value
    lesson = open_page("pooling")
    assert not lesson.exception
    assert not lesson.error


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_a_server_that_starts_on_a_bad_disk_logs_one_line(code, monkeypatch, caplog, tmp_path):
    def refuse(self, folder=None):
        raise OSError(code, "refused", str(tmp_path))

    (tmp_path / "training" / "queue").mkdir(parents=True)
    (tmp_path / "training" / "queue" / "1~cpu~a~b").touch()
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setattr(JobManager, "__init__", refuse)
    job_manager.clear()
    startup._look_after_runs()
    (record,) = [record for record in caplog.records if record.name == "playground.startup"]
    assert record.exc_info is None
    assert str(tmp_path) not in record.getMessage()
