"""Names inside archives: how they are written, and which paths they are."""
