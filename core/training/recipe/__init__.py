"""What a run is made of: the config with its named recipes, the networks, the optimizers and schedules."""
