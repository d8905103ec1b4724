"""What makes a network fit: each suggestion with its own predicted peak and its price."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from core.errors import PlaygroundError
from core.optim import get_optimizer, get_precision
from core.optim.profiled import get_profiled
from core.percent import percent
from core.profiler.fitting.batch import fewest, largest_batch, rows_and_usage
from core.profiler.fitting.blocks import checkpoint_blocks, droppable
from core.profiler.fitting.edits import Edit, edited
from core.profiler.inputs import as_inputs
from core.profiler.memory.prepare import stretch
from core.profiler.profiling import profile_in
from core.profiler.results import Profile
from core.profiler.rows import LayerShapeError, Row, Shape
from core.profiler.setting import Setting


@dataclass(frozen=True)
class Suggestion:
    """One way to need less memory. Apply it by taking its `setting`, `input_shape` and `edits`.

    `saves_bytes` is against the peak as things are, `fits` whether `peak_bytes` is within the budget; `cost` says in a
    sentence what is paid, and `macs_factor` how many multiplications a picture takes in training against now.
    """

    kind: str
    title: str
    cost: str
    setting: Setting
    input_shape: Shape
    edits: tuple[Edit, ...]
    peak_bytes: int
    saves_bytes: int
    fits: bool
    macs_factor: float = 1.0


Attempts = Iterator[Suggestion | None]


@dataclass(frozen=True)
class Overrun:
    """A network that takes more than it may. `inputs` is what it is given, `input_shape` the size of the first."""

    model: nn.Module
    inputs: Any
    input_shape: Shape
    setting: Setting
    budget: int
    rows: tuple[Row, ...]
    peak: int
    largest: int  # batch that fits
    fewest: int  # pictures that a pass has to have

    def try_(
        self,
        kind: str,
        title: str,
        cost: str,
        setting: Setting | None = None,
        input_shape: Shape | None = None,
        edits: tuple[Edit, ...] = (),
        macs_factor: float | None = None,
    ) -> Suggestion | None:
        """The suggestion with its peak; None where the network cannot run so, or gains nothing."""
        setting, inputs = setting or self.setting, input_shape or self.inputs
        if setting.pass_size < self.fewest:
            return None
        try:
            edits, rows, peak = _peak_after(self.model, inputs, setting, edits)
        except PlaygroundError:
            return None
        if peak >= self.peak:
            return None
        if macs_factor is None:
            macs_factor = sum(row.macs for row in rows) / max(1, sum(row.macs for row in self.rows))
        shape = input_shape or self.input_shape
        facts = (setting, shape, edits, peak, self.peak - peak, peak <= self.budget, macs_factor)
        return Suggestion(kind, title, cost.format(share=percent(macs_factor, 0)), *facts)


def suggest(model: nn.Module, input_shape: Any, setting: Setting, budget_bytes: int) -> tuple[Suggestion, ...]:
    """All suggestions that save anything, those that save most first.

    Args: `input_shape` is one size or several, as `profile` takes them; `budget_bytes` is the largest peak that fits,
        see `budget_bytes(device)`.
    """
    steps = try_all(model, profile_in(model, input_shape, setting), budget_bytes, inputs=input_shape)
    found = [suggestion for suggestion in steps if suggestion is not None]
    return tuple(sorted(found, key=lambda suggestion: -suggestion.saves_bytes))


def try_all(
    model: nn.Module, now: Profile, budget_bytes: int, largest: int | None = None, inputs: Any = None
) -> Attempts:
    """The same one by one, with None for each attempt that saves nothing: a step takes about as long as a profile.

    `now` is the profile of `model` as things are. `largest` is the batch that fits, where it is known already; finding
    it takes about four profiles. `inputs` are the sizes of several inputs; left out, the one of `now`.
    """
    setting = now.setting
    given = as_inputs(now.input_shape if inputs is None else inputs)
    if largest is None:
        largest = largest_batch(model, given, budget_bytes, setting).batch_size
    yield None
    for idea in IDEAS:
        yield from try_idea(idea, model, now, budget_bytes, largest, given)


def try_idea(
    idea: str, model: nn.Module, now: Profile, budget_bytes: int, largest: int, inputs: Any = None
) -> Attempts:
    """The attempts of one of `IDEAS`; the rest as for `try_all`."""
    facts = (now.setting, budget_bytes, now.rows, now.training_peak_bytes, largest, fewest(model, now.rows))
    given = as_inputs(now.input_shape if inputs is None else inputs)
    yield from IDEAS[idea](Overrun(model, given, now.input_shape, *facts))


def _peak_after(
    model: nn.Module, inputs: Any, setting: Setting, edits: tuple[Edit, ...]
) -> tuple[tuple[Edit, ...], tuple[Row, ...], int]:
    """The peak with the edits made. A linear layer that then gets another number of features is mended too."""
    for _ in range(2):
        try:
            rows, usage = rows_and_usage(edited(model, edits) if edits else model, inputs, setting)
            return edits, rows, usage.peak_bytes
        except LayerShapeError as error:
            if error.failed.argument != "in_features":
                raise
            edits = (*edits, Edit(error.failed.name, "in_features", error.failed.value))
    raise PlaygroundError("more than one layer would have to change")


def _smaller_batch(case: Overrun) -> Attempts:
    least = case.setting.accumulate * case.setting.replicas
    solved = 0 < case.largest < case.setting.batch_size
    size = case.largest if solved else case.setting.batch_size // 2
    if size >= least:
        more = case.setting.batch_size / size
        cost = f"{more:.3g} times as many steps per epoch; a smaller batch needs a smaller learning rate"
        yield case.try_("batch", f"Batch size {size}", cost, case.setting.but(batch_size=size))


def _half(case: Overrun) -> Attempts:
    if case.setting.precision == "fp32":
        cost = "needs hardware with 16-bit arithmetic; weights and their updates stay in fp32"
        yield case.try_("precision", "Mixed precision (bf16 autocast)", cost, case.setting.but(precision="bf16"))
    if get_precision(case.setting.precision).pure is None:
        cost = "weights are stored in bf16 (8 bits of mantissa): small updates are lost"
        yield case.try_("precision", "Pure bf16 (weights too)", cost, case.setting.but(precision="pure-bf16"))


def _checkpointing(case: Overrun) -> Attempts:
    blocks = checkpoint_blocks(case.model, case.rows)
    if not blocks or case.setting.checkpointed:
        return
    blocks_run = "1 block runs" if len(blocks) == 1 else f"{len(blocks)} blocks run"
    setting = case.setting.but(checkpointed=blocks)
    # forward costs 1, backward 2; a block that is computed again costs 1 more
    factor = (3 + _share_inside(case.rows, blocks)) / 3
    cost = f"{percent(factor - 1, 0)} more MACs: {blocks_run} forward twice"
    yield case.try_("checkpointing", "Gradient checkpointing", cost, setting, macs_factor=factor)


def _share_inside(rows: tuple[Row, ...], blocks: tuple[str, ...]) -> float:
    """The share of all multiplications that lies in checkpointed blocks."""

    def inside(row: Row, path: str, first: int, last: int | None) -> bool:
        if last is None:
            return row.name == path or row.name.startswith(path + ".")
        head = (row.name[len(path) + 1 :] if path else row.name).split(".")[0]
        return row.name.startswith(path) and head.isdigit() and first <= int(head) < last

    stretches = [stretch(block) for block in blocks]
    macs = sum(row.macs for row in rows if any(inside(row, *each) for each in stretches))
    return macs / max(1, sum(row.macs for row in rows))


def _accumulation(case: Overrun) -> Attempts:
    if case.setting.accumulate > 1:
        return
    for passes in _shares(case):
        cost = f"{passes} passes per optimizer step, one after the other{_seen_by_batch_norm(case, passes)}"
        title = f"Gradient accumulation over {passes} passes"
        yield case.try_("accumulation", title, cost, case.setting.but(accumulate=passes))


def _seen_by_batch_norm(case: Overrun, parts: int) -> str:
    """What a batch in so many more parts is for batch normalization; nothing where the network has none."""
    if not any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in case.model.modules()):
        return ""
    all_parts = parts * case.setting.accumulate * case.setting.replicas
    most, rest = -(-case.setting.batch_size // all_parts), case.setting.batch_size % all_parts
    return f"; batch norm sees batches of {'at most ' if rest else ''}{most}"


def _data_parallel(case: Overrun) -> Attempts:
    if case.setting.replicas > 1:
        return
    for devices in _shares(case):
        if devices <= 64:
            cost = f"{devices} devices exchange gradients at every step; the peak is per device"
            cost += _seen_by_batch_norm(case, devices)
            yield case.try_("parallel", f"Data parallel on {devices} devices", cost, case.setting.but(replicas=devices))


def _shares(case: Overrun) -> tuple[int, ...]:
    """Into how many parts to cut the batch: as many as the largest batch asks for, or two if it fits already."""
    most = case.setting.batch_size // (case.setting.accumulate * case.setting.replicas)
    if most < 2:
        return ()
    parts = -(-case.setting.batch_size // case.largest) if case.largest else most
    return (min(most, max(2, parts + (parts > 1 and case.setting.batch_size % parts == 0))),)


def _optimizer(case: Overrun) -> Attempts:
    memory = get_profiled(case.setting.optimizer).memory
    slots = memory.slots or int(memory.state is not None)
    for optimizer in map(get_optimizer, ("sgd", "momentum")):
        if optimizer.memory.slots < slots:
            cost = "needs another learning rate, and often longer training"
            yield case.try_("optimizer", f"Optimizer {optimizer.name}", cost, case.setting.but(optimizer=optimizer.key))


def _smaller_input(case: Overrun) -> Attempts:
    if len(case.input_shape) != 3 or len(case.inputs.shapes) > 1:
        return
    channels, *sides = case.input_shape
    for share in (0.875, 0.75, 0.625, 0.5):
        smaller = tuple(max(1, int(side * share) // 8 * 8 or int(side * share)) for side in sides)
        title = f"Input size {'×'.join(map(str, smaller))}"
        cost = "less detail in the images; {share} of the MACs"
        suggestion = case.try_("input", title, cost, input_shape=(channels, *smaller))
        is_enough = suggestion is not None and (suggestion.fits or share == 0.5)
        yield suggestion if is_enough else None
        if is_enough:
            return


def _stride(case: Overrun) -> Attempts:
    first = next((row for row in case.rows if row.kind == "Conv2d"), None)
    if first is not None:
        stride = tuple(2 * step for step in first.attribute("stride"))
        cost = "half the resolution from there on; {share} of the MACs"
        edit = Edit(first.name, "stride", stride)
        where = f"{first.name} {first.kind}".strip()
        yield case.try_("stride", f"Stride {stride[0]} in {where}", cost, edits=(edit,))


def _dropping(case: Overrun) -> Attempts:
    for path in droppable(case.model, case.rows)[:1]:
        cost = "a shallower network; {share} of the MACs"
        kind = type(case.model.get_submodule(path)).__name__
        yield case.try_("drop", f"Remove {path} {kind}", cost, edits=(Edit(path, "drop"),))


def _in_place(case: Overrun) -> Attempts:
    if case.setting.inplace is None:
        cost = "none, unless something else reads a layer's input"
        yield case.try_("inplace", "In-place activations", cost, case.setting.but(inplace=True))


IDEAS: dict[str, Callable[[Overrun], Attempts]] = {
    "batch": _smaller_batch,
    "precision": _half,
    "checkpointing": _checkpointing,
    "accumulation": _accumulation,
    "inplace": _in_place,
    "optimizer": _optimizer,
    "input": _smaller_input,
    "stride": _stride,
    "drop": _dropping,
    "parallel": _data_parallel,
}
