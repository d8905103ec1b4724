"""A browser is the same visitor tomorrow; another browser is another."""

import pytest
import streamlit as st

from playground import identity


@pytest.fixture
def asked(monkeypatch):
    """`asked(ours=..., streamlits=...)`: the name of a new session that comes with these cookies."""

    def ask(**cookies):
        names = {"ours": identity.COOKIE, "streamlits": identity.STREAMLITS}
        found = {names[name]: value for name, value in cookies.items()}
        monkeypatch.setattr(identity.st, "session_state", {})
        monkeypatch.setattr(type(st.context), "cookies", property(lambda self: found))
        return identity.owner()

    return ask


MASKED = "2|00000000|00112233445566778899aabbccddeeff|1700000000"
MASKED_ANEW = "2|ffffffff|ffeeddccbbaa99887766554433221100|1700009999"
OTHERS = "2|00000000|10112233445566778899aabbccddeeff|1700000000"


def test_the_first_visit_is_known_again_by_our_cookie(asked):
    first = asked(streamlits=MASKED)
    assert first == asked(streamlits=MASKED_ANEW), "the mask changes, the token stays"
    assert first == asked(ours="00112233445566778899aabbccddeeff", streamlits=OTHERS), "tomorrow, in a new session"
    assert first != asked(streamlits=OTHERS)


def test_the_name_does_not_tell_the_secret(asked):
    assert "00112233445566778899aabbccddeeff"[:24] != asked(streamlits=MASKED)
    assert len(asked(streamlits=MASKED)) == 24


@pytest.mark.parametrize("rubbish", ["", "../../etc", "zz" * 16, "ab", "0" * 500])
def test_a_made_up_cookie_is_nobody(asked, rubbish):
    assert asked(ours=rubbish) != asked(ours=rubbish), "each session is its own visitor"
