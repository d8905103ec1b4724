"""How it is trained and on what: everything beside the network that decides about memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import PlaygroundError
from core.knobs import Knob
from core.model_spec import LoadedModel
from core.optim import PRECISIONS, get_precision
from core.optim.profiled import ALL as OPTIMIZERS
from core.optim.profiled import get_profiled
from core.profiler.fitting import DEVICES, Device, device
from core.profiler.setting import LOSSES, Setting
from playground import controls, lesson, units
from playground.calculator import results
from playground.calculator.links import BATCH
from playground.calculator.results import Request

OPTIMIZER, PRECISION, DEVICE = "ca_opt", "ca_prec", "ca_dev"
LOSS, ACCUMULATE, REPLICAS, INPLACE, LAST = "ca_loss", "ca_acc", "ca_rep", "ca_inpl", "ca_nhwc"
SHARDING = "ca_shard"
CHECKPOINTED, FROZEN = "ca_ckpt", "ca_frz"
RESULTS, VERDICT = "ca-answer", "ca-verdict"  # parts of the page that are drawn anew by themselves, one in the other
SHOWN = "ca_drawn"
FIRST_DEVICE = "t4"
SHARDINGS = {
    "Nothing": 0,
    "Optimizer state (ZeRO-1)": 1,
    "State, gradients (ZeRO-2)": 2,
    "State, gradients, weights (FSDP)": 3,
}
SHARDING_HELP = (
    "What several devices divide among them instead of each keeping a copy; one device has nothing to divide. FSDP is "
    "stage 3 of ZeRO: the weights of a layer are gathered while it runs."
)
INPLACES = {"As written": None, "All in place": True, "None in place": False}
MOST_PARTS = 400  # entries that a box can still be searched in
ACCUMULATE_KNOB = Knob(
    1, 1, 64, label="Gradient accumulation steps", help="The batch is split into this many parts.", typed=True
)
REPLICAS_HELP = "Data parallel: this many devices share the batch; memory is that of each device."
REPLICAS_KNOB = Knob(1, 1, 64, label="Devices", help=REPLICAS_HELP, typed=True)
LAST_KNOB = Knob(False, label="`channels_last`", help="Memory format NHWC instead of NCHW.")
LOSS_HELP = "Automatic: cross-entropy for classes, binary cross-entropy for one output, else mean squared error."
CHECKPOINT_HELP = "Activations of these blocks are not saved but recomputed in the backward pass."
DEVICE_HELP = (
    "Pick one, or type how much memory programs can use of yours, such as 7.6 GiB or 8 GB: `nvidia-smi` and "
    "`torch.cuda.mem_get_info()` tell. A device of the list is judged by what programs can use, not by its name."
)
FROZEN_HELP = "These parts are not trained: no gradients, no optimizer state."


def first() -> Setting:
    """Before anything is moved."""
    optimizer, precision = next(iter(OPTIMIZERS.values())), next(iter(PRECISIONS.values()))
    return Setting(1, optimizer.key, precision.name, device=DEVICES[FIRST_DEVICE].kernels)


def choose() -> tuple[str, str, str, DeltaGenerator]:
    """The three that matter most, as keys, the device also as a size of one's own; and the place for the rest."""
    optimizer, precision, where, corner = st.columns((1, 1, 1.2, 0.7), vertical_alignment="bottom")
    with optimizer:
        chosen = _named("Optimizer", {entry.key: entry.name for entry in OPTIMIZERS.values()}, OPTIMIZER)
    with precision:
        precision_key = _named("Precision", {entry.name: entry.label for entry in PRECISIONS.values()}, PRECISION)
    with where:
        target = _device()
    return chosen, precision_key, target, corner


def more(model: LoadedModel | None, input_shape: tuple[int, ...]) -> dict[str, Any]:
    """The rest, folded away: loss, layout, checkpointing and frozen parts. `shared` reads the two numbers."""
    losses = {"auto": "Automatic"} | {key: loss.label for key, loss in LOSSES.items()}
    blocks = results.blocks(model.spec, input_shape, model) if model else ()
    parts = results.parts(model.spec, model) if model else ()
    with st.popover("More", icon=":material/tune:", width="stretch"):
        controls.widget("", ACCUMULATE_KNOB, ACCUMULATE, on_change=_follow)
        controls.widget("", REPLICAS_KNOB, REPLICAS, on_change=_follow)
        return {
            "sharding": SHARDINGS[
                controls.pick("Sharded over devices", tuple(SHARDINGS), SHARDING, help=SHARDING_HELP)
            ],
            "loss": _named("Loss", losses, LOSS, LOSS_HELP),
            "inplace": INPLACES[controls.pick("Activations", tuple(INPLACES), INPLACE)],
            "channels_last": controls.widget("", LAST_KNOB, LAST),
            "checkpointed": _several("Gradient checkpointing", blocks, CHECKPOINTED, CHECKPOINT_HELP),
            "frozen": _several("Frozen parts", parts, FROZEN, FROZEN_HELP),
        }


