"""What came out, kept for each thing asked: rows, memory through an iteration, and where a network stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import streamlit as st
from torch import nn

from core.derivation import Derivation, derive_row
from core.errors import PlaygroundError
from core.model_spec import Shape, Subject
from core.parsing import Parsed, partial
from core.parsing.partial import Unread
from core.parsing.rewrite import mend
from core.profiler import Failure, LayerShapeError, Profile, Row
from core.profiler.fitting import LargestBatch, Remedy, largest_batch, try_out
from core.profiler.fitting.batch import LIMIT
from core.profiler.fitting.blocks import checkpoint_blocks
from core.profiler.profiling import profile, profile_in
from core.profiler.setting import Setting
from core.receptive_field import Field, receptive_fields
from core.torchinfo_summary import classic_summary

DIALECTS = {"keras": "Keras", "paddle": "Paddle"}  # what is translated


@dataclass(frozen=True)
class Asked:
    """What the page is to compute: the key of everything kept."""

    subject: Subject
    input_shape: Shape
    setting: Setting
    unread: Unread | None = None  # the layer before which the text of the subject was cut

    @property
    def batch_size(self) -> int:
        """Pictures an optimizer step."""
        return self.setting.batch_size


@dataclass(frozen=True)
class Facts:
    """The rows and the whole profile. Where the network stops, only the rows before, with the layer and why."""

    rows: tuple[Row, ...]
    profile: Profile | None = None
    failed: Failure | None = None
    message: str = ""


@st.cache_resource(max_entries=32, show_spinner=False)
def network(subject: Subject) -> nn.Module:
    """The network on the meta device, for all who only look at it; raises ParseError."""
    return subject.build()


def look(asked: Asked) -> Facts:
    """The profile of what is asked; raises PlaygroundError where there is nothing to show at all."""
    found = _look(replace(asked, setting=asked.setting.alike, unread=None))
    if asked.unread is not None and found.failed is None:
        stop = Failure("", asked.unread.kind, (), "", "")
        return Facts(found.rows, failed=stop, message=asked.unread.sentence)
    return replace(found, profile=found.profile and replace(found.profile, setting=asked.setting))


@st.cache_resource(max_entries=64, show_spinner=False)  # frozen through and through: nobody needs a copy
def _look(asked: Asked) -> Facts:
    try:
        found = profile_in(network(asked.subject), asked.input_shape, asked.setting).settled()
    except LayerShapeError as error:
        return Facts(error.rows, failed=error.failed, message=str(error))
    return Facts(found.rows, found)


@st.cache_data(max_entries=128, show_spinner=False)
def largest(subject: Subject, input_shape: Shape, setting: Setting, budget: int) -> LargestBatch:
    """The largest batch within a budget of bytes. Call it by `largest_for`, for any batch asks the same question."""
    return largest_batch(network(subject), input_shape, budget, setting)


def largest_for(asked: Asked, budget: int) -> LargestBatch:
    """The largest batch within a budget of bytes, everything else as asked."""
    share, fewest = _shares(asked.setting)
    best = largest(asked.subject, asked.input_shape, fewest, budget)
    size = best.batch_size // fewest.batch_size * share
    if size > LIMIT:
        best = largest(asked.subject, asked.input_shape, asked.setting.but(batch_size=share), budget)
    _known().add(_question(asked, budget))
    return best if size > LIMIT else replace(best, batch_size=size)


def is_known(asked: Asked, budget: int) -> bool:
    """Whether this visitor has had the answer to such a question for a largest batch."""
    return _question(asked, budget) in _known()


def _known() -> set[int]:
    return st.session_state.setdefault("ca_solved", set())


def _question(asked: Asked, budget: int) -> int:
    return hash((asked.subject, asked.input_shape, _shares(asked.setting)[1], budget))


def _shares(setting: Setting) -> tuple[int, Setting]:
    """In how many parts a batch goes through, and the setting with one picture in each of as few parts as are alike."""
    share = setting.accumulate * setting.replicas
    return share, setting.but(batch_size=share).alike


def ways_out(asked: Asked, budget: int) -> Iterator[Remedy | None]:
    """Everything that saves memory, one attempt a step; None where it saves nothing."""
    best = largest_for(asked, budget).batch_size
    yield from try_out(network(asked.subject), asked.input_shape, asked.setting, budget, best)


@st.cache_data(max_entries=64, show_spinner=False)
def blocks(subject: Subject, input_shape: Shape) -> tuple[str, ...]:
    """Blocks worth computing again in backward; none for a network that does not run."""
    try:
        model = network(subject)
        return checkpoint_blocks(model, profile(model, input_shape).rows)
    except PlaygroundError:
        return ()


@st.cache_data(max_entries=64, show_spinner=False)
def parts(subject: Subject) -> tuple[str, ...]:
    """Parts with parameters that can be frozen, outermost first; none for text that cannot be read."""
    try:
        found = [name for name, module in network(subject).named_modules() if name and _learns(module)]
    except PlaygroundError:
        return ()
    return tuple(sorted(found, key=lambda name: name.count(".")))


def _learns(module: nn.Module) -> bool:
    return next(module.parameters(), None) is not None


@st.cache_data(max_entries=32, show_spinner=False)
def fields(subject: Subject, input_shape: Shape) -> tuple[Field, ...]:
    """What each layer sees of the input."""
    return receptive_fields(subject.build(), input_shape)


@st.cache_data(max_entries=256, show_spinner=False)
def derivation(subject: Subject, row: Row) -> Derivation:
    """The formulas of one row, with its numbers."""
    return derive_row(row, subject.build())


def mended(subject: Subject, failed: Failure) -> str | None:
    """The text with the one number changed that would let the network go on; None where there is no such number."""
    if not subject.text or failed.argument is None or failed.value is None:
        return None
    where = (failed.name, failed.argument, failed.value)
    return mend(subject.text, *where) or mend(subject.parsed().lines, *where)


@st.cache_data(max_entries=16, show_spinner="Asking torchinfo…")
def classic(asked: Asked) -> str:
    """torchinfo's text for what is asked."""
    return classic_summary(asked.subject.build(), asked.input_shape, asked.batch_size)


@st.cache_data(max_entries=64, show_spinner=False)
def readable(subject: Subject) -> tuple[Subject, Unread | None]:
    """The network as far as its text can be read, and the layer at which that ends; the same where there is nothing."""
    try:
        text, unread = partial.readable(subject.text) if subject.text else ("", None)
    except PlaygroundError:
        return subject, None
    return (replace(subject, text=text), unread) if unread else (subject, None)


def reading(subject: Subject) -> Parsed:
    """The text as it was understood: lines, dialect and notes; raises ParseError."""
    return subject.parsed()


@st.cache_data(max_entries=64, show_spinner=False)
def told(subject: Subject) -> tuple[str, tuple[str, ...]]:
    """The PyTorch lines of a text, none for a preset, and what is to be remarked of it; raises ParseError."""
    parsed = reading(subject)
    return parsed.lines, parsed.notes


@st.cache_data(max_entries=64, show_spinner=False)
def translation(text: str) -> tuple[str, str] | None:
    """The dialect of a text that is not PyTorch, and the PyTorch lines that mean the same; else None."""
    try:
        parsed = Subject(text=text).parsed()
    except PlaygroundError:
        return None
    return (DIALECTS[parsed.dialect], parsed.lines) if parsed.dialect in DIALECTS else None
