"""What the initialization page computes."""
