"""What stands around every page: a copied link opens the same view, the theme stays, a frame and paper are plain."""

import pytest

pytestmark = pytest.mark.browser
COLOUR = "() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
WHITE, DARK = "rgb(255, 255, 255)", "rgb(17, 21, 31)"


def copied(found) -> str:
    found.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    found.page.get_by_role("button", name="Copy link").click()
    found.page.get_by_text("Copied", exact=True).wait_for()
    return found.page.evaluate("navigator.clipboard.readText()")


def test_a_copied_link_holds_a_held_cell_and_a_chosen_theme_stays(visit, app):
    first = visit("/normalization?nm_batch=3")
    first.page.get_by_role("radio", name="Unfolded").click()
    flat = first.page.locator(".cube .flat").bounding_box()
    first.page.mouse.click(flat["x"] + flat["width"] * 0.4, flat["y"] + flat["height"] * 0.5)
    head = first.page.locator(".cube.held .head").inner_text()
    link = copied(first)
    assert link.startswith(f"{app}/normalization?")
    second = visit(link.removeprefix(app))
    assert second.page.locator(".cube.held .head").inner_text() == head
    assert second.page.get_by_role("radio", name="Unfolded").get_attribute("aria-checked") == "true"
    second.page.get_by_role("radio", name="Dark").click()
    second.page.wait_for_function(f"({COLOUR})() === '{DARK}'")
    second.page.goto(f"{app}/pooling")
    second.settle()
    assert second.page.evaluate(COLOUR) == DARK
    second.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    second.page.wait_for_function(f"({COLOUR})() === '{WHITE}'")
    second.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    second.page.wait_for_function(f"({COLOUR})() === '{DARK}'")
    second.page.emulate_media(media="print")
    assert not second.page.get_by_role("button", name="Copy link").is_visible()
    assert f"{app}/pooling" in second.page.locator(".printed").inner_text()
    assert first.problems() == second.problems() == []


def test_a_page_in_a_frame_has_no_menu_and_a_link_to_the_full_page(visit, app):
    found = visit("/pooling?embed=true&po_kind=Lp", width=800, height=600)
    assert not found.page.locator("[data-testid=stSidebar]").is_visible()
    assert not found.page.get_by_role("button", name="Copy link").is_visible()
    assert not found.page.get_by_role("button", name="Download as notebook").is_visible()
    full = found.page.get_by_role("link", name="Open the full page")
    assert full.get_attribute("href") == f"{app}/pooling?po_kind=Lp"
    assert full.get_attribute("target") == "_blank"
    assert found.problems() == []
