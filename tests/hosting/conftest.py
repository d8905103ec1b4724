"""The admin secret, set for one test."""

import pytest

from playground.server import access

SECRET = "a secret of the tests alone"


@pytest.fixture
def secret(monkeypatch):
    """The server's secret."""
    access._secret.cache_clear()
    monkeypatch.setenv(access.VARIABLE, SECRET)
    yield SECRET
    access._secret.cache_clear()


@pytest.fixture
def no_secret(monkeypatch):
    """A server without a secret."""
    access._secret.cache_clear()
    monkeypatch.delenv(access.VARIABLE, raising=False)
    yield
    access._secret.cache_clear()
