"""How long a step takes, before it runs: every kernel of an iteration against what a device has been measured to do."""
