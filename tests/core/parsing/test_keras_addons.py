"""Layers of packages around Keras: tensorflow_addons and keras_contrib."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import materialize, parse

NET = "from tensorflow import keras\nfrom tensorflow.keras import layers\n{}\n"
NET += "net = keras.Sequential([layers.Input((6, 5, 4)), {}])"


def built(imports, layer):
    return materialize(parse(NET.format(imports, layer)).module, 0)


@pytest.mark.parametrize(
    ("imports", "layer", "count", "over"),
    [
        ("import tensorflow_addons as tfa", "tfa.layers.InstanceNormalization()", 8, (2, 3)),
        ("from tensorflow_addons.layers import InstanceNormalization as IN", "IN(epsilon=1e-3)", 8, (2, 3)),
        ("import tensorflow_addons as tfa", "tfa.layers.InstanceNormalization(center=False, scale=False)", 0, (2, 3)),
        ("from keras_contrib.layers import InstanceNormalization", "InstanceNormalization()", 2, (1, 2, 3)),
        (
            "from keras_contrib.layers.normalization.instancenormalization import InstanceNormalization",
            "InstanceNormalization(axis=-1)",
            8,
            (2, 3),
        ),
    ],
)
def test_norms_of_one_image(imports, layer, count, over):
    net = built(imports, layer)
    assert sum(p.numel() for p in net.parameters()) == count
    x = torch.randn(2, 4, 6, 5)
    mean, variance = x.mean(over, keepdim=True), x.var(over, unbiased=False, keepdim=True)
    assert torch.allclose(net(x), (x - mean) / (variance + 1e-3).sqrt(), atol=1e-5)


def test_a_norm_of_no_named_package_is_asked_for():
    with pytest.raises(ParseError, match="InstanceNormalization"):
        parse(NET.format("", "InstanceNormalization()"))


def test_optimizers_of_the_addons_build_nothing():
    text = NET.format("import tensorflow_addons as tfa", "layers.Flatten(), layers.Dense(3)")
    text += "\nnet.compile(optimizer=tfa.optimizers.AdamW(1e-4), loss=tfa.losses.TripletSemiHardLoss())"
    assert sum(p.numel() for p in parse(text).module.parameters()) == 363
