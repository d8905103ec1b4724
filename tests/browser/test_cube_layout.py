"""The cube and what stands beside it fit a phone and a screen, in the light and in the dark."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1366, True)])
def test_it_fits_a_phone_and_the_dark(visit: Any, width: int, dark: bool) -> None:
    one = visit("/normalization?nm_batch=8&nm_channels=8&nm_height=8&nm_width=8", width=width, dark=dark)
    assert one.problems() == []
    assert one.sideways() <= 0


@pytest.mark.parametrize(("part", "width", "dark"), [("Train vs. eval", 390, True), ("Before and after", 1366, False)])
def test_what_it_does_to_a_network_fits_as_well(visit: Any, part: str, width: int, dark: bool) -> None:
    one = visit(f"/normalization?part={part.replace(' ', '+')}", width=width, dark=dark)
    assert one.problems() == []
    assert one.sideways() <= 0
    assert len(one.page.query_selector_all("svg[role=img]")) >= 2
