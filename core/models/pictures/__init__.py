"""Networks whose output is a picture."""
