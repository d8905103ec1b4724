"""What the optimizers page draws and says."""
