"""The catalogue: a course from home to the last lesson, tools apart."""

import itertools

import pytest

from playground import catalog


def test_following_the_way_on_visits_every_lesson_once_in_order():
    course, page = [], catalog.HOME
    while (page := catalog.next_lesson(page)) is not None:
        course.append(page)
    assert course == [page for page in catalog.LESSONS if not page.is_tool]


def test_tools_stand_apart():
    tools = [page for page in catalog.LESSONS if page.is_tool]
    assert tools
    assert all(catalog.next_lesson(tool) is None for tool in tools)


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
