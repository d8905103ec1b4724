"""The sentences of the tab."""

from __future__ import annotations

from core.lessons.inspect_network.own_classes import MAX_CLASSES, MAX_PICTURES, MIN_CLASSES
from core.percent import percent
from core.training.results import wilson_interval
from playground import units
from playground.inspect_network.own_classes.collection import OwnNetwork

IDEA = (
    f"{MIN_CLASSES} to {MAX_CLASSES} classes of your own, such as your mug and your pen: a few images of each are "
    "enough, since only a **linear layer** is trained, on the features that EfficientNet-Lite0 learned from ImageNet."
)
PRIVACY = (
    "The images are kept in the memory of this server, for you alone, until you remove them or close the page. What "
    "is computed of them goes when you close the page. Nothing is kept on its disk."
)
LIVE = "The camera's images are classified one after the other; only the newest is kept, until you close the page."
SYMBOLS = (
    r"$W$, $b$ = weights and biases of the linear layer, $N$ = images, $p_{n, y_n}$ = probability of image $n$'s "
    r"class, $\lambda$ = weight decay"
)
ROOM = f"At most {MAX_PICTURES} images of a class."


def result(own: OwnNetwork) -> str:
    """How long training took, and how well the network does on images that it has not seen."""
    count = len(own.pictures)
    low, high = wilson_interval(own.left_out, count)
    return (
        f"Trained on {count} images in **{own.seconds:.2f} s**; {own.correct} of them are classified correctly. Each "
        f"left out of training in its turn, **{own.left_out} of {count}** are (95 % interval: {percent(low, 0)} to "
        f"{percent(high, 0)}): that is what to expect of new images like these."
    )


def loss(own: OwnNetwork) -> str:
    """What the loss came down to."""
    return f"The loss on these images fell from ln {len(own.names)} to {own.head.loss:.4f} nats."


def elsewhere(own: OwnNetwork) -> str:
    """Where the network can be looked at."""
    return (
        f"The network is now called **My classes** in the list of networks above, with its "
        f"{units.counted(len(own.pictures), 'image')}: all tabs show it, too."
    )
