"""The parts of the training page: which pictures, which recipe, the live run, and what came of it."""
