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
    ("normalization", {"part": "Where to put it", "np_who": "the orders"}, {"np_who": "All orders"}),
    (
        "normalization",
        {"part": "Where to put it", "np_what": "dead"},
        {"part": "Order in a block", "np_what": "Dead units"},
    ),
    (
        "normalization",
        {"part": "Before and after", "nb_channel": "all", "nb_gamma": "1.5"},
        {"nb_channel": "All", "nb_gamma": 1.5},
    ),
    ("normalization", {"part": "Train and eval", "nm_e_picture": "4"}, {"part": "Train vs. eval", "nm_e_picture": 4}),
    ("normalization", {"part": "Folding", "nf_depth": "3"}, {"part": "Folding into the convolution", "nf_depth": 3}),
    ("normalization", {"nm_numbers": "own values", "nm_own": "1 2"}, {"nm_numbers": "Own values", "nm_own": "1 2"}),
    ("normalization", {"nm_numbers": "photographs", "nm_batch": "4"}, {"nm_numbers": "Photographs", "nm_batch": 4}),
    # dropout
    ("dropout", {"dm_cell": "a corner", "dm_kind": "DropBlock"}, {"dm_cell": "Corner", "dm_kind": "DropBlock"}),
    ("dropout", {"dm_cell": "the middle", "dm_seed": "9"}, {"dm_cell": "Centre", "dm_seed": 9}),
    ("dropout", {"do_kind": "Disout", "do_disout_alpha": "20", "do_draw": "7"}, {"do_disout_alpha": 20, "do_draw": 7}),
    ("dropout", {"dr_pictures": "100", "dr_rounds": "10", "dr_wrong": "0.4"}, {"dr_pictures": 100, "dr_rounds": 10}),
    # augmentation
    ("augmentation", {"part": "Signs turned over", "ag_signs": "digits"}, {"ag_signs": "Digits"}),
    (
        "augmentation",
        {"part": "Two in one", "am_pair": "cat and dog"},
        {"part": "MixUp & CutMix", "am_pair": "Cat and dog"},
    ),
    ("augmentation", {"part": "What it costs"}, {"part": "Speed"}),
    ("augmentation", {"au_pic": "A letter", "au_letter": "q"}, {"au_pic": "letter", "au_letter": "q"}),
    (
        "augmentation",
        {"au_pic": "A drawn cat or dog", "au_vertical_flip": "true"},
        {"au_pic": "sketch", "au_vertical_flip": True},
    ),
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
