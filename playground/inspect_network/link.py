"""The words for the address bar by which other pages lead to an image of a run on this page."""

from __future__ import annotations

from urllib.parse import urlencode

PAGE = "inspect_network"
RUN, PICTURE = "run", "picture"  # the run, and the image's index in its dataset


def link_to(run_id: str, index: int) -> str:
    """Where an image of a run is opened.

    >>> link_to("one", 7)
    'inspect_network?run=one&picture=7'
    """
    return f"{PAGE}?{urlencode({RUN: run_id, PICTURE: index})}"
