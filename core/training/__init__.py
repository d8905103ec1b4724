"""Training a network on labelled images: the recipe, the loop, its events and its checkpoints."""

from core.training.batches import batches_per_epoch, split_of
from core.training.checkpoints import DamagedCheckpoint, TrainedModel, load_trained, resume, save
from core.training.events import Began, Done, Epoch, LayerUpdate, Snapshot, TrainingStep, from_dict, to_dict
from core.training.loop import Trainer, train
from core.training.lr_range_test import range_test, suggestion
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import NETWORKS, build_network, count_parameters, count_trained
from core.training.recipe.presets import RECIPES, differences
