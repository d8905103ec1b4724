"""The page on a whole network: what is said and drawn of it is what PyTorch computes."""

import re

import pytest
import torch

from core.lessons.inspect_network import INCLUDED, included_network
from core.percent import percent
from tests.pages.helpers import open_page

SHOWS = {
    "the prediction in words": "test_the_prediction_is_that_of_the_network",
}


@pytest.mark.parametrize("name", INCLUDED)
def test_the_prediction_is_that_of_the_network(name):
    page = open_page("inspect_network", network=INCLUDED[name].title, input="Included image", picture="5")
    assert not page.exception
    (words,) = [block.value for block in page.markdown if block.value.startswith("The network says")]
    images, _ = INCLUDED[name].test_images()
    shares = torch.softmax(included_network(name)(images[5:6] / 255)[0], 0)
    best = int(shares.argmax())
    said, share = re.fullmatch(r"The network says \*\*(.+)\*\* with (.+)\.", words).groups()
    assert (said, share) == (INCLUDED[name].classes[best], percent(float(shares[best])))
