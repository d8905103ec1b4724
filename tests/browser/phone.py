"""What has to hold on a phone, asked of an open page: controls beside their effect, fades, words for a finger."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCREEN = {"width": 390, "height": 844}
MOST = 0.45  # of the screen, for the controls
HEADER = 60  # px
_ALL = """(() => {
  const list = [];
  const walk = (root) => root.querySelectorAll('*').forEach((one) => {
    list.push(one);
    if (one.shadowRoot) walk(one.shadowRoot);
  });
  walk(document.querySelector('[data-testid=stMain]'));
  return list.filter((one) => one.matches('.lesson-sheet') || one.checkVisibility());
})()"""
# With a row of controls and their effect at the top of the screen: what is wrong with its controls.
_SHEETS = f"""([most, header]) => {{
  const main = document.querySelector('[data-testid=stMain]');
  const wrong = [];
  const sheets = {_ALL}.filter((one) => one.matches('.lesson-sheet, details.sheet'));
  for (const handle of sheets) {{
    const sheet = handle.matches('.sheet') ? handle : handle.closest('.stVerticalBlock').parentElement;
    const row = sheet.parentElement, root = sheet.getRootNode();
    if (!sheet.offsetHeight || getComputedStyle(sheet).position !== 'sticky') wrong.push('a sheet that does not stay');
    main.scrollTop += row.getBoundingClientRect().top - header;
    const within = (x, y, box) => box.contains(root.elementFromPoint(x, y));
    const check = (name) => {{
      const box = sheet.getBoundingClientRect(), above = (header + box.top) / 2;
      if (box.bottom > innerHeight + 1) wrong.push(`${{name}}: below the screen, ${{box.bottom}}`);
      if (box.height > most * innerHeight + 1) wrong.push(`${{name}}: too high, ${{box.height}}`);
      const isSeen = within(innerWidth / 2, above, row) && !within(innerWidth / 2, above, sheet);
      if (!isSeen) wrong.push(`${{name}}: no effect`);
    }};
    check('a sheet');
    for (const slider of sheet.querySelectorAll('input[type=range]:enabled')) {{
      if (!slider.checkVisibility()) continue;
      slider.focus();
      const track = slider.closest('.stSlider [role=group]') ?? slider;
      const box = track.getBoundingClientRect(), [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      check(slider.ariaLabel ?? 'a slider');
      const isHidden = !within(x, y, sheet) || within(x, y, handle.querySelector('summary'));
      if (isHidden) wrong.push(`${{slider.ariaLabel}}: hidden`);
    }}
  }}
  main.scrollTop = 0;
  return [sheets.length, wrong];
}}"""
_FADES = f"""() => {_ALL}
  .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1 && !one.closest('[role=tablist]')
    && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX))
  .filter((one) => {{
    const look = getComputedStyle(one.matches('.dvn-scroller') ? one.parentElement : one);
    return !look.maskImage.includes('gradient') || parseFloat(look.getPropertyValue('--more-behind')) === 0;
  }})
  .map((one) => `${{one.tagName}} ${{one.className}} ${{one.innerText.slice(0, 40)}}`)"""
_WORDS = f"""() => {_ALL}
  .filter((one) => one.childElementCount === 0 && !['STYLE', 'SCRIPT'].includes(one.tagName))
  .map((one) => one.textContent)
  .filter((text) => /\\b(hover|mouse|point at|double-click|(?<!tap, )click)\\b/i.test(text))"""

_COVERED = """() => {
  const box = (one) => one.getBoundingClientRect();
  const cross = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const meet = (a, b) => a.width && b.width && cross(a, b);
  return [...document.querySelectorAll('.js-plotly-plot')].flatMap((chart) => {
    const buttons = [...chart.querySelectorAll('.modebar-btn')].map(box);
    return [...chart.querySelectorAll('text')]
      .filter((text) => buttons.some((button) => meet(button, box(text))))
      .map((text) => text.textContent);
  });
}"""


def sheets(page: Page) -> tuple[int, list[str]]:
    """How many sheets of controls the page has, and what is wrong with them."""
    count, wrong = page.evaluate(_SHEETS, [MOST, HEADER])
    return count, wrong


def without_fade(page: Page) -> list[str]:
    """What scrolls sideways and does not say so."""
    return page.evaluate(_FADES)


def words_for_a_mouse(page: Page) -> list[str]:
    """What speaks of a mouse to a finger."""
    return page.evaluate(_WORDS)


def covered_by_buttons(page: Page) -> list[str]:
    """The words of charts that lie under a chart's buttons, which do not go away where nothing hovers."""
    return page.evaluate(_COVERED)
