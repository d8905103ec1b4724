"""The parts of the training page: which images, which recipe, the live run, and what came of it."""
