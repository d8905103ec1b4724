"""What the initialization page draws and says."""
