"""The networks one can train, by name. Each takes any number of classes and any picture size from 16."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError, ShapeError
from core.knobs import knobs_of
from core.training.recipe.architecture_options import Style
from core.training.recipe.small_resnet import cats_and_dogs, small_residual, wide_residual

MOST_PARAMETERS = 50_000_000  # 200 MB of weights, and up to four times as much while training


@dataclass(frozen=True)
class Network:
    """How to build one that gives a logit a class, and what it is good for.

    `normalization` is the mean and deviation (0..255) of each channel that its weights are used to; without one, those
    of the training pictures are taken. Where there is a `body`, that part is never trained: what it makes of a picture
    is computed once, and only the `head` learns. Where a part is `fresh`, all the rest comes trained and goes on
    learning at a share of the learning rate, `gently`, so that the first steps of what knows nothing do not spoil it.
    """

    build: Callable[[int, Style], nn.Module]  # classes, style -> module, (B, 3, H, W) -> (B, classes)
    blurb: str
    paper: str
    options: tuple[str, ...] = ()  # the knobs of `Style` that it follows
    normalization: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    body: Callable[[nn.Module, Tensor], Tensor] | None = None  # pictures (B, 3, H, W) -> features (B, F)
    head: Callable[[nn.Module], nn.Module] | None = None  # the part that takes (B, F) to (B, classes)
    fresh: str = ""  # that module's name
    gently: float = 1.0  # Howard & Ruder 2018, arXiv:1801.06146, section 3.2


def _resnet18(classes: int, style: Style) -> nn.Module:
    from core.models.branching.resnet import resnet

    return resnet(18, classes)


def _efficientnet(classes: int, style: Style) -> nn.Module:
    from core.models.efficient.pretrained import pretrained_with_head

    return pretrained_with_head(classes)


_IMAGENET = "Tan & Le 2019, arXiv:1905.11946; weights: EfficientNet-Lite0 of TensorFlow"
_LITE = ((127.0,) * 3, (128.0,) * 3)  # as its weights were trained

NETWORKS: dict[str, Network] = {
    "Small residual": Network(
        small_residual,
        "Ours: learns fast on two processor cores.",
        "He et al. 2016, arXiv:1512.03385",
        options=tuple(knobs_of(Style)),
    ),
    "Wide residual": Network(
        wide_residual,
        "Ours: strong for its time with 48 channels or more, and bf16.",
        "He et al. 2016, arXiv:1512.03385",
        options=tuple(knobs_of(Style)),
    ),
    "Cats and dogs": Network(cats_and_dogs, "Four plain convolutions, as tutorials build it.", "Chollet 2016"),
    "ResNet-18": Network(_resnet18, "The classic, for a GPU or for patience.", "He et al. 2016, arXiv:1512.03385"),
    "EfficientNet-Lite0, frozen": Network(
        _efficientnet,
        "Has seen ImageNet; only a linear layer on top of its features learns.",
        _IMAGENET,
        normalization=_LITE,
        body=lambda model, x: model.pooled(x),
        head=lambda model: nn.Sequential(model._dropout, model._fc),
    ),
    "EfficientNet-Lite0, fine-tuned": Network(
        _efficientnet,
        "Has seen ImageNet, and all of its layers go on learning, those below the last one in shorter steps.",
        _IMAGENET,
        normalization=_LITE,
        fresh="_fc",
        gently=0.05,
    ),
}


def network_of(network: str) -> Network:
    """The entry of that name; for a preset of `core.models` or an `nn.Sequential` text, one that builds it.

    Raises: PlaygroundError if it is neither.
    """
    from core.models import MODELS

    if network in NETWORKS:
        return NETWORKS[network]
    if network in MODELS:
        return Network(lambda classes, style: _preset(network, classes), MODELS[network].teaches, MODELS[network].paper)
    if "(" in network:
        return Network(lambda classes, style: _parsed(network), "Your own.", "")
    known = ", ".join(NETWORKS)
    raise PlaygroundError(
        f"no network is called {network!r}: use one of {known}, a preset of the calculator, or nn.Sequential(...)."
    )


def _preset(name: str, classes: int) -> nn.Module:
    from core.models import MODELS

    preset = MODELS[name]
    if not preset.resizable:
        raise PlaygroundError(f"{preset.title} gives no class a picture: choose a network that classifies.")
    return preset.build(classes=classes)


def _parsed(text: str) -> nn.Module:
    from core.parsing import parse_model

    return parse_model(text, str(torch.get_default_device()))


def build_network(network: str, classes: int, size: int, style: Style | None = None) -> nn.Module:
    """The network of that name, or the one that an `nn.Sequential` text describes, with one logit a class.

    It is tried on the meta device first, so that one that does not fit costs no memory. Args: `size` is the side of
    the pictures in cells; `style` what our own networks are made of.
    Raises: PlaygroundError if the name is unknown, the text is not understood, or it does not fit pictures or classes.
    """
    on_meta(network, classes, size, style)
    return _build(network, classes, style, "cpu")


def count_parameters(network: str, classes: int, size: int, style: Style | None = None) -> int:
    """Weights and biases of that network, without building it. Raises: as `build_network`."""
    return sum(p.numel() for p in on_meta(network, classes, size, style).parameters())


def on_meta(
    network: str, classes: int, size: int, style: Style | None = None, hook: Callable[..., None] | None = None
) -> nn.Module:
    """The network without memory, after a try; `hook(layer, inputs)` is called before each layer. Raises: as above."""
    model = _build(network, classes, style, "meta")
    handles = [layer.register_forward_pre_hook(hook) for layer in model.modules()] if hook else []
    _check(model, classes, size)
    for handle in handles:
        handle.remove()
    return model


def style_of(config: Style) -> Style:
    """The style in a config that has one among other things.

    >>> style_of(Style(width=32))
    Style(width=32, depth=1, norm='Batch', activation='ReLU', dropout='none', dropout_rate=0.1, \
initialization="PyTorch's own")
    """
    return Style(**{field.name: getattr(config, field.name) for field in dataclasses.fields(Style)})


def _build(network: str, classes: int, style: Style | None, device: str) -> nn.Module:
    with torch.device(device):
        return network_of(network).build(classes, style or Style())


def _check(model: nn.Module, classes: int, size: int) -> None:
    parameters = sum(p.numel() for p in model.parameters())
    if parameters > MOST_PARAMETERS:
        raise PlaygroundError(
            f"the network has {parameters:,} parameters, and training here stops at {MOST_PARAMETERS:,}: "
            "make its widest layers narrower."
        )
    try:
        out_shape = tuple(model.eval()(torch.empty(2, 3, size, size, device="meta")).shape)
    except PlaygroundError:
        raise
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ShapeError(f"the network does not take 3x{size}x{size} pictures: {reason}") from error
    if out_shape != (2, classes):
        raise ShapeError(
            f"the network turns a 3x{size}x{size} picture into {'x'.join(map(str, out_shape[1:]))} numbers: "
            f"end it with a layer that gives {classes}, one a class."
        )
