"""docs/truth.md names every page, what it shows, and tests that exist."""

import pytest

from playground import catalog
from tests.truth import document

# Pages whose file is still to be written.
NOT_YET: set[str] = set()


def test_every_page_has_its_file():
    assert {page.file for page in catalog.LESSONS} - {page.file for page in document.pages()} <= NOT_YET


@pytest.mark.parametrize("page", document.pages(), ids=lambda page: page.file)
def test_what_a_page_shows_is_held_by_tests_that_exist(page):
    shown = document.shows(page)
    assert len(shown) >= 5
    for file, name in [place for places in shown.values() for place in places]:
        tests = document.tests_in(file)
        assert name in tests if name else tests, f"{file}::{name}"
    assert any(file == document.file_of(page) for places in shown.values() for file, _ in places)


def test_the_document_is_what_the_tests_say():
    said = document.TARGET.read_text(encoding="utf-8")
    assert said == document.written(), "run: python -m tests.truth.document"
