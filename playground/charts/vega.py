"""Charts that Vega-Lite draws in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Chart:
    """What is drawn, and how: where `spec` (Vega-Lite) stays the same, a redraw moves only what the data say.

    A plain dict, since building it with Altair takes 40 ms, at every redraw and for everybody who looks on.
    """

    data: pd.DataFrame
    spec: dict[str, Any]
