"""What this machine's CPU kernels take for themselves while they run."""
