"""Every parameter of every page with words that no control can have: the page opens, without an exception."""

import random

import pytest

from playground import catalog, link_aliases
from tests.hostile_input.widget_values import JSON, TEXTS
from tests.pages.helpers import open_page
from tests.pages.test_hostile_links import keys
from tests.pages.test_old_links import LINKS

PAGES = [page.file for page in (catalog.HOME, *catalog.LESSONS)]
NUMBERS = ("inf", "-inf", "1e400", "nan", "-0", "1e308", "9" * 400, "0x10", "١٢", "1_000", "1,2", "-1", "0.1e-400")
OWN = {"calculator": {"ca_net": "Your own", "ca_in": "3x32x32"}}  # a text of one's own has a key only then

WITHOUT_CONTROL = {  # what tables, drawings and buttons put into the address
    "calculator": {"ca_row", "ca_colour", "ca_edits", "cs_row"},
    "inspect_network": {"run", "picture"},
    "kernels": {"r_mine"},
    "training": {"run", "shared", "th"},
}


def parameters(page: str) -> list[str]:
    """The names that the controls of a page have or had in the address, from the page and from its old links."""
    known = keys(open_page(page)) | keys(open_page(page, **OWN.get(page, {}))) | set(link_aliases.ALIASES.get(page, {}))
    known |= WITHOUT_CONTROL.get(page, set())
    return sorted(known | {key for file, query, _ in LINKS if file == page for key in query})


@pytest.mark.soak
@pytest.mark.parametrize("page", PAGES)
def test_no_word_in_a_link_breaks_a_page(page):
    dice, names = random.Random(page), parameters(page)
    for _ in range(60):
        chosen = dice.sample(names, dice.randint(1, len(names))) if names else []
        query = {name: dice.choice((*NUMBERS, *TEXTS, *JSON)) for name in chosen}
        app = open_page(page, **query)
        assert not app.exception, query
