"""All benchmarks, one after the other; each is also a program of its own: python -m benchmarks.latency

python -m benchmarks
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Every file beside this one that can be run."""
    for script in sorted(Path(__file__).parent.glob("[!_]*.py")):
        if '__name__ == "__main__"' in script.read_text(encoding="utf-8"):
            print(f"== {script.stem}", flush=True)
            subprocess.run([sys.executable, "-m", f"benchmarks.{script.stem}"], check=True)


if __name__ == "__main__":
    main()
