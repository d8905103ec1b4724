"""Networks whose output is an image."""
