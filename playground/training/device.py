"""On what to train: the GPUs of this machine with their memory and use, Apple's, or the CPU."""

from __future__ import annotations

import streamlit as st

from core.jobs.processes.devices import TrainingDevice
from core.percent import percent
from playground import controls, units
from playground.job_manager import job_manager

HELP = (
    "One run per device at a time; others wait in the queue. On NVIDIA GPUs cuDNN uses deterministic algorithms only, "
    "so the same seed gives the same weights; whether TF32 is used is shown during training."
)


def choose() -> TrainingDevice:
    """The control, where there is something to choose."""
    devices = {device.key: device for device in job_manager().devices()}
    if len(devices) == 1:
        device = next(iter(devices.values()))
        st.caption(f":material/memory: Device: {described(device)}", help=HELP)
        return device
    key = controls.pick("Device", {key: described(device) for key, device in devices.items()}, "td", help=HELP)
    return devices[key]


def described(device: TrainingDevice) -> str:
    r"""What it is, with its memory and how busy it is.

    >>> described(TrainingDevice("cuda:0", "H100", 80_000_000_000, 2_000_000_000, 0.25))
    'H100, 2.00 GB of 80.00 GB in use, 25\xa0% busy'
    >>> described(TrainingDevice("cpu", "CPU", 8_000_000_000, 2_000_000_000, None, 4))
    'CPU, 4 threads, 2.00 GB of 8.00 GB in use'
    """
    threads = f", {units.counted(device.threads, 'thread')}" if device.threads else ""
    if not device.memory_bytes:
        return f"{device.title}{threads}"
    busy = f", {percent(device.busy, 0)} busy" if device.busy is not None and device.key != "cpu" else ""
    memory = f"{units.decimal(device.used_bytes)} of {units.decimal(device.memory_bytes)} in use"
    return f"{device.title}{threads}, {memory}{busy}"
