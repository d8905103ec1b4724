"""Options are read while another thread holds Streamlit's lock, and are what Streamlit says they are."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit import config
from streamlit.testing.v1.util import patch_config_options

from playground.server import config_reads

NAME = "global.minCachedMessageSize"


@pytest.fixture(autouse=True)
def _unlocked(monkeypatch):
    monkeypatch.setattr(config, "get_option", config_reads._unlocked(config.get_option))


def test_no_thread_waits_for_another_that_reads():
    expected = config.get_config_options()[NAME].value
    with ThreadPoolExecutor(1) as other, config._config_lock:
        assert other.submit(config.get_option, NAME).result(timeout=60) == expected


def test_a_changed_option_is_read_and_an_unknown_one_refused(monkeypatch):
    monkeypatch.setattr(config.get_config_options()[NAME], "_get_val_func", lambda: 7.5)
    assert config.get_option(NAME) == 7.5
    with pytest.raises(RuntimeError, match="not defined"):
        config.get_option("global.noSuchOption")


def test_options_are_parsed_at_the_first_read(monkeypatch):
    monkeypatch.setattr(config, "_config_options", None)
    assert config.get_option("runner.postScriptGC") is False


def test_options_of_a_test_are_not_passed_over():
    """Else the first page that is tested in a process is not known to be one, and its controls cannot be moved."""
    with patch_config_options({"global.appTest": True}):
        config_reads.install.__wrapped__()
        assert config.get_option("global.appTest") is True
