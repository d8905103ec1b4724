"""Precisions: in which floats a network is stored and computes. To add one is to add its entry to `PRECISIONS`."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.optim.lookup import lookup, registry


@dataclass(frozen=True)
class Precision:
    """In which floats a network runs.

    Attributes:
        name: what it is called in recipes, saved runs and on the command line; `label` says it in words.
        autocast: weights, gradients and the loss stay fp32 and layers compute in this type.
        pure: everything is stored and computed in this type.
        scales_loss: small gradients vanish in it, so the loss is multiplied by a large factor first.
    """

    name: str
    label: str
    autocast: torch.dtype | None = None
    pure: torch.dtype | None = None
    scales_loss: bool = False

    @property
    def key(self) -> str:
        """Its name is short enough."""
        return self.name

    @property
    def keeps_weights(self) -> bool:
        """Whether weights stay fp32: the trainer offers only these."""
        return self.pure is None

    def autocasting(self, device: torch.device) -> torch.autocast:
        """Inside, convolutions and matrix products compute in this precision.

        Source: Micikevicius et al. 2018, arXiv:1710.03740; `torch.autocast`.
        """
        return torch.autocast(device.type, self.autocast or torch.bfloat16, enabled=self.autocast is not None)

    def scaler(self, device: torch.device) -> torch.amp.GradScaler:
        """Multiplies the loss so that small gradients survive, and skips steps that overflow; idle where not needed."""
        return torch.amp.GradScaler(device.type, enabled=self.scales_loss)


PRECISIONS: dict[str, Precision] = registry([
    Precision("fp32", "fp32"),
    Precision("bf16", "bf16 autocast, fp32 weights", autocast=torch.bfloat16),
    Precision("fp16", "fp16 autocast, fp32 weights", autocast=torch.float16, scales_loss=True),
    Precision("pure-bf16", "bf16 throughout", pure=torch.bfloat16),
    Precision("pure-fp16", "fp16 throughout", pure=torch.float16),
])  # fmt: skip


def get_precision(name: str) -> Precision:
    """The precision of that name. Raises: PlaygroundError if there is none."""
    return lookup("precision", PRECISIONS, name)


def trainable_precisions() -> tuple[str, ...]:
    """Names of those that the trainer offers."""
    return tuple(name for name, precision in PRECISIONS.items() if precision.keeps_weights)


def fastest_on_cpu() -> str:
    """The precision in which this CPU trains fastest: bf16 where it can multiply it, else fp32."""
    capabilities = torch.cpu.get_capabilities()
    return "bf16" if capabilities.get("amx_bf16") or capabilities.get("avx512_bf16") else "fp32"
