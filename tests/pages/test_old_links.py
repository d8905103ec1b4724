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
    (
        "pooling",
        {"po_kind": "Lp", "po_norm_type": "5", "po_right": "3"},
        {"po_kind": "Lp", "po_norm_type": 5, "po_right": 3},
    ),
    ("pooling", {"po_kind": "Stochastic", "po_draw": "4"}, {"po_kind": "Stochastic", "po_draw": 4}),
    ("pooling", {"po_filtered": "false", "po_tolerance": "0.1"}, {"po_filtered": False, "po_tolerance": 0.1}),
    ("pooling", {"po_h": "20", "po_levels": "4", "po_roi": "5"}, {"po_h": 20, "po_levels": 4, "po_roi": 5}),
    # upsampling
    ("upsampling", {"up_weights": "even", "up_scale": "3"}, {"up_weights": "uniform", "up_scale": 3}),
    ("upsampling", {"up_weights": "bilinear", "up_way": "Nearest"}, {"up_weights": "bilinear", "up_way": "Nearest"}),
    ("upsampling", {"up_weights": "random", "up_side": "40"}, {"up_weights": "random", "up_side": 40}),
    (
        "upsampling",
        {"up_way": "Pixel shuffle", "up_kernel_size": "5"},
        {"up_way": "Pixel shuffle", "up_kernel_size": 5},
    ),
    ("upsampling", {"up_n": "12", "up_k": "5", "up_s": "3"}, {"up_n": 12, "up_k": 5, "up_s": 3}),
    # activations
    ("activations", {"ac_l_goal": "leaky line, slope 0.4"}, {"ac_l_goal": "Leaky ReLU, slope 0.4"}),
    ("activations", {"ac_l_goal": "absolute value", "ac_l_name": "Maxout"}, {"ac_l_goal": "Absolute value"}),
    ("activations", {"ac_l_goal": "Swish, beta 3", "ac_l_seed": "7"}, {"ac_l_goal": "Swish, beta 3", "ac_l_seed": 7}),
    ("activations", {"ac_between": "none", "ac_depth": "20"}, {"ac_between": "None", "ac_depth": 20}),
    ("activations", {"ac_names": ["Tanh", "ELU"], "ac_elu_alpha": "2.5"}, {"ac_names": ["Tanh", "ELU"]}),
    ("activations", {"ac_one": "GELU", "ac_g_deviation": "2.0"}, {"ac_one": "GELU", "ac_g_deviation": 2.0}),
    # gradients
    ("gradients", {"g_what": "dead or flat", "ga_depth": "12"}, {"g_what": "saturation", "ga_depth": 12}),
    ("gradients", {"g_what": "steps", "gb_clip": "1.0"}, {"g_what": "updates", "gb_clip": 1.0}),
    ("gradients", {"g_what": "outputs"}, {"g_what": "outputs"}),
    ("gradients", {"ga_kind": "conv", "gb_kind": "dense"}, {"ga_kind": "conv", "gb_kind": "dense"}),
    ("gradients", {"ga_norm": "group", "gb_norm": "layer"}, {"ga_norm": "group", "gb_norm": "layer"}),
    ("gradients", {"gb_loss": "squared error", "g_seed": "3"}, {"gb_loss": "squared error", "g_seed": 3}),
    # initialization
    (
        "initialization",
        {"in_f_kind": "linear", "in_f_inputs": "16"},
        {"in_f_kind": "Fully connected", "in_f_inputs": 16},
    ),
    ("initialization", {"in_f_kind": "conv", "in_f_kernel": "5"}, {"in_f_kind": "Conv", "in_f_kernel": 5}),
    ("initialization", {"in_name": "LeCun normal", "in_activation": "SELU"}, {"in_activation": "SELU"}),
    ("initialization", {"in_s_name": "Sparse", "in_s_sparse_sparsity": "0.5"}, {"in_s_sparse_sparsity": 0.5}),
    (
        "initialization",
        {"in_l_act": "Tanh", "in_l_depth": "12", "in_t_depth": "8"},
        {"in_l_depth": 12, "in_t_depth": 8},
    ),
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
