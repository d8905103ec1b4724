"""How long training takes, before it runs: every kernel of an iteration at the rates of a device.

`step_time(record(model, input_shape, setting), rates)`, with the rates of `core.calibrations.rates_of(device)`.
"""

from core.profiler.timing.rates import MeasuredRates, Rates, Seconds
from core.profiler.timing.recording import OperationRecording, record
from core.profiler.timing.step_time import RowTime, StepTime, step_time

__all__ = ["MeasuredRates", "OperationRecording", "Rates", "RowTime", "Seconds", "StepTime", "record", "step_time"]
