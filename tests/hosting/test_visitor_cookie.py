"""A browser's secret comes with the page, no script can read it, and it is sent to nobody else."""

from http.cookies import SimpleCookie

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response

from playground import identity
from playground.server.visitor_cookie import VisitorCookie
from tests.hosting.asgi import get

MINE = "00112233445566778899aabbccddeeff"


def cookie_of(response=None, **headers):
    answer = get(VisitorCookie(response or HTMLResponse("<p>a page</p>")), "/training", **headers)
    if "set-cookie" not in answer.headers:
        return None
    assert "private" in answer.headers["cache-control"], "no proxy may hand it to another"
    return SimpleCookie(answer.headers["set-cookie"])[identity.COOKIE]


def test_each_new_browser_gets_a_secret_of_its_own_that_identity_accepts():
    first, second = cookie_of(), cookie_of()
    assert first.value != second.value
    assert identity.SECRET.fullmatch(first.value)
    assert (bool(first["httponly"]), first["samesite"], first["path"]) == (True, "Lax", "/")
    assert int(first["max-age"]) > 100 * 86_400
    assert not first["secure"]


def test_a_known_browser_keeps_its_own_and_a_made_up_one_is_replaced():
    assert cookie_of(cookie=f"a=b; {identity.COOKIE}={MINE}").value == MINE
    for rubbish in ("", "xyz", MINE.upper(), f"{MINE} ; Domain=evil", "0" * 500):
        assert cookie_of(cookie=f"{identity.COOKIE}={rubbish}").value not in ("", rubbish)


@pytest.mark.parametrize(("protocol", "secure"), [("https", True), ("https, http", True), ("http", False)])
def test_behind_https_it_is_sent_over_https_alone(protocol, secure):
    assert bool(cookie_of(**{"x-forwarded-proto": protocol})["secure"]) is secure


@pytest.mark.parametrize(
    "response",
    [JSONResponse({}), Response("a", media_type="text/css"), HTMLResponse("no", 404)],
    ids=["json", "css", "404"],
)
def test_only_pages_carry_it(response):
    assert cookie_of(response) is None


def test_a_script_sets_the_cookie_only_where_it_did_not_come_with_the_page(monkeypatch):
    mounted, cookies = [], {}
    monkeypatch.setattr(identity, "keep_cookie", lambda name, value: mounted.append(value))
    monkeypatch.setattr(type(identity.st.context), "cookies", property(lambda self: cookies))
    monkeypatch.setattr(identity.st, "session_state", {})
    monkeypatch.setattr(identity, "_comes_with_page", True)
    identity.remember()
    assert len(mounted) == 1, "the browser had the page in its cache, and no cookie"
    cookies[identity.COOKIE] = MINE
    monkeypatch.setattr(identity.st, "session_state", {})
    identity.remember()
    assert len(mounted) == 1
    monkeypatch.setattr(identity, "_comes_with_page", False)
    identity.remember()
    assert mounted[1:] == [MINE], "renewed where nobody else does it"
