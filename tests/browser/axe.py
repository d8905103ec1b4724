"""axe-core on a page: what it objects to, in both themes, what Streamlit itself draws left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from axe_playwright_python.base import AXE_SCRIPT

from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Streamlits(NamedTuple):
    """A rule that Streamlit breaks in elements of its own; `test_what_is_left_out_is_streamlits` shows each."""

    rule: str
    selector: str
    why: str


STREAMLITS = (
    Streamlits("list", "[data-testid=stSidebarNavItems]", "a menu with sections is an `ul` with `div`s in it"),
    Streamlits("listitem", "[data-testid=stSidebarNavItems] li", "and so its items are not children of the `ul`"),
    Streamlits("scrollable-region-focusable", ".stCode pre", "long lines of code scroll in a `pre` without tabindex"),
)
SEVERE = ("serious", "critical")
# Everything has been on the screen once, so that what is drawn only when it is seen is there.
_SCROLL = """async () => {
  const main = document.querySelector('[data-testid=stMain]');
  for (let y = 0; y < main.scrollHeight; y += 0.8 * main.clientHeight) {
    main.scrollTo(0, y);
    await new Promise((done) => setTimeout(done, 50));
  }
  main.scrollTo(0, 0);
}"""
_SCHEME = "() => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme"
_RUN = """async ([rules, left_out]) => {
  const only = rules ? { runOnly: { type: 'rule', values: rules } } : {};
  const { violations } = await axe.run({ resultTypes: ['violations'], ...only });
  const is_left_out = (rule, target) => target.length === 1 && left_out.some(([name, selector]) =>
    name === rule && document.querySelector(target[0])?.matches(selector));
  return violations.flatMap(({ id, impact, nodes }) => nodes.map(({ target, html, any, all, none }) => ({
    rule: id, impact, html: html.slice(0, 200), target: String(target.at(-1)).slice(-200),
    why: [...any, ...all, ...none].map((check) => check.message).join(' '), is_left_out: is_left_out(id, target),
  })));
}"""


def violations(page: Page, rules: list[str] | None = None) -> list[dict[str, str | bool]]:
    """All violations of the page as it is now, shadow roots included; `rules` are all but the experimental ones."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(_RUN, [rules, [[one.rule, one.selector] for one in STREAMLITS]])


def severe(page: Page, rules: list[str] | None = None) -> list[str]:
    """Ours that are serious or critical, and headings out of order, each as a line."""
    return [
        f"{one['rule']}: {one['why']} {one['html']} ({one['target']})"
        for one in violations(page, rules)
        if not one["is_left_out"] and (one["impact"] in SEVERE or one["rule"] == "heading-order")
    ]


def show_everything(page: Page) -> None:
    """Scroll through the page once."""
    page.evaluate(_SCROLL)
    chromium.settle(page)


def in_both_themes(page: Page) -> list[str]:
    """The same, everything having been seen: all rules in the theme that is open, then contrast in the other."""
    show_everything(page)
    found = severe(page)
    first = page.evaluate(_SCHEME)
    other = {"light": "dark", "dark": "light"}[first]
    turn(page, other)
    return found + [f"{other}: {line}" for line in severe(page, ["color-contrast"])]


def turn(page: Page, scheme: str) -> None:
    """Make the page light or dark, and wait until its last colour has changed."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(f"(scheme) => ({_SCHEME})() === scheme", arg=scheme)
    chromium.come_to_rest(page, 600)
