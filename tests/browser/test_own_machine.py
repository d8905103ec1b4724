"""What `streamlit run streamlit_app.py` sends by itself, with nothing in front of it."""

import urllib.error
import urllib.request

import pytest

from playground import identity

pytestmark = pytest.mark.browser


def test_streamlits_metrics_are_not_open_to_strangers(app):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{app}/_stcore/metrics")


def test_a_browser_is_known_by_a_cookie_that_no_script_can_read(visit):
    found = visit("/training")
    (cookie,) = (one for one in found.page.context.cookies() if one["name"] == identity.COOKIE)
    assert cookie["httpOnly"]
    assert identity.COOKIE not in found.page.evaluate("document.cookie")
    found.page.reload()
    found.settle()
    assert [one["value"] for one in found.page.context.cookies() if one["name"] == identity.COOKIE] == [cookie["value"]]
    assert found.problems() == []
