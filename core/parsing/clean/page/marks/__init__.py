"""What stands before, behind or around each line of code, taken off."""
