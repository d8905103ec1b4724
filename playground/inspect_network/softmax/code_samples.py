"""The programs of the tab; they run with PyTorch alone and print what is on the screen."""

from __future__ import annotations

from torch import Tensor

from playground.inspect_network.softmax.settings import LossState

SHORT = 30  # classes whose logits are few enough to open with the lines in sight
IN_A_LINE = 8

LOSS = """\
import torch
from torch.nn import functional as F

logits = torch.tensor({logits}, dtype=torch.float64)
logits[{logit}] += {change}
logits.requires_grad_()
target = torch.tensor({target})

scaled = logits / {temperature}
exps = torch.exp(scaled - scaled.max())
probabilities = exps / exps.sum()
loss = F.cross_entropy(scaled, target, label_smoothing={smoothing})
loss.backward()

torch.set_printoptions(precision=4, sci_mode=False)
print("probabilities:", probabilities.detach())
print("softmax:      ", torch.softmax(scaled, 0).detach())
print("gradient:     ", logits.grad)
print(f"loss: {{loss.item():.4f}}")"""

STABILITY = """\
import torch

logits = torch.tensor({logits}, dtype=torch.float64)
logits = (logits + {offset}).float()

exps = torch.exp(logits)
print("without:", exps / exps.sum())
exps = torch.exp(logits - logits.max())
print("with:   ", exps / exps.sum())
print("PyTorch:", torch.softmax(logits, 0))"""


def loss_program(logits_K: Tensor, state: LossState) -> str:
    """Prints the probabilities, the gradient and the loss of the table."""
    one = state.settings
    return LOSS.format(
        logits=_numbers(logits_K), logit=state.logit, change=one.change, target=state.target,
        temperature=one.temperature, smoothing=one.smoothing,
    )  # fmt: skip


def stability_program(logits_K: Tensor, offset: int) -> str:
    """Prints both softmaxes in float32."""
    return STABILITY.format(logits=_numbers(logits_K), offset=offset)


def _numbers(values_K: Tensor) -> str:
    """Every value as exactly as float32 has it, a few in a line."""
    words = [f"{value:.9g}" for value in values_K.tolist()]
    if len(words) <= IN_A_LINE:
        return f"[{', '.join(words)}]"
    lines = [", ".join(words[start : start + IN_A_LINE]) for start in range(0, len(words), IN_A_LINE)]
    return "[\n" + "".join(f"    {line},\n" for line in lines) + "]"
