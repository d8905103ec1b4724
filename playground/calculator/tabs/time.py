"""Time: what a step and an epoch of training take on a device, and what each layer waits for."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from core.calibrations import rates_of
from core.knobs import Knob
from core.profiler.fitting import DEVICES, Device, this_machine
from core.profiler.timing import StepTime
from core.profiler.timing.step_time import bounds_of
from playground import controls, lesson, units
from playground.calculator import results, text
from playground.calculator.calibration import calibrations
from playground.calculator.results import Analysis
from playground.calculator.summary import card
from playground.charts.step_time import layers
from playground.escaping import literal
from playground.plotly_chart import plotly_chart

IMAGES = "ca_imgs"
IMAGES_KNOB = Knob(
    50_000, 1, 100_000_000, label="Images in an epoch", help="How many images the training set has.", typed=True
)
ALT = "Seconds of each layer in a training step, coloured by what the layer waits for."
POLL_S = 1.0


def show(analysis: Analysis) -> None:
    """The figures for the device of the page, the layers, all other devices, and the measurement of this machine."""
    if analysis.profile is None:
        st.info("A network that fails at a layer has no training step to time: fix it first.")
        return
    images = int(controls.widget("", IMAGES_KNOB, IMAGES))
    step = results.step(analysis)
    if step is None:
        st.info(text.unknown_speed(analysis.device))
    else:
        cards(step, images)
        st.caption(text.time_caption(step, analysis.setting))
        plotly_chart(layers(analysis.rows, step.rows), "ca_step_time", ALT)
        st.caption(f"{text.phases_sentence(step)} {text.waits_sentence(step)}")
    calibration(this_machine())
    st.markdown("## All devices")
    st.dataframe(
        devices(analysis, images), hide_index=True, alt="Time of a training step and of an epoch on each device."
    )


def cards(step: StepTime, images: int) -> None:
    """Step, epoch and images a second: one figure where it was measured, a range where it was not."""
    epoch = step.epoch(images)
    with st.container(horizontal=True):
        card("Training step", text.span(step.is_measured, step.low, step.seconds, step.high), literal(step.title))
        card("Epoch", text.span(step.is_measured, *epoch), f"{units.exact(images)} images")
        card("Images per second", text.rate_span(step), f"batch size {units.exact(step.batch_size)}")


def devices(analysis: Analysis, images: int) -> pd.DataFrame:
    """One row for this machine, if it was measured, and for each device of the list."""
    lines = []
    for device in (this_machine(), *DEVICES.values()):
        rates = rates_of(device)
        if rates is None:
            continue
        work = results.recorded(analysis, device)
        step = rates.step(work.kernels, work.new_bytes)
        steps = math.ceil(images / analysis.setting.batch_size)
        lines.append({
            "Device": device.title,
            "Training step": text.span(rates.is_measured, *step),
            f"Epoch of {units.exact(images)} images": text.span(rates.is_measured, *(steps * part for part in step)),
            "Waits for": text.share_words(bounds_of(work, rates)),
            "How it is known": text.basis(rates),
        })  # fmt: skip
    return pd.DataFrame(lines)


@lesson.fragment
def calibration(machine: Device) -> None:
    """The button that has this machine measured, and how far that is."""
    run = calibrations().of(machine.kernels)
    if run is not None and not run.is_over:
        _progress(machine)
        return
    if run is not None and run.error:
        st.warning(literal(run.error), icon=":material/warning:")
    known = rates_of(machine) is not None
    label = "Measure this machine again" if known else "Measure this machine"
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(label, icon=":material/timer:", key="ca_calibrate"):
            calibrations().start(machine.kernels)
            st.rerun(scope="fragment")
        st.caption(text.CALIBRATION)


@lesson.fragment(run_every=POLL_S)
def _progress(machine: Device) -> None:
    """How far the measurement is; the page is drawn anew when it ends."""
    run = calibrations().of(machine.kernels)
    if run is None or run.is_over:
        st.rerun()
    st.progress(run.share, "Measuring kernels on this machine …")
