"""A trained network as an ONNX model that takes pixels and gives probabilities, as this app does.

By PyTorch's exporter from TorchScript, which needs the package `onnx` alone; the newer one, from `torch.export`, needs
`onnxscript` besides and takes several times as long.
"""

from __future__ import annotations

import copy
import importlib.util
import json
import tempfile
import threading
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.training.checkpoints import TrainedModel
from core.training.export.formats.protobuf_encoding import bytes_field

OPSET = 17
INPUT, OUTPUT = "images", "probabilities"
METADATA = 14  # the field `metadata_props` of a ModelProto
_EXPORTING = threading.Lock()  # the exporter and `warnings` have a state for the whole process
NOT_INSTALLED = (
    "this server cannot write ONNX, for its Python has no package onnx: whoever runs it installs "
    "deploy/requirements-onnx.txt."
)


class _FromPixels(nn.Module):
    """Pixels (N, 3, size, size), float32 from 0 to 255 -> probabilities (N, K)."""

    mean: Tensor
    std: Tensor

    def __init__(self, trained: TrainedModel) -> None:
        super().__init__()
        self.network = copy.deepcopy(trained.model)  # others predict with that one meanwhile
        self.test_flip = trained.config.test_flip
        for name, values in (("mean", trained.normalize.mean), ("std", trained.normalize.std)):
            self.register_buffer(name, torch.tensor(values).view(1, -1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        x_BCHW = (images - self.mean) / self.std
        own = self.network(x_BCHW).softmax(1)
        return (own + self.network(x_BCHW.flip(3)).softmax(1)) / 2 if self.test_flip else own


def is_available() -> bool:
    """Whether the package is there that the exporter needs."""
    return importlib.util.find_spec("onnx") is not None


def onnx_bytes(trained: TrainedModel) -> bytes:
    """An ONNX model with the input `images`, float32 (N, 3, size, size) from 0 to 255, and the output `probabilities`,
    float32 (N, K). Normalization is part of it; classes and image size are in its metadata.

    Raises: PlaygroundError if the package `onnx` is missing, or the network has an operation that ONNX has not.
    """
    if not is_available():
        raise PlaygroundError(NOT_INSTALLED)
    example = torch.rand(2, 3, trained.size, trained.size) * 255
    with _EXPORTING, tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
        path = Path(folder) / "network.onnx"
        try:
            _export(_FromPixels(trained).eval(), example, path)
            model = path.read_bytes()
        except Exception as error:  # the exporter raises all kinds: of torch.onnx, of TorchScript, of the tracer
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise PlaygroundError(f"this network cannot be written as ONNX: {first}") from error
    about = {"classes": json.dumps(trained.classes, ensure_ascii=False), "size": str(trained.size)}
    # Protocol Buffers join what stands one after the other, so that a field can be added at the end
    return model + b"".join(
        bytes_field(METADATA, bytes_field(1, name) + bytes_field(2, value)) for name, value in about.items()
    )


@torch.no_grad()
def _export(model: nn.Module, example: Tensor, path: Path) -> None:
    torch.onnx.export(
        model,
        (example,),
        path,
        dynamo=False,
        opset_version=OPSET,
        input_names=[INPUT],
        output_names=[OUTPUT],
        dynamic_axes={INPUT: {0: "N"}, OUTPUT: {0: "N"}},
    )
