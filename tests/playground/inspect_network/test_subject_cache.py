"""What is computed of a subject is kept for everybody only where it is nobody's own."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.lessons.inspect_network import Subject

NOBODYS = Subject(
    torch.nn.Flatten(), ("a", "b"), torch.zeros(1, 3, 2, 2), np.zeros((2, 2, 3), np.uint8), "image", None, ("n", "i")
)
OWN = replace(NOBODYS, is_private=True)
OWN_NETWORK = replace(OWN, has_private_network=True)


@pytest.mark.parametrize(
    ("own", "expected"), [(4, ["image a", "own a", "image b"]), (0, ["image a", "own a", "own a", "image b"])]
)
def test_a_result_for_everybody_is_never_that_of_a_visitor(own, expected):
    def script():
        import streamlit as st

        from playground.inspect_network import subject_cache

        def named(subject, letter):
            name = f"{'own' if subject.is_private else 'image'} {letter}"
            st.session_state["computed"].append(name)
            return name

        st.cache_resource.clear()
        kept = subject_cache.cached(4, own=st.session_state["own"])(named)
        for subject, letter in st.session_state["calls"]:
            assert kept(subject, letter).endswith(f" {letter}")

    app = AppTest.from_function(script)
    app.session_state["computed"], app.session_state["own"] = [], own
    app.session_state["calls"] = [
        (NOBODYS, "a"),
        (NOBODYS, "a"),
        (OWN, "a"),
        (OWN, "a"),
        (NOBODYS, "a"),
        (NOBODYS, "b"),
    ]
    app.run()
    assert not app.exception
    assert app.session_state["computed"] == expected


def test_what_depends_on_the_network_alone_is_kept_for_all_its_images_but_not_for_others_where_it_is_a_visitors():
    def script():
        import streamlit as st

        from playground.inspect_network import subject_cache

        def image(subject, _unhashed):
            return f"{subject.key} {_unhashed}"

        st.cache_resource.clear()
        kept = subject_cache.cached_of_network(4)(image)
        st.session_state["results"] = [kept(*call) for call in st.session_state["calls"]]

    app = AppTest.from_function(script)
    subjects = [replace(one, key=("n", key)) for key, one in zip("abcd", [NOBODYS, OWN, OWN_NETWORK, OWN], strict=True)]
    app.session_state["calls"] = [(one, number) for number, one in enumerate(subjects)]
    app.run()
    assert not app.exception
    shared, own = "('n', 'a') 0", "('n', 'c') 2"
    assert app.session_state["results"] == [shared, shared, own, shared]
