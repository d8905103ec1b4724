"""What came of earlier runs."""
