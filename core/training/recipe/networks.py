"""The networks one can train, by name. Each takes any number of classes and any image size from 16."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from core import old_names
from core.errors import PlaygroundError, ShapeError
from core.knobs import knobs_of
from core.training.recipe.architecture_options import ArchitectureOptions
from core.training.recipe.small_resnet import small_resnet, wide_resnet

MOST_PARAMETERS = 50_000_000  # 200 MB of weights, and up to four times as much while training


@dataclass(frozen=True)
class TrainableNetwork:
    """How to build one that outputs a logit per class, and what it is good for.

    `normalization` is the mean and standard deviation (0..255) of each channel that its weights were trained with;
    without one, those of the training images are taken. Where there is a `body`, that part is frozen: its output for an
    image is computed once, and only the `head` is trained. Where a part is `fresh`, all the rest is pre-trained and is
    trained further at the share `gently` of the learning rate, so that the untrained part does not spoil it. What an
    untrained last layer reads of the pre-trained rest is its `features`.
    """

    build: Callable[[int, ArchitectureOptions], nn.Module]  # classes, style -> module, (B, 3, H, W) -> (B, classes)
    blurb: str
    paper: str
    options: tuple[str, ...] = ()  # the knobs of `ArchitectureOptions` that it has
    normalization: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    body: Callable[[Any, Tensor], Tensor] | None = None  # images (B, 3, H, W) -> features (B, F)
    head: Callable[[Any], nn.Module] | None = None  # the part that takes (B, F) to (B, classes)
    fresh: str = ""  # that module's name
    features: Callable[[Any, Tensor], Tensor] | None = None  # images (B, 3, H, W) -> features (B, F)
    gently: float = 1.0  # Howard & Ruder 2018, arXiv:1801.06146, section 3.2


def _cats_and_dogs(classes: int, options: ArchitectureOptions) -> nn.Module:
    from core.models.plain.cats_and_dogs import cats_and_dogs

    return cats_and_dogs(classes, inplace=True)


def _resnet18(classes: int, options: ArchitectureOptions) -> nn.Module:
    from core.models.branching.resnet import resnet

    return resnet(18, classes)


def _efficientnet(classes: int, options: ArchitectureOptions) -> nn.Module:
    from core.models.efficient.pretrained import pretrained_with_head

    return pretrained_with_head(classes)


_IMAGENET = "Tan & Le 2019, arXiv:1905.11946; weights: EfficientNet-Lite0 of TensorFlow"
_LITE = ((127.0,) * 3, (128.0,) * 3)  # as its weights were trained

NETWORKS: dict[str, TrainableNetwork] = {
    "Small ResNet": TrainableNetwork(
        small_resnet,
        "Ours: learns fast on two CPU cores.",
        "He et al. 2016, arXiv:1512.03385",
        options=tuple(knobs_of(ArchitectureOptions)),
    ),
    "Wide ResNet": TrainableNetwork(
        wide_resnet,
        "Ours: accurate for its training time, with 48 channels or more and bf16.",
        "He et al. 2016, arXiv:1512.03385",
        options=tuple(knobs_of(ArchitectureOptions)),
    ),
    "Cats and dogs": TrainableNetwork(
        _cats_and_dogs, "Four plain convolutions, as tutorials build it.", "Chollet 2016"
    ),
    "ResNet-18": TrainableNetwork(_resnet18, "The classic; slow without a GPU.", "He et al. 2016, arXiv:1512.03385"),
    "EfficientNet-Lite0, frozen": TrainableNetwork(
        _efficientnet,
        "Pre-trained on ImageNet; only a linear layer on top of its features is trained.",
        _IMAGENET,
        normalization=_LITE,
        body=lambda model, x: model.pooled(x),
        features=lambda model, x: model.pooled(x),
        head=lambda model: nn.Sequential(model._dropout, model._fc),
    ),
    "EfficientNet-Lite0, fine-tuned": TrainableNetwork(
        _efficientnet,
        "Pre-trained on ImageNet; all layers are trained further, those below the last one at a smaller learning rate.",
        _IMAGENET,
        normalization=_LITE,
        fresh="_fc",
        features=lambda model, x: model.pooled(x),
        gently=0.05,
    ),
}


def network_of(network: str) -> TrainableNetwork:
    """The entry of that name; for a preset of `core.models` or an `nn.Sequential` text, one that builds it.

    Raises: PlaygroundError if it is neither.
    """
    from core.models import MODELS

    network = old_names.current("network", network)
    if network in NETWORKS:
        return NETWORKS[network]
    if network in MODELS:
        return TrainableNetwork(
            lambda classes, options: _preset(network, classes), MODELS[network].teaches, MODELS[network].paper
        )
    if "(" in network:
        return TrainableNetwork(lambda classes, options: _parsed(network), "Your own network.", "")
    known = ", ".join(NETWORKS)
    raise PlaygroundError(
        f"unknown network {network!r}: use one of {known}, a preset of the calculator, or nn.Sequential(...)."
    )


def _preset(name: str, classes: int) -> nn.Module:
    from core.models import MODELS

    preset = MODELS[name]
    if not preset.resizable:
        raise PlaygroundError(f"{preset.title} does not classify images: choose a network that does.")
    return preset.build(classes=classes)


def _parsed(text: str) -> nn.Module:
    from core.parsing import parse_model

    return parse_model(text, str(torch.get_default_device()))


def build_network(network: str, classes: int, size: int, options: ArchitectureOptions | None = None) -> nn.Module:
    """The network of that name, or the one that an `nn.Sequential` text describes, with one logit per class.

    It is tried on the meta device first, so that one that does not fit costs no memory. Args: `size` is that of the
    images in pixels; `options` those of our own networks.
    Raises: PlaygroundError if the name is unknown, the text is not understood, or it does not fit images or classes.
    """
    on_meta(network, classes, size, options)
    return _build(network, classes, options, "cpu")


def count_parameters(network: str, classes: int, size: int, options: ArchitectureOptions | None = None) -> int:
    """Weights and biases of that network, without building it. Raises: as `build_network`."""
    return sum(p.numel() for p in on_meta(network, classes, size, options).parameters())


def count_trained(network: str, classes: int, size: int, options: ArchitectureOptions | None = None) -> int:
    """Those of them that training changes: the head's alone where the body is frozen. Raises: as `build_network`."""
    head = network_of(network).head
    model = on_meta(network, classes, size, options)
    return sum(p.numel() for p in (head(model) if head else model).parameters())


