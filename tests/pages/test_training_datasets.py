"""Pictures on the training page: every set as a card, nothing fetched unasked, and every strange thing one sentence."""

import io
import sys
import time
import zipfile

import pytest
from PIL import Image

from core.datasets import BUILT_IN, REMOTE, downloaded_bytes, is_downloaded, load
from core.datasets.reading.containers.folder import SHARED_FOLDERS
from playground import identity
from playground.job_manager import job_manager
from playground.training.data import downloads, tabs
from playground.training.data.tabs.cleaning import report_of
from tests.core.datasets.test_cleaning import made_archive
from tests.core.datasets.test_sources import GOOD, png, zipped
from tests.download_server import PETS
from tests.pages.helpers import choose_tab, labels, open_page, page_test, rerun_until

pytestmark = pytest.mark.usefixtures("own_server")
SIZE = {"tz": "32"}
PATIENCE = 240  # seconds


@pytest.fixture(autouse=True)
def _new_downloads():
    downloads.downloads.clear()


def button(page, label):
    return next(button for button in page.button if button.label == label)


def told(page):
    """All words on the page."""
    elements = (*page.markdown, *page.caption, *page.error, *page.info, *page.html)
    words = [str(element.value if hasattr(element, "value") else element.proto.body) for element in elements]
    return "\n".join([*words, *(expander.label for expander in page.expander)])


def table(page, column):
    """The table that has a column of that name."""
    return next(one.value for one in page.dataframe if column in one.value)


def until(page, words):
    """Run the page until it says these words."""
    return rerun_until(page, lambda: words in told(page), lambda: told(page), PATIENCE)


def browsing(**query):
    return button(open_page("training", **SIZE, **query), "More datasets / my photos").click().run()


# ------------------------------------------------------------------------------------------------ the gallery


def test_every_set_is_a_card_with_its_size_licence_and_source():
    page = browsing()
    assert not page.exception
    words = told(page)
    for entry in BUILT_IN.values():
        assert entry.title in words
        assert entry.credit in words
    for entry in REMOTE.values():
        assert f"**{entry.title}**" in words
        assert f"{entry.size_bytes / 1e6:,.2f} MB" in words
        assert entry.licence in words
        assert entry.source in words
        assert entry.checksum.partition(":")[2][:8] in words
    assert words.count("not downloaded") == labels(page).count("Download") == len(REMOTE)
    button(page, "Back to the dataset").click().run()
    assert "Ready-made datasets" not in told(page)


def test_opening_a_page_never_fetches_anything(server, offer):
    name = offer()
    page = page_test("training", ts=REMOTE[name].title, **SIZE).run()
    assert page.selectbox(key="ts").value == name
    assert "Not on this server yet" in told(page)
    button(page, "More datasets / my photos").click().run()
    for _ in range(3):
        page.run()
    assert not page.exception
    assert server.asked == []
    assert not is_downloaded(name)


def test_a_set_is_fetched_on_a_click_watched_cancelled_taken_up_and_used(server, offer):
    server.slow, name = 10.0, offer()
    page = page_test("training", ts=REMOTE[name].title, **SIZE).run()
    button(page, "Download").click().run()
    stranger = page_test("training", ts=REMOTE[name].title, **SIZE).run()
    assert "Cancel" in labels(page)
    assert "Cancel" not in labels(stranger), "nobody cancels what somebody else waits for"
    give_up = time.monotonic() + PATIENCE
    while not downloaded_bytes(name):
        assert time.monotonic() < give_up
        time.sleep(0.02)
    button(page, "Cancel").click().run()
    server.slow = 0.2
    until(page, "already downloaded")
    server.slow = 0.0
    button(page, "Resume").click().run()
    give_up = time.monotonic() + PATIENCE
    while not is_downloaded(name):
        assert time.monotonic() < give_up
        time.sleep(0.02)
    button(page, "More datasets / my photos").click().run()
    assert "on this server" in told(page)
    assert len([asked for asked in server.asked if not asked]) == 1
    uses = [button for button in page.button if button.label == "Use this dataset"]
    uses[-1].click().run()
    assert page.selectbox(key="ts").value == name
    assert "Ready-made datasets" not in told(page)


