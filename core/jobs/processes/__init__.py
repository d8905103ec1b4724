"""The processes behind the runs: how they are started, how they end, and what the worker does in its own."""
