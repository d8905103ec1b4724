"""`python -m core calibrate`: measures how fast this machine runs kernels, so that training times can be predicted."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("calibrate", help="measure this machine, so that training times can be predicted")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="what to measure (cpu)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a step instead of the bar")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure, keep what was measured, and say what it comes to. Returns the exit status."""
    from tqdm import tqdm

    from core.calibrations import save
    from core.profiler.timing.calibration import Calibration, calibrating

    with tqdm(total=100, unit="%", disable=arguments.json, file=sys.stderr) as bar:
        for state in calibrating(arguments.device):
            if isinstance(state, Calibration):
                calibration = state
            elif arguments.json:
                print(json.dumps({"share": round(state, 3)}), flush=True)
            else:
                bar.update(round(100 * state) - bar.n)
    path, rates = save(calibration), calibration.rates
    summary = {"device": rates.title, "kernels": len(calibration.samples), "bytes_per_second": rates.bytes_per_second}
    summary |= {"products_per_second": rates.products_per_second, "file": str(path)}
    print(json.dumps(summary) if arguments.json else _said(summary))
    return 0


def _said(summary: dict[str, Any]) -> str:
    """What was measured, in lines."""
    lines = [f"{summary['device']}: {summary['kernels']:,} kernels measured"]
    for dtype, rate in sorted(summary["products_per_second"].items()):
        lines.append(f"  {rate / 1e9:8,.1f} billion multiply-accumulates a second in {dtype}")
    lines.append(f"  {summary['bytes_per_second'] / 1e9:8,.1f} GB a second from and to memory")
    return "\n".join([*lines, f"kept in {summary['file']}"])
