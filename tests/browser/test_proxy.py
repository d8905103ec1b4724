"""nginx as it is shipped, in front of two servers on one cache folder: headers, closed doors, one server a browser."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser import chromium
from tests.browser.visit import Visit
from tests.hosting import proxied

pytestmark = pytest.mark.skipif(
    proxied.nginx() is None, reason="no nginx on this machine (apt-get install nginx-light)"
)
COOKIE = "playground_server"


@dataclass
class Site:
    """The proxy's address, the servers behind it, and which of them answered so far."""

    url: str
    servers: list[proxied.AppServer]
    folder: Path

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=chromium.PATIENCE_S)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def who_answered(self, path: str, **headers: str) -> str:
        """The address of the server behind that answered, by the log, which has it a moment after the browser."""
        before = len(self.logged())
        self.get(path, **headers)
        until = time.monotonic() + chromium.PATIENCE_S
        while len(self.logged()) == before and time.monotonic() < until:
            time.sleep(0.01)
        return self.logged()[-1].split()[-1]

    def logged(self) -> list[str]:
        return (self.folder / "access.log").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("nginx")
    with (
        proxied.app_server(folder / "first.log") as first,
        proxied.app_server(folder / "second.log") as second,
        proxied.proxy(folder, [first.address, second.address]) as url,
    ):
        yield Site(url, [first, second], folder)


def test_a_page_may_be_framed_by_others_only_where_it_is_embedded(site):
    page = site.get("/kernels?k=5")
    assert page.status == 200
    assert page.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert page.headers.get_all("X-Frame-Options") == ["SAMEORIGIN"]
    assert page.headers.get_all("Content-Security-Policy") == ["frame-ancestors 'self'"]
    embedded = site.get("/kernels?k=5&embed=true")
    assert embedded.headers.get_all("Content-Security-Policy") == ["frame-ancestors *"]
    assert "X-Frame-Options" not in embedded.headers
    assert embedded.headers.get_all("X-Content-Type-Options") == ["nosniff"]


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/_stcore/metrics", "/_stcore/metrics/", "//_stcore/metrics"]
)
def test_strangers_find_no_metrics_and_neither_does_a_secret_through_the_proxy(site, path):
    assert site.get(path).status == 404
    assert site.get(path, Authorization=f"Bearer {proxied.SECRET}").status == 404


def test_a_server_itself_shows_metrics_for_the_secret_alone(site):
    address = site.servers[0].address
    for path in ("/metrics", "/_stcore/metrics"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://{address}{path}")
        asked = urllib.request.Request(f"http://{address}{path}", headers={"Authorization": f"Bearer {proxied.SECRET}"})
        with urllib.request.urlopen(asked) as answer:
            assert b"# TYPE" in answer.read()


def test_health_is_open_to_everybody(site):
    assert site.get("/healthz").status == 200
    assert site.get("/_stcore/health").status == 200


def test_a_browser_with_the_cookie_stays_with_its_server_and_browsers_are_spread(site):
    given = site.get("/").headers.get_all("Set-Cookie")
    assert all("HttpOnly" in cookie for cookie in given)
    cookies = [cookie.split(";")[0] for cookie in given]
    (cookie,) = (cookie for cookie in cookies if cookie.startswith(COOKIE))
    again = site.get("/", Cookie="; ".join(cookies)).headers.get_all("Set-Cookie")
    assert [one for one in again if one.startswith(COOKIE)] == [], "it is given once; ours is renewed"
    assert len({site.who_answered("/healthz", Cookie=cookie) for _ in range(10)}) == 1
    others = {site.who_answered("/healthz", Cookie=f"{COOKIE}={number:032x}") for number in range(40)}
    assert others == {server.address for server in site.servers}


def test_a_browser_without_cookies_stays_with_its_server_too(site):
    browsers = [f"browser {number}" for number in range(40)]  # by chance, eight have all had the same server
    kinds = [{site.who_answered("/healthz", **{"User-Agent": name}) for _ in range(3)} for name in browsers]
    assert all(len(servers) == 1 for servers in kinds)
    assert set().union(*kinds) == {server.address for server in site.servers}


def test_what_visitors_type_is_in_no_log(site):
    assert site.who_answered("/calculator?ca_text=a-network-of-mine")
    assert any("/calculator" in line for line in site.logged())
    logs = [site.folder / "access.log", *(server.log for server in site.servers)]
    assert all("a-network-of-mine" not in log.read_text(encoding="utf-8") for log in logs)
    assert all(proxied.SECRET not in log.read_text(encoding="utf-8") for log in logs)


def sessions(server: proxied.AppServer) -> float:
    return server.metric("cnn_playground_sessions")


def wait_until(visit: Visit, condition: Callable[[], bool]) -> None:
    """Wait in the page's time, at most as long as its patience."""
    for _ in range(2 * chromium.PATIENCE_S):
        if condition():
            return
        visit.page.wait_for_timeout(500)
    pytest.fail("it never came so far")


@pytest.mark.browser
def test_the_admin_view_is_in_no_menu_and_its_secret_in_no_link(site, browser):
    visit = Visit(chromium.new_page(browser), f"{site.url}/admin")
    links = visit.page.locator("[data-testid=stSidebarNavLink]").all_inner_texts()
    assert len(links) > 10
    assert not any("Server status" in link for link in links)
    visit.page.get_by_label("Admin secret", exact=True).fill(proxied.SECRET)
    visit.page.get_by_role("button", name="Sign in").click()
    visit.page.get_by_text("Machine memory in use").wait_for()
    assert visit.page.url == f"{site.url}/admin"
    assert visit.problems() == []
    visit.page.context.close()


@pytest.mark.browser
def test_an_upload_larger_than_nginx_takes_by_itself_reaches_the_server_of_its_session(site, browser, tmp_path):
    picture = tmp_path / "noise.png"  # it does not compress
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (900, 900, 3), np.uint8)).save(picture)
    assert picture.stat().st_size > 1 << 20
    visit = Visit(chromium.new_page(browser), f"{site.url}/kernels?p_pic=My+own+file")
    visit.page.locator("input[type=file]").first.set_input_files(picture)
    visit.page.get_by_text("noise.png").first.wait_for()
    visit.settle()
    assert not visit.page.get_by_text("Until you choose one").count()
    assert visit.problems() == []
    visit.page.context.close()


def move_a_slider(visit: Visit) -> None:
    address = visit.page.url
    visit.page.get_by_role("slider").first.focus()
    visit.page.keyboard.press("ArrowRight")
    visit.settle()
    assert visit.page.url != address


@pytest.mark.browser
def test_when_a_server_is_killed_its_visitors_go_on_at_the_other(site, browser):
    """Last in this file: only one server is left afterwards."""
    visit = Visit(chromium.new_page(browser), f"{site.url}/dense_to_conv")
    assert visit.problems() == []
    move_a_slider(visit)
    wait_until(visit, lambda: sum(map(sessions, site.servers)) == 1)
    serving = next(server for server in site.servers if sessions(server))
    (other,) = (server for server in site.servers if server is not serving)
    before = visit.page.url
    serving.process.kill()
    serving.process.wait()
    wait_until(visit, lambda: sessions(other) == 1)
    visit.settle()
    assert visit.page.url == before
    move_a_slider(visit)
    assert not visit.page.locator("[data-testid=stException]").count()
    visit.page.context.close()
