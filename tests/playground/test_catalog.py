"""The catalogue: a course from home to the last lesson, and on to the tools."""

import itertools

import pytest

from playground import catalog


def test_following_the_next_links_visits_every_page_once_in_order():
    course, page = [], catalog.HOME
    while (page := catalog.next_lesson(page)) is not None:
        course.append(page)
    assert course == list(catalog.LESSONS)


def test_the_last_lesson_leads_on_to_the_tools():
    tools = [page for page in catalog.LESSONS if page.is_tool]
    *_, last = (page for page in catalog.LESSONS if not page.is_tool)
    assert [tool.file for tool in tools] == ["calculator", "training"]
    assert catalog.next_lesson(last) is tools[0]
    assert catalog.next_lesson(tools[-1]) is None


def test_sections_are_contiguous_and_in_course_order():
    runs = [section for section, _ in itertools.groupby(page.section for page in catalog.LESSONS)]
    assert runs == [section for section in catalog.SECTIONS if section in runs]


@pytest.mark.parametrize("page", catalog.LESSONS, ids=lambda page: page.file)
def test_every_page_can_be_found_and_says_what_it_shows(page):
    assert catalog.by_file(page.file) is page
    assert page.title
    assert page.icon.startswith(":material/")
    assert 20 <= len(page.blurb) <= 120
    assert page.blurb.endswith(".")


def test_names_are_unique():
    for field in ("file", "title", "icon"):
        values = [getattr(page, field) for page in catalog.LESSONS]
        assert len(set(values)) == len(values), field


def test_a_page_that_is_not_there_is_a_programming_error():
    with pytest.raises(LookupError):
        catalog.by_file("nowhere")