def shared(request: Request) -> Request:
    """The same with the batch shared as the boxes say, or in as many parts as it has images."""
    st.session_state[SHOWN] = None  # until it turns out that there is something to draw
    setting, _ = _share(request.setting)
    return replace(request, setting=setting)


def objection(setting: Setting) -> str:
    """What is wrong with the two numbers where the batch has too few images; `setting` is from now on what is drawn."""
    st.session_state[SHOWN] = setting
    return _share(setting)[1]


def _share(setting: Setting) -> tuple[Setting, str]:
    """A setting with both numbers as the boxes have them; the nearest that can be, and why not those."""
    accumulate, replicas = controls.value(ACCUMULATE_KNOB, ACCUMULATE), controls.value(REPLICAS_KNOB, REPLICAS)
    try:
        return setting.but(accumulate=accumulate, replicas=replicas), ""
    except PlaygroundError as error:
        devices = min(replicas, setting.batch_size)
        passes = setting.batch_size // devices
        nearest = f"{ACCUMULATE_KNOB.label} = {passes} and {REPLICAS_KNOB.label} = {devices}"
        return setting.but(accumulate=passes, replicas=devices), f"{error}. Until then, the figures are for {nearest}."


def _follow() -> None:
    """Accumulation steps and devices redraw no control, and what follows from them only where it changes."""
    shown = st.session_state.get(SHOWN)
    controls.redraw(VERDICT if shown and _share(shown)[0] == shown else RESULTS)


def take(setting: Setting) -> None:
    """A callback: every box as a setting says, as a suggestion does with one click."""
    state = st.session_state
    state[BATCH] = setting.batch_size
    state[OPTIMIZER] = get_profiled(setting.optimizer).name
    state[PRECISION] = get_precision(setting.precision).label
    state[ACCUMULATE], state[REPLICAS] = setting.accumulate, setting.replicas
    state[SHARDING] = next(name for name, stage in SHARDINGS.items() if stage == setting.sharding)
    state[INPLACE] = next(name for name, value in INPLACES.items() if value is setting.inplace)
    state[LAST] = setting.channels_last
    state[CHECKPOINTED], state[FROZEN] = list(setting.checkpointed), list(setting.frozen)


def find(target: str) -> Device:
    """The device behind a name in the box, or behind what somebody typed; where that is none, the first one."""
    try:
        return device(_names().get(target, target))
    except PlaygroundError as error:
        first = DEVICES[FIRST_DEVICE]
        lesson.refuse(f"{str(error).rstrip('.')}. Until then, the verdict is for {first.title}.")
        return first


@st.cache_data(show_spinner=False)
def _names() -> dict[str, str]:
    """What stands in the box -> a key of `DEVICES`; the machine itself first."""
    here = {device("this").title + _memory(device("this").name_plate_bytes): "this"}
    return here | {one.title + _memory(one.name_plate_bytes): key for key, one in DEVICES.items()}


def _memory(size_bytes: int) -> str:
    return f" · {units.binary(size_bytes)}".replace(".00", "")


def _device() -> str:
    names, first = list(_names()), list(_names().values()).index(FIRST_DEVICE)
    common = {"bind": controls.LINK, "help": DEVICE_HELP}
    return st.selectbox("Device", names, index=first, key=DEVICE, accept_new_options=True, **common)


def _named(label: str, names: dict[str, str], key: str, help: str | None = None) -> str:
    """A key chosen by its label; the label is what stands in the link."""
    chosen = controls.pick(label, tuple(names.values()), key, help=help)
    return next(name for name, shown in names.items() if shown == chosen)


def _several(label: str, options: tuple[str, ...], key: str, help: str) -> tuple[str, ...]:
    """Several parts of the network; those of another network are forgotten."""
    if key in st.session_state:
        st.session_state[key] = [name for name in st.session_state[key] if name in options]
    chosen = st.multiselect(label, options[:MOST_PARTS], key=key, bind=controls.LINK, help=help)
    return tuple(name for name in options if name in chosen)
