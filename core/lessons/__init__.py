"""What the lessons compute before they draw it: numpy arrays and plain numbers out, PyTorch inside."""

import core.optim
