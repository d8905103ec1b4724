"""What takes long to compute about the network of a `ModelSpec`: its profile, its receptive fields, and so on.

All goes in and out pickled, so that another process may compute it: the network itself stays there, built from its
name or its text. Each function raises ParseError where the text cannot be parsed, and PlaygroundError where the network
does not run; shapes are those of one input, without the batch.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from torch import nn

from core import model_spec
from core.errors import ComputationLostError, PlaygroundError
from core.model_spec import LoadedModel, ModelSpec, Shape
from core.models import MODELS
from core.profiler import Profile, Row
from core.profiler.fitting import LargestBatch, Suggestion, largest_batch, try_idea
from core.profiler.inputs import as_inputs
from core.profiler.profiling import profile_in
from core.profiler.real_run import give_sizes, has_lazy_layers
from core.profiler.setting import Setting
from core.profiler.timing import OperationRecording, record
from core.receptive_field import Field, receptive_fields
from core.torchinfo_summary import classic_summary

NETWORKS, PROFILES = 16, 4  # kept; few profiles, for each holds what it ran until it is settled
Value = TypeVar("Value")


def warm_up() -> None:
    """Import what the first computations would have to wait for."""
    example = ModelSpec(preset="lenet5"), MODELS["lenet5"].input_shape
    profile_of(*example, Setting())
    fields_of(*example)
    recording_of(*example, Setting())


def outcome(compute: Callable[[], Value]) -> Value | PlaygroundError:
    """What is computed, or the error, so that a cache keeps either."""
    try:
        return compute()
    except ComputationLostError:
        raise
    except PlaygroundError as error:
        return copy.copy(error)  # without its traceback, which holds all that was computed


def value(kept: Value | PlaygroundError) -> Value:
    """What was computed; raises the error if it was one."""
    if isinstance(kept, PlaygroundError):
        raise copy.copy(kept)
    return kept


@lru_cache(maxsize=NETWORKS)
def loaded(spec: ModelSpec) -> LoadedModel | PlaygroundError:
    """The network of a spec, or why there is none. Nobody may change it."""
    return outcome(lambda: model_spec.load(spec))


def sized(model: LoadedModel, input_shape: Shape, setting: Setting) -> LoadedModel:
    """The same; where layers get their sizes from the first input, with those. Raises: PlaygroundError, if not."""
    if not has_lazy_layers(model.module):
        return model
    module = model.private_copy()
    give_sizes(module, as_inputs(input_shape), setting)
    return replace(model, module=module)


def profile_of(spec: ModelSpec, input_shape: Shape, setting: Setting) -> Profile:
    """The profile in a setting, with all that can be asked of it."""
    return value(_profile(spec, input_shape, setting)).settled()


def rows_of(spec: ModelSpec, input_shape: Shape) -> tuple[Row, ...]:
    """The rows for a single input."""
    return value(_profile(spec, input_shape, Setting())).rows


def fields_of(spec: ModelSpec, input_shape: Shape) -> tuple[Field, ...]:
    """The receptive field behind each layer."""
    return receptive_fields(_network(spec, a_copy=True), input_shape)


def recording_of(spec: ModelSpec, input_shape: Shape, setting: Setting) -> OperationRecording:
    """The kernels of a step of training."""
    return record(_network(spec), input_shape, setting)


def torchinfo_of(spec: ModelSpec, input_shape: Shape, batch_size: int) -> str:
    """The text that torchinfo prints."""
    return classic_summary(_network(spec, a_copy=True), input_shape, batch_size)


def largest_batch_of(
    spec: ModelSpec, input_shape: Shape, setting: Setting, budget: int, known: Profile | None
) -> LargestBatch:
    """The largest batch that fits `budget` bytes; `known` may be a profile of it with another batch."""
    return largest_batch(_network(spec), input_shape, budget, setting, known=known)


def suggestions_of(
    spec: ModelSpec, idea: str, budget: int, largest: int, now: Profile
) -> tuple[Suggestion | None, ...]:
    """What one idea saves of the memory that `now` takes, with None for what saves nothing.

    `largest` is the batch that fits `budget` bytes.
    """
    return tuple(try_idea(idea, _network(spec), now, budget, largest))


@lru_cache(maxsize=PROFILES)
def _profile(spec: ModelSpec, input_shape: Shape, setting: Setting) -> Profile | PlaygroundError:
    return outcome(lambda: profile_in(_network(spec), input_shape, setting))


def _network(spec: ModelSpec, a_copy: bool = False) -> nn.Module:
    """The network, to look at; one whose layers get their sizes from the first input is a copy without sizes."""
    model = value(loaded(spec))
    return model.private_copy() if a_copy or has_lazy_layers(model.module) else model.module
