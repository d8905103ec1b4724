"""A real network of any depth on a real batch: what reaches each layer forward, and what gradient comes back."""

from core.lessons.gradients.layer_statistics import (
    BINS,
    QUANTILES,
    LayerStatistics,
    activation_bound,
    activation_factor,
    dead_share,
    inspect,
    measure,
)
from core.lessons.gradients.network import (
    BATCH,
    LAYER_TYPES,
    LOSSES,
    NORMS,
    DeepConfig,
    DeepLayer,
    DeepNetwork,
    batches,
    build,
    differences,
    loss_of,
)
from core.lessons.gradients.presets import PRESETS, VIEWS, NetworkPreset
from core.lessons.gradients.training import GradientStep, train, train_both
