"""Components at the keyboard and for a screen reader. What axe-core says of every page is in test_pages.py."""

import pytest

from tests.browser import axe, chromium
from tests.browser.test_pages import PAGES, address

pytestmark = pytest.mark.browser
BARE = chromium.ROOT / "tests" / "browser" / "bare_app.py"
# All that can be seen to move: texts, attributes, what canvases show, and animations under way.
LOOK = """() => {
  const seen = [document.getAnimations().filter((one) => one.playState === 'running').length];
  const look = (root) => {
    for (const element of root.querySelectorAll('*')) {
      seen.push(element.tagName === 'CANVAS' ? element.toDataURL() : [...element.attributes].map((one) => one.value));
      if (!element.children.length) seen.push(element.textContent);
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document.querySelector('[data-testid=stMain]'));
  return JSON.stringify(seen);
}"""


@pytest.mark.soak
def test_what_is_left_out_is_streamlits_and_the_admin_gate_is_clean(browser):
    with chromium.serving(BARE) as url:
        page = chromium.new_page(browser)
        page.goto(url)
        chromium.settle(page)
        theirs = {(one["rule"], one["is_left_out"]) for one in axe.violations(page)}
        assert {(one.rule, True) for one in axe.STREAMLITS} <= theirs
        page.goto(f"{url}/admin")
        chromium.settle(page)
        page.get_by_label("Admin secret").wait_for()
        assert axe.in_both_themes(page) == []
        page.context.close()


def test_keys_move_the_kernel_on_the_cat_and_say_where_it_is_and_axe_sees_inside_of_components(visit):
    page = visit("/", reduced=True).page
    component, status = page.locator(".sliding-kernel"), page.locator(".sliding-kernel [role=status]")
    page.locator(".source .sheet").focus()
    for key in ("End", "PageUp"):
        before = status.inner_text()
        page.keyboard.press(key)
        page.wait_for_function("([box, before]) => box.textContent !== before", arg=[status.element_handle(), before])
    where = [component.get_attribute(f"data-{name}") for name in ("row", "column")]
    assert where == ["21", "117"]
    assert status.inner_text() == f"Row 21, column 117: {page.locator('.sliding-kernel .line').inner_text()}"
    component.evaluate("(box) => box.append(document.createElement('button'))")
    (only,) = axe.severe(page, ["button-name"])
    assert "<button></button>" in only


def test_a_kernel_is_one_stop_of_the_tab_key(visit):
    page = visit("/kernels?k=Sobel", reduced=True).page
    cells = page.locator(".grid input")
    cells.first.focus()
    for key, cell in (("ArrowDown", 3), ("End", 5), ("Home", 3), ("PageDown", 6), ("ArrowRight", 7), ("ArrowDown", 7)):
        page.keyboard.press(key)
        assert cells.nth(cell).evaluate("(cell) => cell.getRootNode().activeElement === cell"), key
    assert cells.evaluate_all("(cells) => cells.map((cell) => cell.tabIndex)") == [-1] * 7 + [0, -1]
    page.keyboard.type("5")
    page.keyboard.press("Home")  # within a number that is typed
    assert cells.nth(7).evaluate("(cell) => cell.getRootNode().activeElement === cell")
    page.keyboard.press("ArrowUp")
    assert cells.nth(7).input_value() == "5"


def test_curves_are_a_slider_that_reads_out_their_values(visit):
    page = visit("/gradients", reduced=True).page
    curves = page.locator(".curves .stage[role=slider]").first
    curves.focus()
    page.keyboard.press("End")
    assert curves.get_attribute("aria-valuenow") == curves.get_attribute("aria-valuemax")
    page.keyboard.press("ArrowLeft")
    step = int(curves.get_attribute("aria-valuemax")) - 1
    said = curves.get_attribute("aria-valuetext")
    assert said.startswith(f"layer = {step}; ")
    readout = page.locator(".curves .readout").first
    for row in readout.locator("tr").all()[1:]:
        name, *values = row.locator("th, td").all_inner_texts()
        assert f"{name.strip()} {', '.join(filter(None, values))}" in said


@pytest.mark.soak
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.file)
def test_nothing_moves_by_itself_for_those_who_want_less_motion(visit, page):
    found = visit(address(page), reduced=True)
    found.page.evaluate("() => document.fonts.ready.then(() => null)")
    looks = [found.page.evaluate(LOOK)]
    while len(looks) < chromium.PATIENCE_S // 2 and looks[-1] not in looks[:-1]:  # what is computed first may change it
        chromium.rest(found.page, 2000)
        looks.append(found.page.evaluate(LOOK))
    assert looks[-1] == looks[-2]
    chromium.rest(found.page, 2000)
    assert found.page.evaluate(LOOK) == looks[-1]


@pytest.mark.soak
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.file)
def test_every_page_and_every_tab_is_accessible_in_both_themes(visit, page):
    found = visit(address(page), reduced=True)
    assert axe.in_both_themes(found.page) == []
    for tab in found.page.locator("[data-testid=stMain] [role=tab]").all()[1:]:
        tab.click()
        found.settle()
        assert axe.in_both_themes(found.page) == [], tab.inner_text()
