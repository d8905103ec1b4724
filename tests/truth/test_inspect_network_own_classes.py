"""The tab on one's own classes: what it says of the network is what the network does, in every other tab, too."""

import re

import numpy as np
import pytest
import torch

from core.explain import cam
from core.models.efficient.pretrained import preprocess
from core.percent import percent
from playground.components.live_camera import MOST_BYTES, decoded
from playground.inspect_network.own_classes import views
from playground.inspect_network.own_classes.collection import NETWORK
from tests.pages.helpers import choose_tab, components, labels, open_page

HEAD = "data:image/jpeg;base64,"

TAB = "My classes"


@pytest.fixture(scope="module")
def page():
    opened = open_page("inspect_network", part=TAB)
    next(button for button in opened.button if button.label == "Use two example classes").click().run()
    assert not opened.exception
    return opened


def test_words_count_what_the_network_classifies(page):
    own = page.session_state[NETWORK]
    said = next(block.value for block in page.markdown if block.value.startswith("Trained on"))
    count, correct, left, of = map(
        int, re.search(r"on (\d+) .*; (\d+) of them .*\*\*(\d+) of (\d+)\*\*", said).groups()
    )
    predicted = [int(views.evidence(own, pixels)[0].argmax()) for pixels, _ in own.pictures]
    truth = [label for _, label in own.pictures]
    assert count == of == len(own.pictures) == 12
    assert correct == sum(a == b for a, b in zip(predicted, truth, strict=True))
    assert left == own.left_out <= count
    losses = [-np.log(views.evidence(own, pixels)[0][label]) for pixels, label in own.pictures]
    assert float(re.search(r"to ([\d.]+) nats", said).group(1)) == pytest.approx(np.mean(losses), abs=2e-3)


def test_prediction_and_map_are_the_networks(page):
    own = page.session_state[NETWORK]
    (drawn,) = components(page, "heatmap_overlay")
    pixels = own.pictures[0][0]
    x = preprocess(torch.from_numpy(pixels).permute(2, 0, 1)[None])
    with torch.no_grad():
        logits = own.model(x)[0]
    best = int(logits.argmax())
    assert drawn["images"][0]["title"] == f"{own.names[best]} {percent(float(logits.softmax(0)[best]))}"
    _, heat_map = views.evidence(own, pixels)
    np.testing.assert_allclose(heat_map, cam(own.model, x, torch.tensor([best]))[0], atol=1e-5)
    assert float(heat_map.mean()) + float(own.head.bias[best]) == pytest.approx(float(logits[best]), abs=1e-4)


def test_all_tabs_take_the_network(page):
    page.session_state["network"] = page.query_params["network"] = "My classes"
    page.session_state["input"] = page.query_params["input"] = "Included image"
    choose_tab(page, "part", "Softmax and loss")
    own = page.session_state[NETWORK]
    (drawn,) = [one for one in components(page, "inline_svg") if "From logits to the loss" in one]
    assert all(f">{name}<" in drawn for name in own.names)
    assert any("mean of each of the 1,280 maps" in block.value for block in page.markdown)
    choose_tab(page, "part", TAB)
    next(button for button in page.button if button.label == "Remove class").click().run()
    assert not page.exception
    assert "Remove class" in labels(page)
    assert any("a classifier needs at least 2 classes" in block.value for block in page.caption)


@pytest.mark.parametrize(
    "sent", [None, 7, "", "data:text/html;base64,AAAA", HEAD + "no base64!", HEAD + "A" * MOST_BYTES]
)
def test_what_is_no_frame_is_not_taken(sent):
    assert decoded(sent) is None


def test_a_frame_is_taken_as_it_is():
    assert decoded(f"{HEAD}/9j/") == b"\xff\xd8\xff"
