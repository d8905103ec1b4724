"""What this machine's CPU kernels take for themselves while they run."""

from core.profiler.memory.cpu.kernels import lasting, workspace

__all__ = ["lasting", "workspace"]
