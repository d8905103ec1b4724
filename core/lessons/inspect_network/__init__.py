"""A whole network on one image: its feature maps from the input to the class scores, and what each is made of."""

from core.lessons.inspect_network.networks import (
    INCLUDED,
    IncludedNetwork,
    accuracy_on_test_images,
    included_network,
)
from core.lessons.inspect_network.subject import Subject
