"""Networks of other people's packages, predicted and run for real on the CPU: parameters, MACs, saved bytes, peak.

The packages are for this benchmark alone and are no requirement of anything else. Put them into a folder of their own:

    pip install --target /tmp/packages --no-deps timm torchvision==0.28.* pytorchcv vit-pytorch einops einx monai \
        hyper-connections transformers huggingface_hub tokenizers safetensors regex pyyaml
    pip install --target /tmp/packages httpx2
    PYTHONPATH=/tmp/packages python -m benchmarks.third_party [--families timm monai] [--only swin] [--batch 2]

Each family runs in a process of its own. MACs are held against PyTorch's FlopCounterMode, saved bytes against hooks on
saved tensors, the peak of a training step with SGD against the allocator's own events.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import warnings
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measured_memory import measure_training
from benchmarks.third_party_networks import FAMILIES, Network, stand_in_for_missing_operations
from core.profiler import Setting, profile

aten = torch.ops.aten


def _attention_flops(query: Any, key: Any, value: Any, *args: Any, out_shape: Any = None, **kwargs: Any) -> int:
    batch, heads, length, width = query
    return 2 * batch * heads * length * key[-2] * (width + value[-1])


def _lstm_flops(x: Any, weight: Any, recurrent: Any, *args: Any, out_shape: Any = None, **kwargs: Any) -> int:
    return 2 * x[0] * x[1] * weight[0] * (weight[1] + recurrent[1])


UNCOUNTED = {  # what FlopCounterMode leaves out
    aten._scaled_dot_product_flash_attention_for_cpu: _attention_flops,
    aten.mkldnn_rnn_layer: _lstm_flops,
}


def real_macs(model: nn.Module, x: Tensor) -> int:
    """Multiply-accumulates of the forward pass of the whole batch."""
    with FlopCounterMode(display=False, custom_mapping=UNCOUNTED) as counter:
        model(x)
    return counter.get_total_flops() // 2


def real_saved(model: nn.Module, x: Tensor) -> int:
    """Bytes that autograd keeps for backward, each storage once, parameters left out."""
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept.setdefault(storage.data_ptr(), storage)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(x)
    return sum(storage.nbytes() for address, storage in kept.items() if address not in own)


def compare(network: Network, batch: int) -> dict[str, Any]:
    """Predicted and real figures of one network, or why there are none."""
    name, build, shape = network
    torch.manual_seed(0)
    model = build().train()
    ids = len(shape) == 1
    x = torch.randint(1, 100, (batch, *shape)) if ids else torch.randn(batch, *shape)
    real = {"params": sum(parameter.numel() for parameter in model.parameters())}
    real["macs"], real["saved"] = real_macs(model, x) // batch, real_saved(model, x)
    real["peak"] = measure_training(model, x, Setting(batch)).peak_bytes
    model.zero_grad()
    result = profile(model, shape, batch)
    found = {"params": result.total_params, "macs": result.total_macs, "saved": result.saved_bytes}
    found["peak"] = result.training_peak_bytes
    return {"name": name, "real": real, "found": found}


def line(outcome: dict[str, Any]) -> str:
    """One network: what agrees, and by how much the rest is off."""
    if "error" in outcome:
        return f"{outcome['name']:<34} {outcome['error']}"
    real, found = outcome["real"], outcome["found"]
    cells = [
        f"{found[key]:>14,} {'' if found[key] == real[key] else f'real {real[key]:,}':<20}"
        for key in ("params", "macs", "saved")
    ]
    return f"{outcome['name']:<34} {' '.join(cells)} peak {real['peak'] / 1e6:>8,.1f} MB {off(outcome):>+8.2%}"


def off(outcome: dict[str, Any]) -> float:
    return outcome["found"]["peak"] / outcome["real"]["peak"] - 1


def run(family: str, only: str, batch: int) -> None:
    """Prints each network of a family as a line of JSON."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    stand_in_for_missing_operations()
    for network in FAMILIES[family]():
        if only not in network[0]:
            continue
        try:
            outcome = compare(network, batch)
        except Exception as error:  # whatever it is: it is what the report is for
            outcome = {"name": network[0], "error": f"{type(error).__name__}: {error}"[:200].replace("\n", " ")}
        print(json.dumps(outcome), flush=True)
        gc.collect()


def summary(outcomes: list[dict[str, Any]]) -> str:
    """In how many networks each figure is right, and how far the peaks are off."""
    ran = [outcome for outcome in outcomes if "error" not in outcome]
    right = {key: sum(o["real"][key] == o["found"][key] for o in ran) for key in ("params", "macs", "saved")}
    errors = sorted(abs(off(outcome)) for outcome in ran)
    near = sum(error <= 0.01 for error in errors)
    counts = ", ".join(f"{key} right in {count}" for key, count in right.items())
    return (
        f"{len(ran)} of {len(outcomes)} networks ran: {counts}; "
        f"peak off by {statistics.median(errors):.3%} in the median, within 1 % in {near}, at most {errors[-1]:.2%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", nargs="*", default=list(FAMILIES))
    parser.add_argument("--only", default="", help="networks whose name has this in it")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.here:
        run(chosen.families[0], chosen.only, chosen.batch)
        return
    outcomes = []
    for family in chosen.families:
        words = ["--here", "--families", family, "--only", chosen.only, "--batch", str(chosen.batch)]
        command = [sys.executable, "-m", "benchmarks.third_party", *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for text in process.stdout:
                if text.startswith("{"):
                    outcomes.append(json.loads(text))
                    print(line(outcomes[-1]), flush=True)
    print(summary(outcomes))


if __name__ == "__main__":
    main()
