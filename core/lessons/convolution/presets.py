"""Named states of the stepper to begin with, one per lesson. Pages and tests iterate this."""

from __future__ import annotations

from core.lessons.convolution.config import Stepper

PRESETS: dict[str, Stepper] = {
    "Letter X": Stepper(),
    "Edge": Stepper(picture="edge", weights="edge", kernel=(1, 3)),
    "Blur": Stepper(picture="random", weights="blur", mean=True, size=(8, 8)),
    "Identity": Stepper(picture="random", weights="identity", size=(7, 7), padding=(1, 1, 1, 1)),
    "Stride skips cells": Stepper(picture="ramp", weights="identity", size=(10, 10), stride=(2, 2)),
    "Reflect padding": Stepper(
        picture="ramp", weights="outline", size=(6, 6), padding=(2, 2, 2, 2), padding_mode="reflect"
    ),
    "Dilated": Stepper(picture="random", weights="diagonal", dilation=(2, 2)),
    "Three channels": Stepper(
        picture="random", weights="random", size=(5, 5), in_channels=3, out_channels=2, bias=True, seed=4
    ),
    "Depthwise": Stepper(picture="random", weights="edge", size=(5, 5), in_channels=3, out_channels=3, groups=3),
    "True convolution": Stepper(picture="dot", weights="ramp", size=(7, 7), flip=True),
    "Checkerboard": Stepper(mode="transposed", picture="ramp", weights="blur", size=(4, 4), stride=(2, 2)),
    "Max pooling": Stepper(mode="max", picture="random", size=(8, 8), kernel=(2, 2), stride=(2, 2)),
    "Average pooling": Stepper(mode="average", picture="random", size=(8, 8), kernel=(2, 2), stride=(2, 2)),
    "Backward": Stepper(picture="random", weights="random", size=(6, 6), backward=True),
}
