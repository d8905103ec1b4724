"""A run as an event file of TensorBoard, written without it: its format is records of Protocol Buffers.

Source: tensorboard/compat/proto/{event,summary,tensor}.proto and TensorFlow's tfrecord format.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from core.training.events import Done, Epoch, Snapshot, TrainingStep
from core.training.export.formats.protobuf_encoding import (
    bytes_field,
    double_field,
    float_field,
    integer_field,
)

VERSION = "brain.Event:2"
STRING = 7  # DT_STRING
CASTAGNOLI = 0x82F63B78  # the polynomial of CRC-32C, its bits in reverse


@dataclass(frozen=True)
class LoggedRun:
    """What goes into the file. `began_at` counts seconds since 1970; `configuration` is JSON."""

    began_at: float
    steps: tuple[TrainingStep, ...]
    epochs: tuple[Epoch, ...]
    snapshots: tuple[Snapshot, ...]
    done: Done | None
    configuration: str


def tensorboard_log(run: LoggedRun) -> bytes:
    """The event file: training figures a step, validation figures an epoch, updates of each layer a snapshot.

    A step has no time of its own: the seconds of the run are spread evenly over its steps.
    """
    seconds = run.done.seconds / max(1, run.done.step) if run.done else 0.0

    def at(step: int) -> float:
        return run.began_at + seconds * step

    events = [double_field(1, run.began_at) + bytes_field(3, VERSION)]
    events.append(_event(at(0), 0, bytes_field(1, _text("configuration", _as_markdown(run.configuration)))))
    for step, values in _scalars(run):
        summary = b"".join(bytes_field(1, _scalar(tag, value)) for tag, value in values.items())
        events.append(_event(at(step), step, summary))
    return b"".join(map(_record, events))


def _scalars(run: LoggedRun) -> Iterator[tuple[int, dict[str, float]]]:
    """Step, and figures by their tags: TensorBoard puts tags with one beginning side by side."""
    for step in run.steps:
        figures = {"loss/train_batch": step.loss, "accuracy/train_batch": step.accuracy}
        yield step.step, {**figures, "learning_rate": step.learning_rate}
    for epoch in run.epochs:
        yield (
            epoch.step,
            {
                "loss/train_epoch": epoch.train_loss,
                "loss/validation": epoch.val_loss,
                "accuracy/train_epoch": epoch.train_accuracy,
                "accuracy/validation": epoch.val_accuracy,
                "images_per_second": epoch.images_per_second,
            },
        )
    for snapshot in run.snapshots:
        values = {f"update_ratio/{layer.name}": layer.update_ratio for layer in snapshot.layers}
        values |= {f"gradient_norm/{layer.name}": layer.gradient_norm for layer in snapshot.layers}
        if values:
            yield snapshot.step, values


def _event(at: float, step: int, summary: bytes) -> bytes:
    return double_field(1, at) + integer_field(2, step) + bytes_field(5, summary)


def _scalar(tag: str, value: float) -> bytes:
    """A `Summary.Value`."""
    return bytes_field(1, tag) + float_field(2, value)


def _text(tag: str, text: str) -> bytes:
    """A `Summary.Value` for the text plugin: a tensor of one string."""
    tensor = integer_field(1, STRING) + bytes_field(2, bytes_field(2, integer_field(1, 1))) + bytes_field(8, text)
    metadata = bytes_field(1, bytes_field(1, "text"))
    return bytes_field(1, tag) + bytes_field(9, metadata) + bytes_field(8, tensor)


def _as_markdown(configuration: str) -> str:
    """JSON as TensorBoard shows it with its line breaks: indented as code."""
    lines = json.dumps(json.loads(configuration), indent=2, ensure_ascii=False).splitlines()
    return "\n".join(f"    {line}" for line in lines)


def _record(event: bytes) -> bytes:
    """Length, its checksum, content, its checksum."""
    length = struct.pack("<Q", len(event))
    return length + _masked(length) + event + _masked(event)


def _masked(content: bytes) -> bytes:
    crc = crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def crc32c(content: bytes) -> int:
    """The checksum of records, Castagnoli's polynomial.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    crc, table = 0xFFFFFFFF, _table()
    for byte in content:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


@cache
def _table() -> tuple[int, ...]:
    rows = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (CASTAGNOLI if value & 1 else 0)
        rows.append(value)
    return tuple(rows)
