"""Links shared before words on the screen changed open the state that they meant."""

import pytest

from playground import catalog, link_aliases
from tests.pages.helpers import open_page

# page file, what the address held then, what the controls hold now
LINKS = [
    # kernels
    # convolution
    # dense_to_conv
    # pooling
    # upsampling
    # activations
    # gradients
    # initialization
    # optimizers
    # normalization
    # dropout
    # augmentation
    # calculator
    ("calculator", {"ca_net": "Your own", "ca_text": "nn.ReLU()"}, {"ca_net": "Your own code", "ca_text": "nn.ReLU()"}),
    ("calculator", {"ca_net": "VGG-16", "ca_tab": "What it sees"}, {"ca_net": "VGG-16", "ca_tab": "Receptive field"}),
    ("calculator", {"ca_tab": "Find a layer", "cs_from": "112"}, {"ca_tab": "Layer solver", "cs_from": "112"}),
    ("calculator", {"ca_tab": "Classic summary", "ca_batch": "8"}, {"ca_tab": "torchinfo summary", "ca_batch": 8}),
    ("calculator", {"ca_loss": "mean squared error"}, {"ca_loss": "Mean squared error"}),
    (
        "calculator",
        {"ca_inpl": "none in place", "ca_acc": "2", "ca_batch": "4"},
        {"ca_inpl": "None in place", "ca_acc": 2, "ca_batch": 4},
    ),
    # training
]


@pytest.mark.parametrize(("page", "query", "state"), LINKS)
def test_an_old_link_opens_the_state_it_meant(page, query, state):
    app = open_page(page, **query)
    assert not app.exception
    assert {key: app.session_state[key] for key in state} == state


def test_every_alias_is_of_a_page_in_the_catalogue():
    assert set(link_aliases.ALIASES) <= {lesson.file for lesson in catalog.LESSONS}
