"""What is computed about a network: parsed once per text, profiled once per setting, one frozen result for the page.

Everything is kept in caches that all visitors share, errors too. A module in them is only ever looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from core import model_spec, spec_analysis
from core.calibrations import rates_of
from core.derivation import Derivation, derive_row
from core.errors import MissingShapeError, PlaygroundError
from core.model_spec import LoadedModel, ModelSpec, Shape
from core.models import MODELS
from core.parsing.rewrite import set_argument
from core.profiler import Failure, LayerError, Profile, Row
from core.profiler.fitting import Device
from core.profiler.fitting.blocks import checkpoint_blocks
from core.profiler.setting import Setting
from core.profiler.timing import OperationRecording, StepTime, step_time
from core.spec_analysis import outcome, value
from playground import computation_gate

AT_HAND = 8  # results that pages look at again and again: DenseNet-121's takes 3 ms to unpack
DIALECTS = {"keras": "Keras", "paddle": "Paddle"}  # what is translated
fields = computation_gate.cached(32, apart=True)(spec_analysis.fields_of)
torchinfo = computation_gate.cached(16, "Running torchinfo …", apart=True)(spec_analysis.torchinfo_of)
_recording = computation_gate.cached(32, apart=True)(spec_analysis.recording_of)


@dataclass(frozen=True)
class Request:
    """What the page is to compute."""

    spec: ModelSpec
    input_shape: Shape
    setting: Setting
    device: Device


@dataclass(frozen=True, eq=False)
class Analysis(Request):
    """What every part of the page shows: what was asked for, the network, its rows and its profile.

    Where the network fails at a layer there is no profile: `rows` are those before it, `failure` and `message` say why.
    """

    model: LoadedModel
    rows: tuple[Row, ...]
    profile: Profile | None = None
    failure: Failure | None = None
    message: str = ""

    @property
    def fails_to_parse(self) -> bool:
        """Whether it is the text that ends at a layer, not the network."""
        return self.model.unparsed is not None and self.message == self.model.unparsed.sentence


def load(spec: ModelSpec) -> LoadedModel:
    """The network of a spec; raises ParseError."""
    return value(_load(spec))


def loadable(spec: ModelSpec) -> LoadedModel | None:
    """The same; None where it cannot be parsed."""
    outcome = _load(spec)
    return None if isinstance(outcome, PlaygroundError) else outcome


def needs_shape(spec: ModelSpec) -> bool:
    """Whether a text can be read only with the shape of its input, which it does not state."""
    return isinstance(_load(spec), MissingShapeError)


def analyze(request: Request) -> Analysis:
    """The result for a request; raises PlaygroundError where there is nothing to show at all."""
    model, setting = load(request.spec), request.setting.alike
    analysis = partial(Analysis, **vars(request))
    try:
        profile = value(_settled(request.spec, request.input_shape, setting))
    except LayerError as error:
        return analysis(model=model, rows=error.rows, failure=error.failed, message=str(error))
    model = spec_analysis.sized(model, request.input_shape, setting)
    if model.unparsed is not None:
        failure = Failure("", model.unparsed.kind, (), "", "")
        return analysis(model=model, rows=profile.rows, failure=failure, message=model.unparsed.sentence)
    return analysis(model=model, rows=profile.rows, profile=replace(profile, setting=request.setting))


def prepare(preset: str, setting: Setting) -> None:
    """Compute what is shown of a network of ours, so that it is there when somebody chooses it."""
    spec, shape = ModelSpec(preset=preset), MODELS[preset].input_shape
    _packed_rows(spec, shape)
    _packed_profile(spec, shape, setting.alike)


@st.cache_data(max_entries=200, show_spinner=False)
def default_input(spec: ModelSpec) -> Shape:
    """The input of a preset, or the one that a text states or accepts; a colour image for text we cannot parse."""
    model = loadable(replace(spec, edits=()))
    return model_spec.guess_input(model, lambda shape: accepts(model, shape)) if model else (3, 224, 224)


def accepts(model: LoadedModel, input_shape: Shape) -> bool:
    """Whether a network takes inputs of this shape."""
    return not isinstance(_plain_rows(model.spec, input_shape), PlaygroundError)


def is_guess(analysis: Analysis) -> bool:
    """Whether the input is one that nobody stated and that does not fit."""
    model = analysis.model
    return model_spec.is_guess(model, analysis.input_shape, lambda shape: accepts(model, shape))


@st.cache_data(max_entries=100, show_spinner=False)
def trainable_at(spec: ModelSpec, sides: tuple[int, ...], _model: LoadedModel) -> tuple[int, int] | None:
    """The first side of colour images that a network sorts into classes, and the number of classes, if there is one."""

    def output_shape(shape: Shape) -> Shape:
        rows = _plain_rows(spec, shape)
        return () if isinstance(rows, PlaygroundError) else rows[-1].output_shape

    return model_spec.trainable_at(output_shape, sides)


@st.cache_data(max_entries=64, show_spinner=False)
def blocks(spec: ModelSpec, input_shape: Shape, _model: LoadedModel) -> tuple[str, ...]:
    """Blocks worth recomputing in backward; none for a network that does not run."""
    rows = _plain_rows(spec, input_shape)
    return () if isinstance(rows, PlaygroundError) else checkpoint_blocks(_model.module, rows)


@st.cache_data(max_entries=64, show_spinner=False)
def parts(spec: ModelSpec, _model: LoadedModel) -> tuple[str, ...]:
    """Parts with parameters that can be frozen, outermost first."""
    names = [name for name, module in _model.module.named_modules() if name and any(True for _ in module.parameters())]
    return tuple(sorted(names, key=lambda name: name.count(".")))


def step(analysis: Analysis) -> StepTime | None:
    """The time of a training step on the device of the page; None where nothing is known of its speed."""
    rates = rates_of(analysis.device)
    return step_time(recorded(analysis, analysis.device), rates) if rates else None


def recorded(analysis: Analysis, device: Device) -> OperationRecording:
    """The kernels of a step, as a device runs them."""
    setting = analysis.setting.but(device=device.kernels)
    return _recording(analysis.spec, analysis.input_shape, setting)


@st.cache_data(max_entries=256, show_spinner=False)
def derivation(spec: ModelSpec, row: Row, _model: LoadedModel) -> Derivation:
    """The formulas of one row, with its numbers."""
    return derive_row(row, _model.module)


def mended(analysis: Analysis) -> str | None:
    """The text with the one number changed that would let the network go on; None where there is no such number."""
    model, failure = analysis.model, analysis.failure
    if model.unparsed or not model.text or failure is None or failure.argument is None or failure.value is None:
        return None
    change = (failure.name, failure.argument, failure.value)
    return set_argument(model.text, *change) or set_argument(model.lines, *change)


def translation(text: str) -> tuple[str, str] | None:
    """The dialect of a text that is not PyTorch, and the PyTorch lines that mean the same; else None."""
    model = loadable(ModelSpec(text=text))
    if model is None or model.unparsed or model.dialect not in DIALECTS:
        return None
    return DIALECTS[model.dialect], model.lines


@st.cache_resource(max_entries=32, show_spinner=False)  # half a megabyte each; all that have a name, and some texts
def _load(spec: ModelSpec) -> LoadedModel | PlaygroundError:
    return spec_analysis.loaded(spec)


@st.cache_resource(max_entries=AT_HAND, show_spinner=False)  # frozen through and through: nobody needs a copy
def _settled(spec: ModelSpec, input_shape: Shape, setting: Setting) -> Profile | PlaygroundError:
    return _packed_profile(spec, input_shape, setting)


@st.cache_data(max_entries=64, show_spinner=False)  # as bytes, a sixth of what it takes unpacked
def _packed_profile(spec: ModelSpec, input_shape: Shape, setting: Setting) -> Profile | PlaygroundError:
    return outcome(lambda: computation_gate.compute(spec_analysis.profile_of, spec, input_shape, setting))


@st.cache_resource(max_entries=AT_HAND, show_spinner=False)
def _plain_rows(spec: ModelSpec, input_shape: Shape) -> tuple[Row, ...] | PlaygroundError:
    """The rows for a single input, whatever the setting of the page."""
    return _packed_rows(spec, input_shape)


@st.cache_data(max_entries=256, show_spinner=False)
def _packed_rows(spec: ModelSpec, input_shape: Shape) -> tuple[Row, ...] | PlaygroundError:
    return outcome(lambda: computation_gate.compute(spec_analysis.rows_of, spec, input_shape))
