"""What the training page says in words: each sentence follows from the recipe and the figures beside it."""

from __future__ import annotations

from dataclasses import dataclass

from core.training import TrainConfig
from core.training.recipe.networks import TrainableNetwork
from playground import units

MB = 10**6
MOST_SILENT = 0.9  # of the features of a pre-trained network that may be 0 for all images before that is said
GROWTH = {  # of a process, beside its tensors: times their bytes at most, and bytes on top
    "cpu": (3.0, 100 * MB),  # freed memory that the C library keeps, libraries' scratch space and compiled kernels
    "cuda": (1.1, 200 * MB),  # of PyTorch's allocator: cuBLAS's two workspaces, cuDNN's, rounding
}
MEMORY = (
    "Tensors: weights, gradients, optimizer state, activations and the input at the fullest moment. On a CPU the "
    "growth of the whole process is measured, which also holds freed memory that the C library keeps and scratch space "
    "of PyTorch’s libraries: in our runs from 1.1 times (large networks) to several times the tensors "
    "(small ones). On a GPU it is what PyTorch’s allocator gave out."
)


@dataclass(frozen=True)
class Plan:
    """What a click on Start will do: `parameters` of the whole network, `trained` of those that steps change."""

    epochs: int
    batches: int
    parameters: int
    trained: int

    @property
    def steps(self) -> int:
        return self.epochs * self.batches


def plan_sentence(plan: Plan, config: TrainConfig, network: TrainableNetwork) -> str:
    """How many steps there will be, what each of them changes, and what the network knows before the first."""
    most = "At most " if config.patience else ""
    return (
        f"{most}**{units.counted(plan.epochs, 'epoch')}** of {units.counted(plan.batches, 'batch', 'batches')} = "
        f"**{units.counted(plan.steps, 'step')}**, each of which updates **{units.counted(plan.trained, 'parameter')}**"
        f"{_of_all(plan)}. {beginning(network)}"
    )


def _of_all(plan: Plan) -> str:
    return f" of {plan.parameters:,}" if plan.trained < plan.parameters else ""


def beginning(network: TrainableNetwork) -> str:
    """What a network can do before its first step."""
    if network.body is not None:
        return "All layers but the last come trained on ImageNet and stay as they are; the last one starts at zero."
    if network.fresh:
        return (
            "All layers but the last come trained on ImageNet; the last one starts at zero, so that it still guesses."
        )
    return "An untrained network only guesses."


def silence(silent: int, features: int, images: int, size: int) -> str:
    """That the last layer has next to nothing to learn from, where all but a few of its inputs are 0; else empty.

    Args: of the `features` of a pre-trained network, `silent` are 0 for each of some training images.
    """
    if silent <= MOST_SILENT * features:
        return ""
    number = f"all {features:,}" if silent == features else f"{silent:,} of the {features:,}"
    learns = "its bias alone" if silent == features else "next to nothing but its bias"
    return (
        f"At {size}×{size} pixels {number} features that the last layer reads are 0 for each of "
        f"{units.counted(images, 'training image')}: it can learn {learns}, which is the same for every image. Choose "
        "larger images."
    )


def bias_of_validation(config: TrainConfig, reason: str) -> str:
    """Why the validation accuracy tends to be too high: what was chosen by it in this run, and what may be."""
    if config.patience and reason in ("early", "finished"):
        return (
            "Validation accuracy tends to be slightly too high: these weights are those of the epoch with the lowest "
            "validation loss, and whoever compares recipes chooses by it as well."
        )
    return (
        "This run chose nothing by its validation images: it keeps its weights as they were at the end. Whoever "
        "compares recipes by validation accuracy chooses by it, and then it tends to be slightly too high."
    )


def most_growth(tensor_bytes: int, kernels: str) -> int:
    """The most that a process was seen to grow by, for tensors of so many bytes.

    >>> most_growth(30_000_000, "cpu")
    190000000
    """
    times, more = GROWTH[kernels]
    return round(times * tensor_bytes) + more


def needed_sentence(tensor_bytes: int, kernels: str, free_bytes: int | None) -> str:
    """What a run will take, before it starts."""
    room = f"; {units.decimal(free_bytes)} are free" if free_bytes is not None else ""
    return (
        f"Training needs **{units.decimal(tensor_bytes)}** of memory for its tensors, images not included, and up to "
        f"{units.decimal(most_growth(tensor_bytes, kernels))} with scratch space and freed memory{room}."
    )


def measured_sentence(peak_bytes: int, tensor_bytes: int | None, kernels: str) -> str:
    """The peak of a run so far, beside what was predicted."""
    if tensor_bytes is None:
        return f"Peak training memory: measured {units.decimal(peak_bytes)}"
    return (
        f"Peak training memory: measured {units.decimal(peak_bytes)}; predicted {units.decimal(tensor_bytes)} for "
        f"tensors, up to {units.decimal(most_growth(tensor_bytes, kernels))} in all"
    )