@torch.no_grad()
def silent_features(network: str, images_BCHW: Tensor) -> tuple[int, int]:
    """How many features of a pre-trained network are 0 for every one of some images (0..255), and of how many.

    Small images leave maps of a single cell at its end, where ReLU6 can make all of them 0: then nothing that the
    last layer reads tells one image from another. (0, 0) for a network that does not come trained.
    """
    entry = network_of(network)
    if entry.features is None or entry.normalization is None:
        return 0, 0
    mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in entry.normalization)
    model = _build(network, 2, None, "cpu").eval()
    features_BF = entry.features(model, (images_BCHW.float() - mean) / std)
    return int((features_BF == 0).all(0).sum()), features_BF.shape[1]


def on_meta(
    network: str,
    classes: int,
    size: int,
    options: ArchitectureOptions | None = None,
    hook: Callable[..., None] | None = None,
) -> nn.Module:
    """The network on the meta device, after a trial run; `hook(layer, inputs)` is called before each layer.

    Raises: as `build_network`.
    """
    if hook is None:
        _try(network, classes, size, options_of(options or ArchitectureOptions()))
        return _build(network, classes, options, "meta")
    model = _build(network, classes, options, "meta")
    handles = [layer.register_forward_pre_hook(hook) for layer in model.modules()]
    _check(model, classes, size)
    for handle in handles:
        handle.remove()
    return model


@lru_cache(maxsize=256)
def _try(network: str, classes: int, size: int, options: ArchitectureOptions) -> None:
    """A trial run, once for equal settings: it takes longer than to build the network, or to profile it."""
    _check(_build(network, classes, options, "meta"), classes, size)


def options_of(config: ArchitectureOptions) -> ArchitectureOptions:
    """The architecture options in a config that has other settings, too.

    >>> options_of(ArchitectureOptions(width=32))
    ArchitectureOptions(width=32, depth=1, norm='Batch', activation='ReLU', dropout='None', dropout_rate=0.1, \
initialization='PyTorch default')
    """
    return ArchitectureOptions(
        **{field.name: getattr(config, field.name) for field in dataclasses.fields(ArchitectureOptions)}
    )


def _build(network: str, classes: int, options: ArchitectureOptions | None, device: str) -> nn.Module:
    with torch.device(device):
        return network_of(network).build(classes, options or ArchitectureOptions())


def _check(model: nn.Module, classes: int, size: int) -> None:
    parameters = sum(p.numel() for p in model.parameters())
    if parameters > MOST_PARAMETERS:
        raise PlaygroundError(
            f"the network has {parameters:,} parameters, and the limit for training here is {MOST_PARAMETERS:,}: "
            "make its widest layers narrower."
        )
    try:
        out_shape = tuple(model.eval()(torch.empty(2, 3, size, size, device="meta")).shape)
    except PlaygroundError:
        raise
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ShapeError(f"the network does not take 3×{size}×{size} images: {reason}") from error
    if out_shape != (2, classes):
        raise ShapeError(
            f"the network turns a 3×{size}×{size} image into {'×'.join(map(str, out_shape[1:]))} outputs: "
            f"end it with a layer of {classes} outputs, one per class."
        )
