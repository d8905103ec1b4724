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
    # training
]


@pytest.mark.parametrize(("page", "query", "state"), LINKS)
def test_an_old_link_opens_the_state_it_meant(page, query, state):
    app = open_page(page, **query)
    assert not app.exception
    assert {key: app.session_state[key] for key in state} == state


def test_every_alias_is_of_a_page_in_the_catalogue():
    assert set(link_aliases.ALIASES) <= {lesson.file for lesson in catalog.LESSONS}
