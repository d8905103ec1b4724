"""With `[auth]` in the secrets a visitor signs in at a provider, and finds their account's runs in any browser."""

import json
import os
import subprocess
import sys
import time

import pytest
from playwright.sync_api import expect

from core.jobs.job_spec import JobSpec, Source
from core.jobs.storage.run_store import RunStore
from playground import identity
from tests.browser import chromium
from tests.browser.identity_provider import CLIENT, providing
from tests.core.jobs.quick_runs import QUICK, SIZE

pytestmark = [pytest.mark.soak, pytest.mark.browser]
SECRETS = """[auth]
redirect_uri = "{url}/oauth2callback"
cookie_secret = "{secret}"
client_id = "{client}"
client_secret = "of the test"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


@pytest.fixture
def provider():
    pytest.importorskip("authlib", reason="needs deploy/requirements-sign-in.txt")
    with providing() as url:
        yield url


@pytest.fixture(params=["streamlit_app.py", "server.py"])
def site(request, provider, tmp_path):
    """The app with that provider in its secrets; its address and its cache folder."""
    port = chromium.free_port()
    url = f"http://127.0.0.1:{port}"
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(SECRETS.format(url=url, secret="s" * 40, client=CLIENT, provider=provider))
    options = ("--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1")
    command = [sys.executable, "-m", "streamlit", "run", request.param, *options, "--secrets.files", str(secrets)]
    environment = os.environ | {"CNN_PLAYGROUND_CACHE": str(tmp_path / "cache")}
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=chromium.ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            chromium.wait_for_answer(f"{url}/_stcore/health", server)
            yield url, tmp_path / "cache" / "training"
        finally:
            chromium.end(server)
    assert "Traceback" not in (tmp_path / "log").read_text()


def a_damaged_run(folder, owner):
    """The quickest thing to be seen under “Your runs”."""
    store = RunStore(folder)
    path = store.new_folder(owner, "arun")
    path.create(JobSpec("arun", owner, Source("S", "sketches"), SIZE, QUICK, "p.pt", time.time(), "gone"))
    (path.path / "order.json").write_text(json.dumps({}))


def test_an_account_has_its_runs_in_every_browser_and_nobody_else_does(site, provider, browser):
    url, folder = site
    a_damaged_run(folder, identity.named(f"{provider}\n17"))
    for _ in range(2):
        page = chromium.new_page(browser)
        page.goto(f"{url}/training")
        chromium.settle(page)
        expect(page.get_by_text("is damaged on the server's disk")).to_have_count(0)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{url}/")
        page.goto(f"{url}/training")
        chromium.settle(page)
        expect(page.get_by_text("Signed in as Ann")).to_be_visible()
        expect(page.get_by_text("is damaged on the server's disk")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{url}/")
        chromium.settle(page)
        page.goto(f"{url}/training")
        chromium.settle(page)
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(page.get_by_text("is damaged on the server's disk")).to_have_count(0)
        page.context.close()
