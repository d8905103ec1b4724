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
    ("optimizers", {"op_one": "Momentum", "op_axis": "x"}, {"op_one": "SGD with momentum", "op_axis": "x"}),
    ("optimizers", {"op_names": ["SGD", "Momentum"]}, {"op_names": ["SGD", "SGD with momentum"]}),
    ("optimizers", {"op_r_names": ["Momentum", "AdamW"]}, {"op_r_names": ["SGD with momentum", "AdamW"]}),
    ("optimizers", {"op_f_one": "Momentum", "op_f_seed": "3"}, {"op_f_one": "SGD with momentum", "op_f_seed": 3}),
    ("optimizers", {"op_surface": "Rosenbrock", "op_lr": "0.002"}, {"op_surface": "Rosenbrock", "op_lr": 0.002}),
    ("optimizers", {"op_s_one": "Warm restarts", "op_s_warmrestarts_T_0": "50"}, {"op_s_warmrestarts_T_0": 50}),
    # normalization
    # dropout
    # augmentation
    # calculator
    ("calculator", {"ca_opt": "SGD with Nesterov momentum"}, {"ca_opt": "Nesterov"}),
    # training
    ("training", {"tnow_schedule": "cosine"}, {"tnow_schedule": "Cosine"}),
]


@pytest.mark.parametrize(("page", "query", "state"), LINKS)
def test_an_old_link_opens_the_state_it_meant(page, query, state):
    app = open_page(page, **query)
    assert not app.exception
    assert {key: app.session_state[key] for key in state} == state


def test_every_alias_is_of_a_page_in_the_catalogue():
    assert set(link_aliases.ALIASES) <= {lesson.file for lesson in catalog.LESSONS}
