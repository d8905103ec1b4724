"""The evidence for the predictions of a trained network. A new method is one entry in `METHODS`."""

from __future__ import annotations

from core.explain.adversarial import gradient_sign, perturbed, smallest_strength
from core.explain.effective_receptive_field import EffectiveField, effective_field
from core.explain.heads import pooled_head
from core.explain.hooks import convolutions, last_maps
from core.explain.insertion_deletion import InsertionDeletion, insertion_deletion
from core.explain.maps import cam, feature_maps, grad_cam
from core.explain.methods import (
    METHODS,
    ExplanationMethod,
    grad_cam_plus_plus,
    guided_backprop,
    input_gradient,
    integrated_gradients,
    occlusion,
    score_cam,
    smooth_grad,
)
from core.explain.pointing_game import PointingGame, enlarged, inside, pointing_game
from core.explain.sanity_check import ALL_LAYERS, LAST_LAYER, SanityCheck, rank_correlation, sanity_check, shuffled
