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

# where the three figures of a sheet were found again; "" where they were not
_GTX1070 = "https://www.nag.co.za/2016/05/19/nvidia-reveals-the-full-specifications-of-the-gtx-1070/"
_TURING_MIDRANGE = "https://www.windowscentral.com/nvidia-geforce-rtx-2060-vs-gtx-1660-ti"
_AMPERE_GEFORCE = "https://www.tomshardware.com/uk/news/nvidia-driver-geforce-rtx-3080-ti-ampere-gpu"
_GEFORCE_40_50 = (
    "https://github.com/everfir/gpu-database (quotes NVIDIA's Ada and RTX Blackwell white papers, product pages)"
)
_DATA_CENTER = "https://github.com/gmasse/gpu-specs (quotes NVIDIA's data sheets)"
_HOPPER = "https://glennklockwood.com/garden/processors/h100 (quotes NVIDIA's H100 white paper)"


@dataclass(frozen=True)
class DataSheet:
    """What the maker publishes of a device.

    Attributes:
        units: that multiply and add in fp32, once a cycle each.
        clock_mhz: boost clock.
        bandwidth_gb: of its memory, 10^9 bytes a second.
        architecture: a key of `ARCHITECTURES`.
        confirmed_by: an address at which these figures stand, "" where none was found.
    """

    units: int
    clock_mhz: int
    bandwidth_gb: float
    architecture: str
    confirmed_by: str = ""

    @property
    def flops(self) -> float:
        """Operations a second of the fp32 units; a product with its sum is two."""
        return 2e6 * self.units * self.clock_mhz


SHEETS = {
    "gtx1060": DataSheet(1280, 1708, 192, "pascal"),
    "gtx1070": DataSheet(1920, 1683, 256, "pascal", _GTX1070),
    "gtx1080": DataSheet(2560, 1733, 320, "pascal", _GTX1070),
    "gtx1080ti": DataSheet(3584, 1582, 484, "pascal"),
    "gtx1650": DataSheet(896, 1665, 128, "turing gtx"),
    "gtx1660": DataSheet(1408, 1785, 192, "turing gtx"),
    "gtx1660ti": DataSheet(1536, 1770, 288, "turing gtx", _TURING_MIDRANGE),
    "rtx2060": DataSheet(1920, 1680, 336, "turing", _TURING_MIDRANGE),
    "rtx2070": DataSheet(
        2304, 1620, 448, "turing", "https://botcraftman.ru/de/gpu/geforce-gtx-1080-max-q-vs-geforce-rtx-2070"
    ),
    "rtx2080": DataSheet(
        2944, 1710, 448, "turing", "https://hmc-tech.com/gpu/nvidia-geforce-rtx-2080-vs-nvidia-geforce-gtx-1060"
    ),
    "rtx2080ti": DataSheet(4352, 1545, 616, "turing"),
    "rtx3050": DataSheet(2560, 1777, 224, "ampere"),
    "rtx3060": DataSheet(
        3584, 1777, 360, "ampere", "https://pcpartdb.com/gpus/view/nvidia-geforce-rtx-3060-12-gb-ga104"
    ),
    "rtx3060ti": DataSheet(
        4864, 1665, 448, "ampere", "https://techtaks.com/geforce-rtx-3060-nvidia-finally-details-the-specifications/"
    ),
    "rtx3070": DataSheet(5888, 1725, 448, "ampere", _AMPERE_GEFORCE),
    "rtx3070ti": DataSheet(6144, 1770, 608, "ampere"),
    "rtx3080": DataSheet(8704, 1710, 760, "ampere", _AMPERE_GEFORCE),
    "rtx3080ti": DataSheet(10240, 1665, 912, "ampere"),
    "rtx3090": DataSheet(10496, 1695, 936, "ampere", _AMPERE_GEFORCE),
    "rtx3090ti": DataSheet(
        10752,
        1860,
        1008,
        "ampere",
        "https://cpu-gpu.alldbin.com/graphics-card-comparison/GeForce-RTX-3090-Ti-and-GeForce-RTX-3060-12-GB-GA104-comparison.html",
    ),
    "rtx4060": DataSheet(3072, 2460, 272, "ada", _GEFORCE_40_50),
    "rtx4060ti": DataSheet(4352, 2535, 288, "ada", _GEFORCE_40_50),
    "rtx4070": DataSheet(5888, 2475, 504, "ada", _GEFORCE_40_50),
    "rtx4070ti": DataSheet(7680, 2610, 504, "ada", _GEFORCE_40_50),
    "rtx4080": DataSheet(9728, 2505, 717, "ada", _GEFORCE_40_50),
    "rtx4090": DataSheet(16384, 2520, 1008, "ada", _GEFORCE_40_50),
    "rtx5060": DataSheet(3840, 2497, 448, "blackwell", _GEFORCE_40_50),
    "rtx5070": DataSheet(6144, 2512, 672, "blackwell", _GEFORCE_40_50),
    "rtx5070ti": DataSheet(8960, 2452, 896, "blackwell", _GEFORCE_40_50),
    "rtx5080": DataSheet(10752, 2617, 960, "blackwell", _GEFORCE_40_50),
    "rtx5090": DataSheet(21760, 2407, 1792, "blackwell", _GEFORCE_40_50),
    "rtxa4000": DataSheet(6144, 1560, 448, "ampere pro", "https://technical.city/en/video/RTX-A4000-vs-A2-PCIe"),
    "rtxa5000": DataSheet(8192, 1695, 768, "ampere pro"),
    "rtxa6000": DataSheet(
        10752, 1800, 768, "ampere pro", "https://sysrqmts.com/es/gpus/compare/nvidia-rtx-a6000-vs-nvidia-tesla-p40"
    ),
    "t4": DataSheet(
        2560, 1590, 320, "turing t4", "https://sysrqmts.com/gpus/compare/nvidia-a100-sxm4-40-gb-vs-nvidia-tesla-t4"
    ),
    "p100": DataSheet(3584, 1303, 732, "pascal p100"),
    "v100": DataSheet(5120, 1530, 900, "volta", _DATA_CENTER),
    "l4": DataSheet(7424, 2040, 300, "ada pro", _DATA_CENTER),
    "a10": DataSheet(9216, 1695, 600, "ampere pro", _DATA_CENTER),
    "a100-40": DataSheet(6912, 1410, 1555, "ampere a100", _DATA_CENTER),
    "a100-80": DataSheet(6912, 1410, 2039, "ampere a100", _DATA_CENTER),
    "l40s": DataSheet(18176, 2520, 864, "ada pro", _DATA_CENTER),
    "h100": DataSheet(16896, 1980, 3350, "hopper", _HOPPER),
    "h200": DataSheet(16896, 1980, 4800, "hopper", _HOPPER),
    "jetson-nano": DataSheet(128, 921, 25.6, "maxwell"),
}


@dataclass(frozen=True)
class PublishedRates:
    """Peak rates of a data sheet, of which training reaches a share.

    Attributes:
        flops: operations a second of the fp32 units; a product with its sum is two.
        bytes_per_second: of the device's memory.
        is_confirmed: whether the figures of the sheet were found a second time.
    """

    title: str
    flops: float
    bytes_per_second: float
    architecture: GpuGeneration
    is_confirmed: bool = True
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
            sheet = SHEETS[key]
            generation = ARCHITECTURES[sheet.architecture]
            facts = (sheet.flops, 1e9 * sheet.bandwidth_gb, generation, bool(sheet.confirmed_by))
            return PublishedRates(device.title, *facts)
    return None
