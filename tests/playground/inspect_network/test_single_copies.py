"""Of each model there is one copy, as long as anybody holds it."""

import gc
import weakref

import streamlit as st
from torch import nn

from playground.inspect_network import untrained
from playground.inspect_network.single_copies import SingleCopies


def test_it_is_the_same_while_somebody_holds_it_and_goes_with_the_last():
    copies, built = SingleCopies(), []

    def build() -> nn.Module:
        built.append(1)
        return nn.Linear(2, 2)

    one = copies.get("one", build)
    assert copies.get("one", build) is one
    assert copies.get("other", build) is not one
    assert len(built) == 2
    alive = weakref.ref(one)
    del one
    gc.collect()
    assert alive() is None
    copies.get("one", build)
    assert len(built) == 3


def test_a_network_that_a_session_holds_is_not_built_again_when_the_cache_has_let_it_go():
    st.cache_resource.clear()
    name = next(iter(untrained.sources()))
    held = untrained._network(name)
    st.cache_resource.clear()
    assert untrained._network(name) is held
