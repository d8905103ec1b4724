"""Rates of GPUs from their makers' data sheets: a range, until a calibration has measured the device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.profiler.fitting.devices import DEVICES, Device
from core.profiler.timing.kernels import KernelCall
from core.profiler.timing.rates import Bound, Seconds

HALVES = ("bfloat16", "float16")
# Shares of the published rates that training reaches: products by shape and library, bytes by access pattern.
PRODUCTS, BYTES = (0.2, 0.8), (0.35, 0.9)
CALL_S = 4e-6, 14e-6  # that the program takes to send one kernel to the device: a fast computer, and a slow one


@dataclass(frozen=True)
class GpuGeneration:
    """A generation: how many times faster than its fp32 units it multiplies on tensor cores, and where that is said.

    Attributes:
        half: products of 16-bit floats that are added up in fp32.
        tf32: what PyTorch uses for convolutions (not for other products) of fp32 by itself, from Ampere on.
        source: the maker's document.
    """

    half: float
    tf32: float
    source: str


_GA102 = "NVIDIA Ampere GA102 GPU Architecture, white paper"
_ADA = "NVIDIA Ada GPU Architecture, white paper"
_TURING = "NVIDIA Turing GPU Architecture, white paper"
ARCHITECTURES = {
    "maxwell": GpuGeneration(2, 1, "NVIDIA Jetson Nano, data sheet"),
    "pascal": GpuGeneration(1, 1, "NVIDIA GeForce GTX 1080, white paper"),
    "pascal p100": GpuGeneration(2, 1, "NVIDIA Tesla P100, white paper"),
    "volta": GpuGeneration(8, 1, "NVIDIA Tesla V100 GPU Architecture, white paper"),
    "turing gtx": GpuGeneration(2, 1, _TURING),
    "turing": GpuGeneration(4, 1, _TURING),
    "turing t4": GpuGeneration(8, 1, _TURING),
    "ampere": GpuGeneration(2, 1, _GA102),
    "ampere pro": GpuGeneration(4, 2, _GA102),
    "ampere a100": GpuGeneration(16, 8, "NVIDIA A100 Tensor Core GPU Architecture, white paper"),
    "ada": GpuGeneration(2, 1, _ADA),
    "ada pro": GpuGeneration(4, 2, _ADA),
    "hopper": GpuGeneration(14.8, 7.4, "NVIDIA H100 Tensor Core GPU Architecture, white paper; H200, data sheet"),
    "blackwell": GpuGeneration(2, 1, "NVIDIA RTX Blackwell GPU Architecture, white paper"),
}

# fp32 units, boost clock in MHz, memory bandwidth in GB/s, architecture
SHEETS: dict[str, tuple[int, int, float, str]] = {
    "gtx1060": (1280, 1708, 192, "pascal"),
    "gtx1070": (1920, 1683, 256, "pascal"),
    "gtx1080": (2560, 1733, 320, "pascal"),
    "gtx1080ti": (3584, 1582, 484, "pascal"),
    "gtx1650": (896, 1665, 128, "turing gtx"),
    "gtx1660": (1408, 1785, 192, "turing gtx"),
    "gtx1660ti": (1536, 1770, 288, "turing gtx"),
    "rtx2060": (1920, 1680, 336, "turing"),
    "rtx2070": (2304, 1620, 448, "turing"),
    "rtx2080": (2944, 1710, 448, "turing"),
    "rtx2080ti": (4352, 1545, 616, "turing"),
    "rtx3050": (2560, 1777, 224, "ampere"),
    "rtx3060": (3584, 1777, 360, "ampere"),
    "rtx3060ti": (4864, 1665, 448, "ampere"),
    "rtx3070": (5888, 1725, 448, "ampere"),
    "rtx3070ti": (6144, 1770, 608, "ampere"),
    "rtx3080": (8704, 1710, 760, "ampere"),
    "rtx3080ti": (10240, 1665, 912, "ampere"),
    "rtx3090": (10496, 1695, 936, "ampere"),
    "rtx3090ti": (10752, 1860, 1008, "ampere"),
    "rtx4060": (3072, 2460, 272, "ada"),
    "rtx4060ti": (4352, 2535, 288, "ada"),
    "rtx4070": (5888, 2475, 504, "ada"),
    "rtx4070ti": (7680, 2610, 504, "ada"),
    "rtx4080": (9728, 2505, 717, "ada"),
    "rtx4090": (16384, 2520, 1008, "ada"),
    "rtx5060": (3840, 2497, 448, "blackwell"),
    "rtx5070": (6144, 2512, 672, "blackwell"),
    "rtx5070ti": (8960, 2452, 896, "blackwell"),
    "rtx5080": (10752, 2617, 960, "blackwell"),
    "rtx5090": (21760, 2407, 1792, "blackwell"),
    "rtxa4000": (6144, 1560, 448, "ampere pro"),
    "rtxa5000": (8192, 1695, 768, "ampere pro"),
    "rtxa6000": (10752, 1800, 768, "ampere pro"),
    "t4": (2560, 1590, 320, "turing t4"),
    "p100": (3584, 1303, 732, "pascal p100"),
    "v100": (5120, 1530, 900, "volta"),
    "l4": (7424, 2040, 300, "ada pro"),
    "a10": (9216, 1695, 600, "ampere pro"),
    "a100-40": (6912, 1410, 1555, "ampere a100"),
    "a100-80": (6912, 1410, 2039, "ampere a100"),
    "l40s": (18176, 2520, 864, "ada pro"),
    "h100": (16896, 1980, 3350, "hopper"),
    "h200": (16896, 1980, 4800, "hopper"),
    "jetson-nano": (128, 921, 25.6, "maxwell"),
}


@dataclass(frozen=True)
class PublishedRates:
    """Peak rates of a data sheet, of which training reaches a share.

    Attributes:
        flops: operations a second of the fp32 units; a product with its sum is two.
        bytes_per_second: of the device's memory.
    """

    title: str
    flops: float
    bytes_per_second: float
    architecture: GpuGeneration
    is_measured: bool = False

    def kernel(self, kernel: KernelCall) -> float:
        """Halfway, as ratios go, between the shortest and the longest time."""
        shortest, longest = self._seconds(kernel, 1), self._seconds(kernel, 0)
        return float((shortest * longest) ** 0.5)

    def step(self, kernels: Mapping[KernelCall, int], new_bytes: int) -> Seconds:
        """All kernels, or all calls of them if these take longer: the device and the program work side by side."""
        calls = sum(kernels.values())
        low, high = (
            max(sum([count * self._seconds(kernel, end) for kernel, count in kernels.items()]), calls * CALL_S[1 - end])
            for end in (1, 0)
        )
        return Seconds(low, (low * high) ** 0.5, high)

    def bound(self, kernel: KernelCall) -> Bound:
        """By the roofline of the data sheet; overhead where sending the kernel takes longer than both."""
        products, moved = self._roofs(kernel)
        if max(products, moved) < CALL_S[0]:
            return "overhead"
        return "arithmetic" if products > moved else "memory"

    def _roofs(self, kernel: KernelCall) -> tuple[float, float]:
        """Seconds at full speed: of the products, and of the bytes."""
        times = self.architecture.half if kernel.dtype in HALVES else 1.0
        if kernel.dtype == "float32" and kernel.family.startswith("convolution"):
            times = self.architecture.tf32
        return 2 * kernel.macs / (self.flops * times), kernel.nbytes / self.bytes_per_second

    def _seconds(self, kernel: KernelCall, end: int) -> float:
        """The time at one end of the range of shares."""
        products, moved = self._roofs(kernel)
        return max(products / PRODUCTS[end], moved / BYTES[end])


def published_rates(device: Device) -> PublishedRates | None:
    """The rates of a device of the list; None for one of which only the memory is known."""
    for key, known in DEVICES.items():
        if device.title == known.title and key in SHEETS:
            units, clock, bandwidth, name = SHEETS[key]
            return PublishedRates(device.title, 2e6 * units * clock, 1e9 * bandwidth, ARCHITECTURES[name])
    return None
