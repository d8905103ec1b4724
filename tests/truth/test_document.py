"""docs/truth.md names every page, what it shows, and tests that exist."""

import pytest

from playground import catalog
from tests.truth import document


def test_every_page_has_its_file():
    assert document.pages() == [catalog.HOME, *catalog.LESSONS]


@pytest.mark.parametrize("page", document.pages(), ids=lambda page: page.file)
def test_what_a_page_shows_is_held_by_tests_that_exist(page):
    shown = document.shows(page)
    assert len(shown) >= (4 if page is catalog.HOME else 7)
    named = [place for places in shown.values() for place in places]
    assert [f"{file}::{name}" for file, name in named if name not in document.tests_in(file)] == []
    assert any(file == document.file_of(page) for places in shown.values() for file, _ in places)


def test_the_document_is_what_the_tests_say():
    said = document.TARGET.read_text(encoding="utf-8")
    assert said == document.written(), "run: python -m tests.truth.document"
