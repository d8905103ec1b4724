"""Tabs on how good the probabilities and the features of a finished run are: a file each, with `show(run)`."""
