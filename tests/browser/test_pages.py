"""Every page in Chromium: nothing goes wrong, all can use it, nothing scrolls sideways, links keep what was set."""

from urllib.parse import parse_qs, urlparse

import pytest

from playground import catalog
from tests.browser import axe, chromium, phone

pytestmark = pytest.mark.browser
PAGES = [catalog.HOME, *catalog.LESSONS]
WITHOUT_SHEET = ("home",)
# Words of every two cards of which one lies on the other.
OVERLAPS = """() => {
  const cards = [...document.querySelectorAll('[data-testid=stMetric]')];
  const boxes = cards.map((card) => [card.innerText, card.getBoundingClientRect()]).filter(([, box]) => box.width);
  const meets = (low, high) => (one, other) => one[low] < other[high] && other[low] < one[high];
  const [across, down] = [meets('left', 'right'), meets('top', 'bottom')];
  return boxes.flatMap(([words, one], at) => boxes.slice(at + 1)
    .filter(([, other]) => across(one, other) && down(one, other)).map(([others]) => [words, others]));
}"""


def address(page: catalog.Lesson) -> str:
    return "/" if page is catalog.HOME else f"/{page.file}"


def slider_values(found) -> list[str]:
    """What every slider stands at."""
    return found.page.eval_on_selector_all("input[type=range], [role=slider]", "all => all.map(one => one.value)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.file)
def test_page_opens_clean_is_accessible_and_fits_a_phone_a_laptop_and_a_laptop_at_200_percent(visit, page):
    dark = PAGES.index(page) % 2 == 1  # both of every page: test_accessibility, by `make soak`
    found = visit(address(page), **phone.SCREEN, dark=dark, touch=True)
    assert found.page.locator("h1").inner_text().strip()
    assert found.sideways() <= 0
    sheets, wrong = phone.sheets(found.page)
    assert wrong == []
    assert sheets or page.file in WITHOUT_SHEET
    assert phone.without_fade(found.page) == []
    assert phone.words_for_a_mouse(found.page) == []
    assert phone.covered_by_buttons(found.page) == []
    found.page.set_viewport_size({"width": 320, "height": 568})
    assert found.sideways() <= 0
    for width in (683, 1366):
        found.page.set_viewport_size({"width": width, "height": 900})
        chromium.come_to_rest(found.page)  # the menu slides in
        assert found.sideways() <= 0
        assert found.page.evaluate(OVERLAPS) == []
    axe.show_everything(found.page)
    assert axe.severe(found.page) == []
    assert found.problems() == []


def test_first_visitor_of_a_deep_link_comes_in_through_the_door(browser):
    lesson = catalog.LESSONS[0]
    with chromium.serving() as address_:
        page = chromium.new_page(browser)
        page.goto(f"{address_}/{lesson.file}")
        page.get_by_role("heading", name=lesson.title, level=1).wait_for()
        chromium.settle(page)
        titles = page.locator("[data-testid=stSidebarNavLink]").all_inner_texts()
        assert {title.split("\n")[-1].strip() for title in titles} >= {other.title for other in catalog.LESSONS}
        page.context.close()


def test_a_moved_slider_is_in_the_link_and_comes_back(visit):
    found = visit("/dense_to_conv")
    before = slider_values(found)
    found.page.get_by_role("slider").first.focus()
    found.page.keyboard.press("ArrowRight")
    found.settle()
    moved = slider_values(found)
    assert moved != before
    assert parse_qs(urlparse(found.page.url).query)
    found.page.reload()
    found.settle()
    assert slider_values(found) == moved
    assert found.problems() == []


def test_a_slider_moved_quickly_to_and_fro_does_not_stop_the_page(visit):
    found = visit("/gradients")
    for turn in range(8):
        found.page.locator(".st-key-ga_depth input[type=range]").focus()
        for _ in range(3):
            found.page.keyboard.press("ArrowRight" if turn % 2 else "ArrowLeft")
        found.settle()
    found.page.keyboard.press("ArrowLeft")
    found.page.get_by_text("depth, width = 19, 32").wait_for()
    assert found.problems() == []


def test_a_preset_moves_the_controls_and_is_in_the_link(visit):
    found = visit("/gradients")
    found.page.get_by_role("button", name="Dying ReLU").click()
    found.settle()
    told = slider_values(found)
    assert parse_qs(urlparse(found.page.url).query)["ga_depth"] == ["1"]
    found.page.reload()
    found.settle()
    assert slider_values(found) == told
    assert "1" in told
    assert found.page.get_by_test_id("stBaseButton-primary").first.inner_text() == "Dying ReLU"
    assert found.problems() == []


def test_a_spoilt_link_opens_the_default(visit):
    plain = visit("/dense_to_conv")
    spoilt = visit("/dense_to_conv?dc_size=garbage&dc_kernel=nothing&dc_padding=&dc_side=99999&dc_k=nan&dc_ch=x")
    assert spoilt.problems() == []
    assert slider_values(plain) == slider_values(spoilt)


def test_the_way_on_is_one_click(visit):
    lesson = catalog.LESSONS[0]
    following = catalog.next_lesson(lesson)
    found = visit(address(lesson))
    found.page.get_by_role("link", name=f"Next: {following.title}").click()
    found.page.get_by_role("heading", name=following.title, level=1).wait_for()
    assert urlparse(found.page.url).path == address(following)