@pytest.mark.parametrize(
    ("status", "changes", "sentence"),
    [
        (404, {}, "responded 404"),
        (200, {"checksum": "md5:" + "00" * 16}, "it was discarded, try again"),
        (200, {"size_bytes": len(PETS) + 7}, "the dataset has changed"),
        (200, {"url": "http://127.0.0.1:9/pets.zip"}, "check the connection"),
    ],
)
def test_a_download_that_fails_is_one_sentence_and_a_new_button(server, offer, status, changes, sentence):
    server.status, name = status, offer(**changes)
    page = page_test("training", ts=REMOTE[name].title, **SIZE).run()
    button(page, "Download").click().run()
    until(page, sentence)
    assert len(page.error) == 1
    assert {"Download", "Resume"} & set(labels(page))


# ------------------------------------------------------------------------------------------------ one's own


def upload(page, name, data):
    uploader = next(one for one in page.file_uploader if "ZIP" in one.label)
    return uploader.set_value((name, data, "application/zip")).run()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This file is empty"),
        (b"no archive at all", "not a ZIP or tar archive"),
        (zipped({"readme.txt": b"x"}), "No images in class folders"),
        (zipped({"Cat/1.png": png(), "Cat/2.png": png()}), "Only one class was found"),
        (zipped({"../../Cat/1.png": png(), "/Dog/1.png": png()}), "Only one class was found, 'Dog'"),
        (zipped({**GOOD, "pets/Cat/bomb.bmp": bytes(60_000_000)}), "times its size"),
    ],
    ids=["empty", "no archive", "no pictures", "one class", "escapes", "bomb"],
)
def test_a_zip_that_is_no_set_is_one_sentence_and_nothing_of_it_stays(data, sentence):
    page = upload(open_page("training", **SIZE), "strange.zip", data)
    assert not page.exception
    assert [sentence in error.value for error in page.error] == [True]
    page.run()
    assert len(page.error) == 1, "it lies in the uploader still"
    assert page.selectbox(key="ts").value == "sketches"
    assert not list(job_manager().store.root.rglob("pictures.zip"))


def test_a_zip_of_ones_own_is_chosen_prepared_looked_through_and_let_go():
    page = upload(open_page("training", **SIZE), "<b>my</b> *pets*.zip", made_archive())
    assert not page.exception
    assert page.selectbox(key="ts").value == "own-1"
    assert r"\<b\>my" in told(page)
    assert "9 files; as 32×32 colour images they take at most 27.65 kB in memory" in told(page)
    until(page, "Left out: 2 files")
    assert dict(table(page, "Reason")[["Reason", "Files"]].values) == {"truncated": 1, "empty file": 1}
    for tab, words in zip(
        tabs.TABS,
        ("random guessing", "would delete **4 files**: **3 good**", "in two parts", "nearest-class-mean classifier"),
        strict=True,
    ):
        assert not choose_tab(page, "training-look", tab).exception
        assert words in told(page), tab
    button(page, "Remove").click().run()
    assert page.selectbox(key="ts").value == "sketches"
    assert not list(job_manager().store.root.rglob("pictures.zip"))


def again(page, **query):
    """The same browser at a new session: what the cookie says stands in for it."""
    other = page_test("training", **SIZE, **query)
    other.session_state[identity.NO_COOKIE] = page.session_state[identity.NO_COOKIE]
    return other.run()


def test_after_a_restart_of_the_server_an_upload_is_still_chosen_by_its_owner_and_nobody_else():
    page = upload(open_page("training", **SIZE), "pets.zip", zipped(GOOD))
    page = upload(page.selectbox(key="ts").set_value("sketches").run(), "pets.zip", zipped(GOOD))
    assert page.selectbox(key="ts").options[-2:] == ["pets.zip", "pets.zip (2)"]
    job_manager().close()
    job_manager.clear()
    after = again(page, ts="pets.zip (2)")
    assert not after.exception
    assert after.selectbox(key="ts").value == "own-2"
    assert page.session_state["training own sets"] == after.session_state["training own sets"]
    stranger = page_test("training", ts="pets.zip (2)", **SIZE).run()
    assert not stranger.exception
    assert stranger.selectbox(key="ts").value == "sketches"
    button(after, "Remove").click().run()
    assert after.selectbox(key="ts").options[-1] == "pets.zip"
    page.run()
    assert page.selectbox(key="ts").options[-1] == "pets.zip", "the other tab knows it too"
    last = again(page, ts="pets.zip (2)")
    assert last.selectbox(key="ts").options[-1] == "pets.zip"
    button(last.selectbox(key="ts").set_value("own-1").run(), "Remove").click().run()


