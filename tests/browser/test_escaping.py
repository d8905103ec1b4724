"""Whatever somebody else wrote stands on the page as text and as nothing else."""

from pathlib import Path

from playground.escaping import BREAK
from tests.browser import chromium
from tests.hostile import WORDS

INSIDE = """element => [
  element.textContent,
  [...element.querySelectorAll('*')].map((child) => child.tagName).filter((tag) => tag !== 'P'),
]"""


def test_hostile_words_are_shown_and_do_nothing(browser):
    with chromium.serving(Path(__file__).with_name("escaping_app.py")) as url:
        page = chromium.new_page(browser)
        page.goto(url)
        page.locator(f".st-key-label-{len(WORDS) - 1}").wait_for()
        chromium.settle(page)
        for number, words in enumerate(WORDS):
            line = " ".join(words.split())
            for where, shown in (("alone", line), ("within", f"before {line} after"), ("label", line)):
                element = page.locator(f".st-key-{where}-{number} [data-testid=stMarkdownContainer]").first
                text, tags = element.evaluate(INSIDE)
                assert (text.strip().replace(BREAK, ""), tags) == (shown, []), where
        page.context.close()
