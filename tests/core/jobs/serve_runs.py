"""`python -m tests.core.jobs.serve_runs FOLDER OWNER EPOCHS`: a server to be killed, without its web part.

It opens a job manager on FOLDER, starts a run of so many epochs, prints its id, and lives until it is ended.
"""

import dataclasses
import sys
import time
from pathlib import Path

from core.jobs.job_manager import JobManager
from tests.core.jobs.quick_runs import QUICK, SIZE, SKETCHES

if __name__ == "__main__":
    folder, owner, epochs = sys.argv[1:]
    config = dataclasses.replace(QUICK, epochs=int(epochs))
    print(JobManager(Path(folder)).start(owner, SKETCHES, SIZE, config), flush=True)
    time.sleep(600)
