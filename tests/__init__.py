"""What has to be said before PyTorch is imported, for the tests and for all processes that they start."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the app sets it: torch's threads spin while they wait
os.environ.setdefault("CNN_PLAYGROUND_NICENESS", "0")  # other tests keep the machine busy, and runs must go on
if "PYTEST_XDIST_WORKER" in os.environ:  # a process for each core already
    os.environ.setdefault("OMP_NUM_THREADS", "1")
