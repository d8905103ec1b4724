"""A whole network on one image: its feature maps from the input to the class scores, and what each is made of."""

from core.lessons.inspect_network.activations import INPUT, LayerOutput, dead_maps, trace
from core.lessons.inspect_network.columns import Column, columns_of, maps_of
from core.lessons.inspect_network.fields import spans_of
from core.lessons.inspect_network.networks import (
    INCLUDED,
    IncludedNetwork,
    TrainingSnapshot,
    included_network,
    training_snapshots,
)
from core.lessons.inspect_network.parts import LaterLayer, Parts, SourceMap, parts_of
from core.lessons.inspect_network.program import program_of
from core.lessons.inspect_network.subject import Subject, TrainingCheckpoint
