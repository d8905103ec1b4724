"""A network of the gradient page as plain PyTorch: its forward and backward pass on the first batch of digits."""

from __future__ import annotations

from core.layers import activations
from core.layers.initialization import code_of
from core.lessons.code_block import lines_beside_torch
from core.lessons.gradients import BATCH, DeepConfig

NETWORK = """\
{math}import torch
from sklearn.datasets import load_digits
from torch import nn
{own}
depth, width = {depth}, {width}
data = load_digits()
images = torch.from_numpy(data.images).float()[:, None]
images = (images - images.mean()) / images.std()
batch = torch.randperm(len(images), generator=torch.Generator().manual_seed({seed}))[:{batch}]
x, labels = images[batch]{flatten}, torch.from_numpy(data.target)[batch]


class Layer(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.linear = {linear}
        self.norm = {norm}
        self.activation = {activation}

    def forward(self, x):
        {forward}


{network}
generator = torch.Generator().manual_seed({seed})
linears = [*(layer.linear for layer in layers), network[-1]]
with torch.no_grad():
    for layer in linears:
        {fill}
        layer.bias.zero_()
{lsuv}    for layer in linears:
        layer.weight *= {gain}

logits = network(x)
loss = {loss}
loss.backward()
gradients = [layer.linear.weight.grad.double().norm().item() for layer in layers]
print(f"loss {{loss.item():.4g}}")
print(f"norm of dL/dW: first layer {{gradients[0]:.3g}}, last {{gradients[-1]:.3g}}, largest {{max(gradients):.3g}}")"""
NORMS = {
    "none": "nn.Identity()",
    "batch": "nn.BatchNorm{d}d(width)",
    "layer": "nn.GroupNorm(1, width)",
    "group": "nn.GroupNorm(4, width)",
}
LOSSES = {
    "cross-entropy": "nn.functional.cross_entropy(logits, labels)",
    "squared error": "nn.functional.mse_loss(logits, nn.functional.one_hot(labels, 10).float())",
}
DENSE = """\
layers = [Layer(64 if i == 0 else width) for i in range(depth)]
network = nn.Sequential(*layers, nn.Linear(width, 10))"""
CONV = """\
layers = [Layer(1 if i == 0 else width) for i in range(depth)]
network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))"""
PLAIN = "return self.activation(self.norm(self.linear(x)))"
RESIDUAL = """y = self.activation(self.norm(self.linear(x)))
        return x + y if x.shape == y.shape else y"""


def network(config: DeepConfig, seed: int) -> str:
    """A program that prints the loss and the gradient norms of the table."""
    dense, activation = config.kind == "dense", activations.ACTIVATIONS[config.activation]
    return NETWORK.format(
        math="import math\n\n" if config.initialization == "Sparse" else "",
        own=lines_beside_torch(config.activation, config.initialization),
        depth=config.depth,
        width=config.width,
        seed=seed,
        batch=BATCH[config.kind],
        flatten=".flatten(1)" if dense else "",
        linear="nn.Linear(features, width)" if dense else "nn.Conv2d(features, width, 3, padding=1)",
        norm=NORMS[config.norm].format(d=1 if dense else 2),
        activation=activations.code_of(config.activation, activation.defaults),
        forward=RESIDUAL if config.residual else PLAIN,
        network=DENSE if dense else CONV,
        fill=code_of(config.initialization, {}, is_conv=not dense),
        lsuv="    lsuv(linears, lambda: network(x))\n" if config.initialization == "LSUV" else "",
        gain=config.gain,
        loss=LOSSES[config.loss],
    )
