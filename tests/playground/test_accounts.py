"""Signing in is off unless it is set up; then runs follow the account and no browser's runs are anybody else's."""

import pytest
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit.testing.v1 import AppTest

from playground import accounts, identity

ANN = {"is_logged_in": True, "iss": "https://id.example", "sub": "17", "name": "Ann *A*"}


class Secrets(dict):
    """Streamlit's, with or without a file."""

    def __contains__(self, key):
        if not self.keys():
            raise StreamlitSecretNotFoundError("no file")
        return key in self.keys()


@pytest.fixture
def signed_in(monkeypatch):
    """`signed_in(user, **secrets)`: the visitor's name on a server with these secrets."""

    def enter(user, has_library=True, **secrets):
        accounts.is_configured.cache_clear()
        monkeypatch.setattr(accounts.st, "secrets", Secrets(secrets))
        monkeypatch.setattr(accounts.st, "user", user)
        monkeypatch.setattr(accounts.importlib.util, "find_spec", lambda name: object() if has_library else None)
        monkeypatch.setattr(identity.st, "session_state", {})
        return identity.owner()

    yield enter
    accounts.is_configured.cache_clear()


def test_runs_follow_the_account_and_not_the_browser(signed_in):
    first = signed_in(ANN, auth={})
    assert first == signed_in(ANN, auth={}), "from another browser"
    assert first != signed_in(ANN | {"sub": "18"}, auth={})
    assert first != signed_in(ANN | {"iss": "https://another.example"}, auth={})
    assert first != signed_in({"is_logged_in": False}, auth={})
    assert len(first) == 24


@pytest.mark.parametrize("secrets", [{}, {"admin_secret": "x"}])
def test_without_the_section_nobody_is_signed_in_and_nothing_is_offered(secrets, signed_in):
    assert signed_in(ANN, **secrets) != signed_in(ANN, **secrets)
    assert not accounts.is_configured()


def test_without_the_library_it_is_off_and_the_log_says_why(signed_in, caplog):
    assert signed_in(ANN, has_library=False, auth={}) != signed_in(ANN, has_library=False, auth={})
    assert "Authlib is missing" in caplog.text


@pytest.mark.parametrize("user", [{}, {"is_logged_in": True}, ANN | {"sub": ""}, ANN | {"iss": None}])
def test_an_account_without_a_name_is_nobodys(user, signed_in):
    assert signed_in(user, auth={}) != signed_in(user, auth={})


@pytest.mark.parametrize(("user", "label"), [(ANN, "Sign out"), ({"is_logged_in": False}, "Sign in")])
def test_the_page_offers_the_other_state(user, label, signed_in):
    signed_in(user, auth={})
    app = AppTest.from_string("from playground import accounts\naccounts.offer()", default_timeout=300).run()
    assert [button.label for button in app.button] == [label]
    assert not any("*A*" in caption.value for caption in app.caption), "a name is no Markdown"