def test_only_the_open_tab_is_computed(monkeypatch):
    page = until(open_page("training", **SIZE), "random guessing")
    report_of.clear()

    def cannot(*_):
        raise AssertionError("computed")

    monkeypatch.setattr(sys.modules[report_of.__module__], "inspect", cannot)
    assert not page.run().exception
    assert choose_tab(page, "training-look", list(tabs.TABS)[1]).exception, "once it is opened, it is computed"


def test_a_folder_where_that_is_allowed_and_the_reason_where_it_is_not(tmp_path, monkeypatch):
    with zipfile.ZipFile(io.BytesIO(made_archive())) as archive:
        archive.extractall(tmp_path / "sets" / "mine")
    monkeypatch.delenv(SHARED_FOLDERS, raising=False)
    monkeypatch.setattr("playground.training.data.own.folder.why_not_local", lambda *_: "This server serves others.")
    page = browsing()
    choose_tab(page, "training-own", page.tabs[1].label)
    assert "This server serves others." in page.info[0].value
    monkeypatch.setenv(SHARED_FOLDERS, str(tmp_path / "sets"))
    page.run()
    for text, sentence in (("/etc", "Only folders under"), (str(tmp_path / "sets" / "none"), "does not exist")):
        field = next(field for field in page.text_input if "Folder" in field.label)
        field.set_value(text)
        button(page, "Use this folder").click().run()
        assert sentence in page.error[0].value
    next(field for field in page.text_input if "Folder" in field.label).set_value(str(tmp_path / "sets" / "mine"))
    button(page, "Use this folder").click().run()
    assert page.selectbox(key="ts").value == "own-1"
    until(page, "Left out: 2 files")
    button(page, "Remove").click().run()
    assert (tmp_path / "sets" / "mine" / "a" / "1.jpg").exists(), "somebody's own folder is only read"


def test_photographs_become_classes_and_a_set():
    page = browsing()
    for name in ("mug", "a/b", "plant"):
        next(field for field in page.text_input if field.label == "Class name").set_value(name)
        button(page, "Add").click().run()
        assert [error.value for error in page.error] == (
            ["'a/b' cannot be the name of a folder because of the character '/': use letters and digits."]
            if name == "a/b"
            else []
        )
    assert button(page, "Use these photos").disabled
    for number, name in enumerate(("mug", "plant")):
        page.selectbox(key="photographs-of-2").set_value(name).run()
        uploader = next(one for one in page.file_uploader if one.label == f"Photos of {name}")
        files = [(f"{place}.png", png(10 * number + place), "image/png") for place in range(3)]
        uploader.set_value([*files, ("broken.jpg", b"<html>", "image/jpeg")])
        button(page, f"Add to {name}").click().run()
        assert f"**{name}**: 3 photos" in told(page)
        assert "1 of 4 files skipped. broken.jpg: This file is a web page" in page.error[0].value
    page.selectbox(key="photographs-of-2").set_value("mug").run()
    page.button_group(key="photographs-from").set_value("Camera").run()
    page.camera_input[0].set_value(("shot.jpg", photograph(), "image/jpeg")).run()
    page.run()
    assert "**mug**: 4 photos" in told(page), "the same shot is not kept twice"
    button(page, "Use these photos").click().run()
    assert not page.exception
    assert page.selectbox(key="ts").value == "own-1"
    until(page, "<b>7</b><span>images</span>")
    source = next(iter(page.session_state["training own sets"].values()))
    assert source.is_private
    assert load(source.path, 16).class_counts == {"mug": 4, "plant": 3}


def photograph():
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "JPEG")
    return file.getvalue()
