"""What the bytes of a training are, in the order in which they are stacked: what is always there first."""

PARAMETERS, BUFFERS, GRADIENTS, OPTIMIZER = "parameters", "buffers", "gradients", "optimizer"
INPUT, SAVED, TEMPORARY, WEIGHT_COPIES = "input", "kept", "temporaries", "weight copies"
CATEGORIES = (PARAMETERS, BUFFERS, OPTIMIZER, INPUT, GRADIENTS, WEIGHT_COPIES, SAVED, TEMPORARY)
