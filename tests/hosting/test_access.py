"""Nobody is let in without the secret, and without a secret nobody is."""

import hmac

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from playground.server import access, admin


def test_the_secret_and_nothing_else_is_right(secret):
    assert access.is_configured()
    assert access.is_admin(secret)
    assert not any(map(access.is_admin, ["", " ", secret[:-1], f"{secret} ", secret.upper(), "\udcff", "é" * 20]))


def test_without_a_secret_nothing_is_right(no_secret):
    assert not access.is_configured()
    assert not any(map(access.is_admin, ["", "None", "admin"]))
    assert not access.is_admin_header("Bearer ")


@pytest.mark.parametrize(
    ("header", "right"),
    [("Bearer {}", True), ("bearer  {} ", True), ("{}", False), ("Basic {}", False), ("Bearer", False), ("", False)],
)
def test_a_header_carries_the_secret_as_a_bearer_token(secret, header, right):
    assert access.is_admin_header(header.format(secret)) is right


def test_words_of_any_length_are_compared_in_the_same_time(secret, monkeypatch):
    lengths, compare = [], hmac.compare_digest

    def compared(first: bytes, second: bytes) -> bool:
        lengths.append((len(first), len(second)))
        return compare(first, second)

    monkeypatch.setattr(access.hmac, "compare_digest", compared)
    for given in ("", "a", secret, secret * 1000):
        access.is_admin(given)
    assert len(lengths) == 4
    assert len(set(lengths)) == 1


def test_a_secret_that_could_be_guessed_is_none(no_secret, monkeypatch, caplog):
    monkeypatch.setenv(access.VARIABLE, "password")
    assert not access.is_configured()
    assert not access.is_admin("password")
    assert "password" not in caplog.text
    assert "16 characters" in caplog.text


def test_the_secret_may_stand_among_streamlits(no_secret, monkeypatch):
    monkeypatch.setattr(st, "secrets", {access.SECRET: "of Streamlit, long enough"})
    assert access.is_admin("of Streamlit, long enough")


def admin_page():
    return AppTest.from_string("from playground.server import admin\nadmin.page()", default_timeout=300)


def test_strangers_see_the_question_alone(secret, monkeypatch):
    monkeypatch.setattr(admin, "WRONG_S", 0.0)
    page = admin_page()
    page.query_params["admin_secret"] = secret
    page.run()
    assert [field.label for field in page.text_input] == ["Admin secret"]
    assert not page.metric
    page.text_input[0].input("not the secret at all").run()
    page.button[0].click().run()
    assert [error.value for error in page.error] == ["That is not the admin secret of this server."]
    assert not page.metric


def test_the_admin_sees_sessions_runs_queue_and_memory(secret):
    page = admin_page().run()
    page.text_input[0].input(secret)
    page.button[0].click().run()
    assert not page.exception
    names = [metric.label for metric in page.metric]
    assert {"Sessions", "Server memory", "Worker memory", "Machine memory in use", "Running"} <= set(names)
    assert secret not in str(page.query_params)
    assert page.session_state[admin.SIGNED_IN] is True
    assert not page.text_input
    next(button for button in page.button if button.label == "Sign out").click().run()
    assert not page.metric
