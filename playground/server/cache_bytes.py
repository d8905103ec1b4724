"""All results in Streamlit's data caches together take so many bytes at most; those used longest ago go first.

A number of entries for each cache bounds no memory that a server would notice: there are fifty caches, and what is in
one of them may be a drawing. `core/limits.py` says how many bytes; `server.maxCacheDataSize`, where it is set, counts
instead.
"""

from __future__ import annotations

from streamlit import config
from streamlit.runtime.caching.global_cache_budget import get_global_cache_budget

from core.limits import limits


def bound() -> None:
    """From now on, in this process."""
    if config.get_option("server.maxCacheDataSize") is not None:
        return
    budget = get_global_cache_budget()
    budget._eviction_warning_emitted = True  # it is meant to be full, which is no news for the log
    budget.reconfigure(limits().cache_bytes)
