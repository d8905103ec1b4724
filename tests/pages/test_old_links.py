"""Links shared before words on the screen changed open the state that they meant."""

import pytest

from playground import catalog, link_aliases
from tests.pages.helpers import open_page

# page file, what the address held then, what the controls hold now
LINKS = [
    # kernels
    ("kernels", {"k": "By hand", "kt": "1 0 -1; 1 0 -1"}, {"k": "Custom", "kt": "1 0 -1; 1 0 -1"}),
    (
        "kernels",
        {"k": "Light to dark", "p_pic": "Light meets dark, drawn"},
        {"k": "Horizontal difference", "p_pic": "edge"},
    ),
    (
        "kernels",
        {"p_pic": "The letter X, drawn", "w_padding": "by hand", "w_cells": "2"},
        {"p_pic": "letter_x", "w_padding": "Custom", "w_cells": 2},
    ),
    ("kernels", {"c_channels": "kept apart", "show": "signed colour"}, {"c_channels": "Depthwise", "show": "Signed"}),
    ("kernels", {"c_channels": "added up", "show": "what fits"}, {"c_channels": "Summed", "show": "Automatic"}),
    (
        "kernels",
        {"c_second": "the same, turned by 90°", "c_how": "angle"},
        {"c_second": "The same, rotated by 90°", "c_how": "Angle"},
    ),
    ("kernels", {"c_second": "Light to dark"}, {"c_second": "Horizontal difference"}),
    ("kernels", {"k": "Gabor", "gabor_angle": "30", "w_stride": "2"}, {"k": "Gabor", "gabor_angle": 30, "w_stride": 2}),
    (
        "kernels",
        {"part": "A first CNN block", "bl_bank": "Edges, eight ways"},
        {"part": "A first conv block", "bl_bank": "Edges in 8 directions"},
    ),
    (
        "kernels",
        {"part": "A first CNN block", "bl_bank": "Stripes, eight ways", "b_pic": "Light meets dark, drawn"},
        {"bl_bank": "Stripes in 8 directions", "b_pic": "edge"},
    ),
    (
        "kernels",
        {"part": "A first CNN block", "bl_bank": "Coarse to fine", "bl_size": "3"},
        {"bl_bank": "Coarse to fine stripes", "bl_size": 3},
    ),
    ("kernels", {"part": "A first CNN block", "bl_bank": "A bit of everything"}, {"bl_bank": "Mixed"}),
    (
        "kernels",
        {"part": "Against noise", "n_filter": "nothing", "n_amount": "20"},
        {"part": "Denoising", "n_filter": "None", "n_amount": 20},
    ),
    (
        "kernels",
        {"part": "The hidden kernel", "r_picture": "lone dots", "d_picture": "lone dots"},
        {"part": "Find the hidden kernel", "r_picture": "Single dots", "d_picture": "Single dots"},
    ),
    (
        "kernels",
        {"p_noise": "salt and pepper", "w_padding": "half the kernel"},
        {"p_noise": "Salt and pepper", "w_padding": "Half the kernel"},
    ),
    (
        "kernels",
        {"part": "A first CNN block", "bl_pool": "average", "bl_stride": "2"},
        {"bl_pool": "Average", "bl_stride": 2},
    ),
    (
        "kernels",
        {"part": "Against noise", "n_filter": "median", "n_noise": "salt and pepper"},
        {"n_filter": "Median", "n_noise": "Salt and pepper"},
    ),
    # convolution: in tests/pages/test_convolution.py, for its state is not in session_state
    # dense_to_conv
    ("dense_to_conv", {"dc_kernel": "Nine different", "dc_size": "8"}, {"dc_kernel": "1 to 9", "dc_size": 8}),
    (
        "dense_to_conv",
        {"dc_kernel": "Vertical edge", "dc_shape": "Cross"},
        {"dc_kernel": "Vertical edge", "dc_shape": "Cross"},
    ),
    ("dense_to_conv", {"dc_right": "-2", "dc_down": "1", "dc_out": "3"}, {"dc_right": -2, "dc_down": 1, "dc_out": 3}),
    ("dense_to_conv", {"dc_ch": "colour", "dc_side": "64", "dc_k": "5"}, {"dc_ch": "3", "dc_side": 64, "dc_k": 5}),
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
    ("gradients", {"g_what": "Saturation"}, {"g_what": "saturation"}),
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
    ("calculator", {"ca_net": "Your own", "ca_text": "nn.ReLU()"}, {"ca_net": "Your own code", "ca_text": "nn.ReLU()"}),
    ("calculator", {"ca_net": "VGG-16", "ca_tab": "What it sees"}, {"ca_net": "VGG-16", "ca_tab": "Receptive field"}),
    ("calculator", {"ca_tab": "Find a layer", "cs_from": "112"}, {"ca_tab": "Layer solver", "cs_from": "112"}),
    ("calculator", {"ca_tab": "Classic summary", "ca_batch": "8"}, {"ca_tab": "torchinfo summary", "ca_batch": 8}),
    ("calculator", {"ca_loss": "mean squared error"}, {"ca_loss": "Mean squared error"}),
    ("calculator", {"ca_loss": "by the output's shape"}, {"ca_loss": "Automatic"}),
    ("calculator", {"ca_shard": "and gradients (ZeRO-2)"}, {"ca_shard": "State, gradients (ZeRO-2)"}),
    (
        "calculator",
        {"ca_inpl": "none in place", "ca_acc": "2", "ca_batch": "4"},
        {"ca_inpl": "None in place", "ca_acc": 2, "ca_batch": 4},
    ),
    ("calculator", {"ca_opt": "SGD with Nesterov momentum"}, {"ca_opt": "Nesterov"}),
    # training
    ("training", {"tr": "As the tutorial did it", "tz": "96"}, {"tr": "From scratch (tutorial)", "tz": 96}),
    ("training", {"tr": "ImageNet, taught on"}, {"tr": "Fine-tuning"}),
    ("training", {"tr": "Best in 5 minutes"}, {"tr": "From scratch (wide ResNet)"}),
    (
        "training",
        {"tnow_network": "Wide residual", "tnow_width": "48"},
        {"tnow_network": "Wide ResNet", "tnow_width": 48},
    ),
    ("training", {"tnow_norm": "none", "tnow_dropout": "none"}, {"tnow_norm": "None", "tnow_dropout": "None"}),
    ("training", {"tnow_initialization": "PyTorch's own"}, {"tnow_initialization": "PyTorch default"}),
    ("training", {"tnow_schedule": "cosine", "tnow_epochs": "3"}, {"tnow_schedule": "Cosine", "tnow_epochs": 3}),
    ("training", {"ts": "Handwritten digits", "tnow_clip": "2.5"}, {"ts": "digits", "tnow_clip": 2.5}),
    ("training", {"tnow_schedule": "cosine"}, {"tnow_schedule": "Cosine"}),
]


@pytest.mark.parametrize(("page", "query", "state"), LINKS)
def test_an_old_link_opens_the_state_it_meant(page, query, state):
    app = open_page(page, **query)
    assert not app.exception
    assert {key: app.session_state[key] for key in state} == state


def test_every_alias_is_of_a_page_in_the_catalogue():
    assert set(link_aliases.ALIASES) <= {lesson.file for lesson in catalog.LESSONS}
